/** The moment by which retention counts: the database's, where nothing contradicts it. */
import { sql } from 'kysely';
import { DESFASE_MAXIMO_MS } from '../../../nucleo/plazos.ts';
import type { Db } from '../filas/esquema.ts';

export interface HoraDeLaBase {
  /** By the database. */
  ahora: Date;
  /** The audit log or the register holds what was written later than that: this clock was put back, or another one is wrong. */
  hayPosterior: boolean;
}

export async function leerHora(db: Db): Promise<HoraDeLaBase> {
  const margen = sql`(clock_timestamp() + ${`${DESFASE_MAXIMO_MS} milliseconds`}::interval)`;
  const { rows } = await sql<{ ahora: Date; posterior: boolean }>`select clock_timestamp() as ahora,
      exists (select 1 from bitacora where registrada_en > ${margen})
        or exists (select 1 from solicitudes where fecha_fin > ${margen}) as posterior`.execute(db);
  const [{ ahora, posterior }] = rows as [{ ahora: Date; posterior: boolean }];
  return { ahora, hayPosterior: posterior };
}

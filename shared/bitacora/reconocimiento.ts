/** A person says, in the log, that an epoch which a contradiction opened was looked into, and why it was opened. */
import type { Claves } from '../runtime/claves.ts';
import { anotarEntrada, COLUMNAS_DE_HOJA, REGISTRADA } from './entrada.ts';
import type { BaseDeBitacora, TransaccionDeBitacora } from './esquema.ts';
import { origenDe } from './punto-de-control.ts';
import { bloquear, DOMINIO_BITACORA, type Dependencias } from './secuenciador.ts';
import { esDelServicio } from './verificacion-de-datos.ts';

const EPOCA_RECONOCIDA = 'EPOCA_RECONOCIDA';

/** @returns false where there is no such epoch, or it is acknowledged already */
export function reconocerEpoca(
  { db, claves, firmante }: Dependencias,
  epoca: number,
  motivo: string,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    await bloquear(tx);
    const codigo = origenDe(firmante.nombre, epoca);
    const existe = await tx
      .selectFrom('bitacora_epocas')
      .select('epoca')
      .where('epoca', '=', epoca)
      .executeTakeFirst();
    if (!existe || (await estaReconocida(tx, claves, codigo))) return false;
    await anotarEntrada(tx, claves, {
      dominio: DOMINIO_BITACORA,
      codigo,
      generacion: null,
      runId: null,
      evento: EPOCA_RECONOCIDA,
      contenido: { epoca, motivo },
    });
    return true;
  });
}

/** @param codigo of the entry that opened the epoch */
export async function estaReconocida(
  db: BaseDeBitacora | TransaccionDeBitacora,
  claves: Claves | null,
  codigo: string,
): Promise<boolean> {
  const filas = await db
    .selectFrom('bitacora')
    .select([...COLUMNAS_DE_HOJA, REGISTRADA, 'indice', 'sello'])
    .where('codigo', '=', codigo)
    .where('evento', '=', EPOCA_RECONOCIDA)
    .execute();
  return filas.some((fila) => esDelServicio(claves, fila));
}

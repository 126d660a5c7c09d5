/** A person says, in the log, that an epoch which a contradiction opened was looked into, and why it was opened. */
import type { Claves } from '../../runtime/claves/claves.ts';
import { anotarEntrada, COLUMNAS_DE_HOJA, REGISTRADA } from '../entrada.ts';
import type { BaseDeBitacora, TransaccionDeBitacora } from '../esquema.ts';
import { origenDe } from '../punto-de-control/punto-de-control.ts';
import {
  bloquear,
  DOMINIO_BITACORA,
  EPOCA_ABIERTA,
  ordenadaPor,
  type DependenciasDeSecuencia,
} from './secuenciador.ts';
import { esDelServicio } from '../verificacion/verificacion-de-datos.ts';

const EPOCA_RECONOCIDA = 'EPOCA_RECONOCIDA';

/** The message says why, to whoever ordered it. */
export class ReconocimientoNegado extends Error {
  constructor(motivo: string) {
    super(motivo);
    this.name = 'ReconocimientoNegado';
  }
}

/** @throws ReconocimientoNegado where nothing is to be acknowledged */
export function reconocerEpoca(
  { db, claves, firmante }: DependenciasDeSecuencia,
  epoca: number,
  { motivo, quien }: { motivo: string; quien?: string | undefined },
): Promise<void> {
  return db.transaction().execute(async (tx) => {
    await bloquear(tx);
    const apertura = await tx
      .selectFrom('bitacora')
      .select('contenido')
      .where('epoca', '=', epoca)
      .where('indice', '=', 0)
      .where('evento', '=', EPOCA_ABIERTA)
      .executeTakeFirst();
    if (!apertura) throw new ReconocimientoNegado(`La época ${epoca} no existe: no se anotó nada.`);
    const { causa } = (apertura.contenido as { causa?: unknown } | null) ?? {};
    if (causa !== 'CONTRADICCION')
      throw new ReconocimientoNegado(
        `La época ${epoca} no la abrió la contradicción de un testigo, sino ${causa === 'INICIO' ? 'el primer arranque' : 'la orden de una persona'}: no hay nada que reconocer, y no se anotó nada.`,
      );
    const codigo = origenDe(firmante.nombre, epoca);
    if (await estaReconocida(tx, claves, codigo))
      throw new ReconocimientoNegado(`La época ${epoca} ya estaba reconocida: no se anotó nada.`);
    await anotarEntrada(tx, claves, {
      dominio: DOMINIO_BITACORA,
      codigo,
      generacion: null,
      runId: null,
      evento: EPOCA_RECONOCIDA,
      contenido: { epoca, motivo },
      ...ordenadaPor(quien),
    });
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

/**
 * The turn: which run may act for a codigo. The row names its owner; every write is compare-and-set on it. What is decided
 * by decision.ts is carried out here, in the transaction that read the row.
 */
import type { Claves } from '../../../runtime/claves/claves.ts';
import { interrumpirEmision } from '../filas/desenlace.ts';
import type { Tx } from '../filas/esquema.ts';
import { anotar } from '../filas/anotaciones.ts';
import { actualizarSolicitud } from '../filas/escritura.ts';
import { leerEmision, releerEmision, type EmisionRegistrada } from '../filas/filas.ts';
import { insertarEmision, reabrirEmision } from './apertura.ts';
import { decidirTurno, type DichoPorTemporal } from './decision.ts';
import { filaDelCodigo, pretendidoPorRun, type Pretension } from './pretension.ts';
import { TurnoNegado } from './turno-negado.ts';

/** PREGUNTAR_A_TEMPORAL: `dueno` owned the row; null where there was none. */
export type IntentoDeTurno =
  | { tipo: 'ES_SUYO' | 'ESTA_CERRADA'; emision: EmisionRegistrada }
  | { tipo: 'PREGUNTAR_A_TEMPORAL'; dueno: string | null };

/** @throws TurnoNegado; nothing is written then */
export async function tomarTurno(
  tx: Tx,
  { claves, adaptadorIdempotente }: { claves: Claves; adaptadorIdempotente: boolean },
  pretension: Pretension,
  dicho: DichoPorTemporal,
): Promise<IntentoDeTurno> {
  const { runId, referencia, entrada, pasoAlcanzado = null } = pretension;
  const { codigoSolicitudTramite: codigo } = referencia;
  const emision = await leerEmision(tx, claves.cifrado, codigo, true);
  const decision = decidirTurno(
    emision && filaDelCodigo(emision),
    pretendidoPorRun(emision, pretension),
    dicho,
    adaptadorIdempotente,
  );
  const tomado = async (): Promise<IntentoDeTurno> => ({
    tipo: 'ES_SUYO',
    emision: await releerEmision(tx, claves.cifrado, codigo),
  });
  switch (decision.tipo) {
    case 'NEGAR':
      throw new TurnoNegado(decision.fallo, decision.motivo);
    case 'PREGUNTAR_A_TEMPORAL':
      return { tipo: decision.tipo, dueno: emision?.runId ?? null };
    case 'ES_SUYO':
    case 'ESTA_CERRADA':
      return { tipo: decision.tipo, emision: existente(emision) };
    case 'REGISTRAR':
      await insertarEmision(tx, claves, existente(entrada), runId, pasoAlcanzado);
      return tomado();
    case 'TRASPASAR':
      await traspasarTurno(tx, claves, existente(emision), runId);
      return tomado();
    case 'REABRIR': {
      const abierta = existente(emision);
      if (decision.interrumpeAntes) await interrumpirEmision(tx, claves, abierta);
      const fallida = await releerEmision(tx, claves.cifrado, codigo);
      await reabrirEmision(tx, claves, fallida, entrada, runId, pasoAlcanzado);
      return tomado();
    }
  }
}

/** What a decision presumes. */
function existente<T>(valor: T | null): T {
  if (valor === null) throw new Error('the turn was decided on what is not there');
  return valor;
}

/** The open run takes the place of a run that closed without an outcome (reset, terminate): its work goes on. */
async function traspasarTurno(
  tx: Tx,
  claves: Claves,
  emision: EmisionRegistrada,
  runId: string,
): Promise<void> {
  await actualizarSolicitud(tx, emision.codigo, { run_id: runId });
  await anotar(tx, claves, {
    codigo: emision.codigo,
    generacion: emision.generacion,
    runId,
    evento: 'TURNO_TRASPASADO',
    contenido: { runAnterior: emision.runId },
  });
}

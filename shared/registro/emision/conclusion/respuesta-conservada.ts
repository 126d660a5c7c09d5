/**
 * What the PKI answered, written by the activity that received it in the transaction that clears its marks, before
 * Temporal is told. It is a fact about the PKI, kept whoever brings it and whatever became of its run meanwhile; it
 * changes nobody's turn.
 */
import type { ReferenciaEmision, RespuestaPaso1, RespuestaPaso2 } from '../../../emision/contrato.ts';
import { aclara } from '../../../emision/respuestas-pki.ts';
import type { Claves } from '../../../runtime/claves/claves.ts';
import { anotar } from '../filas/anotaciones.ts';
import { completarPaso1 } from '../filas/desenlace.ts';
import { aclararEnvio } from '../turno/envios.ts';
import { marcasTrasRespuesta } from '../turno/marcas.ts';
import { leerEmision, type EmisionRegistrada } from '../filas/filas.ts';
import { anotarSeries } from '../filas/por-revocar.ts';
import { guardarRespuesta, seriesDeRespuesta } from '../filas/respuestas-guardadas.ts';
import type { Tx } from '../filas/esquema.ts';

/**
 * The first answer is the step's result. One that comes when the issuance is closed is not kept: its next run gets it
 * again.
 */
export async function conservarRespuestaDePaso1(
  tx: Tx,
  claves: Claves,
  referencia: ReferenciaEmision,
  respuesta: RespuestaPaso1,
): Promise<void> {
  const emision = await leerEmision(tx, claves.cifrado, referencia.codigoSolicitudTramite, true);
  if (emision?.estado !== 'EN_PROCESO' || !esDeEstaEmision(emision, referencia)) return;
  if (emision.pasos[1].estado !== 'COMPLETADO') await completarPaso1(tx, claves, emision, respuesta);
}

/** This run or the next compares it; where its generation was given up, the to-revoke list names its serials. */
export async function conservarRespuestaDePaso2(
  tx: Tx,
  { claves, adaptadorIdempotente }: { claves: Claves; adaptadorIdempotente: boolean },
  referencia: ReferenciaEmision,
  runId: string,
  respuesta: RespuestaPaso2,
): Promise<void> {
  const { codigoSolicitudTramite: codigo, generacion } = referencia;
  const emision = await leerEmision(tx, claves.cifrado, codigo, true);
  if (!emision) return;
  const descartada = estaDescartada(emision, generacion);
  // An answer to another request is of no use to the next run.
  if (!descartada && (emision.estado === 'COMPLETADO' || !esDeEstaEmision(emision, referencia))) return;
  const guardada = await guardarRespuesta(tx, claves, { codigo, generacion }, respuesta);
  const seGuardo = guardada === 'FALTABA' || guardada === 'SUSTITUYE';
  if (descartada && seGuardo) await anotarSeries(tx, codigo, generacion, respuesta);
  // Another set than the one that is kept tells nothing of the sends that brought that one.
  if (!descartada && aclara(respuesta) && guardada !== 'ES_OTRA')
    await aclararEnvio(tx, claves, referencia, runId, 2, (marcas) =>
      marcasTrasRespuesta(marcas, runId, adaptadorIdempotente),
    );
  const esDeSuRun = emision.estado === 'EN_PROCESO' && emision.runId === runId;
  if (guardada === 'FALTABA' ? descartada || !esDeSuRun : guardada !== 'YA_ESTABA')
    await anotar(tx, claves, {
      codigo,
      generacion,
      runId,
      evento: 'RESPUESTA_TARDIA',
      contenido: {
        descartada,
        ...(guardada === 'SUSTITUYE' && { sustituye: true }),
        // The PKI issued twice under one key: only the log names the serials of the second set.
        ...(guardada === 'ES_OTRA' && { seriesDeOtra: seriesDeRespuesta(respuesta) }),
      },
    });
}

function esDeEstaEmision(
  emision: EmisionRegistrada,
  { generacion, huellaSolicitud }: ReferenciaEmision,
): boolean {
  return generacion === emision.generacion && huellaSolicitud === emision.huellaSolicitud;
}

function estaDescartada(emision: EmisionRegistrada, generacion: number): boolean {
  if (generacion < emision.generacion) return true;
  return generacion === emision.generacion && emision.resolucion === 'EMITIDO_DESCARTADO';
}

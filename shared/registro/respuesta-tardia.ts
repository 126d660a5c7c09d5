/**
 * What the PKI answered in step 2 to a run that may not go on: a fact about the PKI, kept whoever brings it. It changes
 * nobody's turn: the next run compares it, or, where its generation was given up, the to-revoke list names its serials.
 */
import type { Transaction } from 'kysely';
import type { RespuestaPaso2 } from '../emision/contrato.ts';
import type { Claves } from '../runtime/claves.ts';
import { anotar } from './bitacora.ts';
import { aclararEnvio } from './envios.ts';
import type { Esquema } from './esquema.ts';
import { leerEmision, type EmisionRegistrada } from './filas.ts';
import { anotarSeries } from './por-revocar.ts';
import type { Pretension } from './propiedad.ts';
import { guardarSiFaltan } from './recibidos.ts';

export async function conservarRespuesta(
  tx: Transaction<Esquema>,
  claves: Claves,
  { runId, referencia }: Pretension,
  respuesta: RespuestaPaso2,
): Promise<void> {
  const { codigoSolicitudTramite: codigo, generacion, huellaSolicitud } = referencia;
  const emision = await leerEmision(tx, claves.cifrado, codigo, true);
  if (!emision) return;
  const descartada = estaDescartada(emision, generacion);
  // A run that goes on asks for itself; an answer to another request is of no use to the next one.
  const espera =
    generacion === emision.generacion &&
    huellaSolicitud === emision.huellaSolicitud &&
    emision.estado === 'FALLIDO';
  if (!descartada && !espera) return;
  if (!(await guardarSiFaltan(tx, claves, { codigo, generacion }, respuesta))) return;
  if (descartada) await anotarSeries(tx, codigo, generacion, respuesta);
  else await aclararEnvio(tx, claves, referencia, runId, 2, true);
  await anotar(tx, claves, {
    codigo,
    generacion,
    runId,
    evento: 'RESPUESTA_TARDIA',
    contenido: { descartada },
  });
}

function estaDescartada(emision: EmisionRegistrada, generacion: number): boolean {
  if (generacion < emision.generacion) return true;
  return generacion === emision.generacion && emision.resolucion === 'EMITIDO_DESCARTADO';
}

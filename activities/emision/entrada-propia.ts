/** What Temporal hands an activity of the issuance, before it is believed: it must be of the run's own codigo. */
import { isDeepStrictEqual } from 'node:util';
import { Context } from '@temporalio/activity';
import type { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import {
  codigoDe,
  type EntradaDeRun,
  type Paso,
  type Procedencia,
  type ReferenciaEmision,
  type RespuestaConProcedencia,
} from '../../shared/emision/contrato.ts';
import { FALLOS } from '../../shared/emision/fallos.ts';
import { huellasDe } from '../../shared/emision/misma-solicitud.ts';
import { RESPUESTAS_PKI, type RespuestaDe } from '../../shared/emision/respuestas-pki.ts';
import { claveDeIdempotencia, type RespuestaTraida } from '../../shared/registro/emision/registro.ts';
import type { Huella } from '../../shared/runtime/claves/cifrado.ts';
import { actividadAjena } from '../ejecuciones/actividades-ajenas.ts';

/** Only what makes it an input at all: the API checked what it accepted, and limits that came later do not apply. */
const entradaDeRun = z.looseObject({
  solicitud: z.looseObject({
    solicitud: z.looseObject({
      codigoSolicitudTramite: z.string(),
      tipoDocumento: z.string(),
      numeroDocumento: z.string(),
    }),
    ciudadano: z.looseObject({ nombres: z.string() }),
    configuracionCertificados: z.looseObject({ tipoCertificados: z.array(z.string()).min(1) }),
    metadatos: z.looseObject({}),
  }),
  contexto: z.looseObject({ requestId: z.string(), oficinaEjecucion: z.string() }),
  generacion: z.int().min(1),
  aceptadaEn: z.iso.datetime(),
  inicio: z.iso.datetime(),
});

/**
 * The keyed hashes are those of the body that was opened, whatever the input says of them.
 * @throws ApplicationFailure EJECUCION_AJENA where the body is of another codigo than the run's id, or none at all
 */
export function entradaPropia(entrada: EntradaDeRun, huella: Huella): EntradaDeRun {
  if (!entradaDeRun.safeParse(entrada).success) throw ajena();
  exigirSuCodigo(entrada.solicitud.solicitud.codigoSolicitudTramite);
  return { ...entrada, ...huellasDe(huella, entrada.solicitud) };
}

/** @throws ApplicationFailure EJECUCION_AJENA */
export function referenciaPropia(referencia: ReferenciaEmision): ReferenciaEmision {
  exigirSuCodigo(referencia.codigoSolicitudTramite);
  return referencia;
}

function exigirSuCodigo(codigo: string): void {
  const { workflowExecution } = Context.current().info;
  if (codigoDe(workflowExecution?.workflowId ?? '') !== codigo) throw ajena();
}

function ajena(): ApplicationFailure {
  return actividadAjena(FALLOS.EJECUCION_AJENA.titulo);
}

/** How an answer names the work that it is of. */
export function procedenciaDe(
  { codigoSolicitudTramite, generacion }: ReferenciaEmision,
  paso: Paso,
): Procedencia {
  const clave = claveDeIdempotencia(codigoSolicitudTramite, paso, generacion);
  return { codigoSolicitudTramite, generacion, paso, clave };
}

/**
 * What the run brings of a step, where it is an answer at all: somebody else may have completed the activity with
 * anything that was sealed for it.
 * @returns null where it is none, or says that it is of other work; one of an earlier version does not say
 */
export function respuestaPropia<P extends Paso>(
  respondida: RespuestaConProcedencia<RespuestaDe<P>> | null,
  referencia: ReferenciaEmision,
  paso: P,
): RespuestaTraida<RespuestaDe<P>> | null {
  const esquema: z.ZodType = RESPUESTAS_PKI[paso];
  const leida = esquema.safeParse(respondida);
  if (!leida.success) return null;
  const respuesta = leida.data as RespuestaDe<P>;
  const procedencia = respondida?.procedencia;
  if (!procedencia) return { respuesta, esDeEsteTrabajo: false };
  const esDeEsteTrabajo = isDeepStrictEqual(procedencia, procedenciaDe(referencia, paso));
  return esDeEsteTrabajo ? { respuesta, esDeEsteTrabajo } : null;
}

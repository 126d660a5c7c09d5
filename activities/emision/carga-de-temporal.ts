/** What Temporal hands an activity of the issuance, before it is believed: it must be of the run's own codigo. */
import { isDeepStrictEqual } from 'node:util';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import {
  codigoDe,
  type EntradaDeRun,
  type Paso,
  type Procedencia,
  type ReferenciaEmision,
  type Respondida,
} from '../../shared/emision/contrato.ts';
import { FALLOS } from '../../shared/emision/fallos.ts';
import { huellasDe } from '../../shared/emision/misma-solicitud.ts';
import { claveDeIdempotencia } from '../../shared/registro/registro.ts';
import type { Huella } from '../../shared/runtime/cifrado.ts';

/** No more than what makes it an input at all: what the API accepted it checked, and later limits are not for it. */
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
  return ApplicationFailure.create({
    type: 'EJECUCION_AJENA',
    message: FALLOS.EJECUCION_AJENA.titulo,
    nonRetryable: true,
  });
}

/** How an answer names the work that it is of. */
export function procedenciaDe(
  { codigoSolicitudTramite, generacion }: ReferenciaEmision,
  paso: Paso,
): Procedencia {
  const clave = claveDeIdempotencia(codigoSolicitudTramite, paso, generacion);
  return { codigoSolicitudTramite, generacion, paso, clave };
}

/** @returns null where it says that it is of other work; one of an earlier version does not say, and `esDeEsteTrabajo` is false */
export function respuestaPropia<R extends object>(
  respondida: Respondida<R> | null,
  referencia: ReferenciaEmision,
  paso: Paso,
): { respuesta: R; esDeEsteTrabajo: boolean } | null {
  if (!respondida) return null;
  const { procedencia, ...respuesta } = respondida;
  if (!procedencia) return { respuesta: respuesta as unknown as R, esDeEsteTrabajo: false };
  const esDeEsteTrabajo = isDeepStrictEqual(procedencia, procedenciaDe(referencia, paso));
  return esDeEsteTrabajo ? { respuesta: respuesta as unknown as R, esDeEsteTrabajo } : null;
}

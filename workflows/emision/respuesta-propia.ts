/** Tells what of a run is this service's own: the run itself, and the answers that Temporal brings to its steps (ADR 44). */
import { ApplicationFailure } from '@temporalio/common';
import { CancellationScope, isCancellation, sleep, workflowInfo } from '@temporalio/workflow';
import {
  workflowId,
  type EntradaEmision,
  type PlazosPki,
  type SinRespuesta,
} from '../../shared/emision/contrato.ts';
import { FALLOS } from '../../shared/emision/fallos.ts';
import { RESULTADOS_AJENOS_MAX } from '../../shared/emision/plazos.ts';
import { falloAjeno } from '../ejecuciones/ajeno.ts';
import { causaDe } from './fallo-de-actividad.ts';

/** Failures by which somebody else ended a step: what it left at the PKI is not known here, but the register may know it. */
const AJENOS: readonly unknown[] = ['FALLO_AJENO', 'RESULTADO_AJENO'];

/** The step's answer; null where Temporal brings something else: the register holds what the PKI answered. */
export async function nullSiEsAjena<R>(respuesta: Promise<R>): Promise<R | null> {
  return respuesta.catch((error: unknown) => {
    if (esAjeno(error)) return null;
    throw error;
  });
}

/**
 * Whether Temporal brought, as the end of an activity, what this service did not seal for it; or a cancel that nobody
 * asked the run for.
 */
function esAjeno(error: unknown): boolean {
  const causa = causaDe(error);
  if (causa instanceof ApplicationFailure) return AJENOS.includes(causa.type);
  return isCancellation(error) && !CancellationScope.current().consideredCancelled;
}

/**
 * Asks again where Temporal brought nothing that is ours and the register holds no answer, under the same key. The call
 * that somebody cut off may still be under way: its own activity records what it brings.
 */
export async function pedirHastaUnaRespuesta<T extends { tipo: string }>(
  { intentoMs }: PlazosPki,
  preguntar: (esPrimera: boolean) => Promise<T | SinRespuesta>,
): Promise<T> {
  for (let vez = 1; ; vez++) {
    const respuesta = await preguntar(vez === 1);
    if (!esSinRespuesta(respuesta)) return respuesta;
    if (vez === RESULTADOS_AJENOS_MAX)
      throw ApplicationFailure.create({
        type: 'RESULTADO_AJENO',
        message: FALLOS.RESULTADO_AJENO.titulo,
        details: [
          [
            'Alguien que alcanza Temporal cerró el paso en lugar del worker, una y otra vez: avise a operaciones.',
          ],
        ],
        nonRetryable: true,
      });
    await sleep(intentoMs);
  }
}

function esSinRespuesta(respuesta: { tipo: string }): respuesta is SinRespuesta {
  return respuesta.tipo === 'SIN_RESPUESTA';
}

/** A run under another's id, or with no input at all, is none of this service's. */
export function exigirEntradaPropia(pedida: Partial<Pick<EntradaEmision, 'solicitud'>> | undefined): void {
  const { codigoSolicitudTramite } = pedida?.solicitud?.solicitud ?? {};
  if (
    codigoSolicitudTramite !== undefined &&
    workflowId(codigoSolicitudTramite) === workflowInfo().workflowId
  )
    return;
  throw falloAjeno('EJECUCION_AJENA', FALLOS.EJECUCION_AJENA.titulo);
}

/**
 * Rounds in which somebody who reaches Temporal, and holds no key, ends activities instead of the worker or starts runs:
 * what he says is believed by nobody.
 */
import { randomUUID } from 'node:crypto';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { COLA_EMISION, WORKFLOW_EMISION } from '../../../shared/emision/contrato.ts';
import { PUNTOS, pudoEnviarPaso2 } from '../puntos.ts';
import { abrirTodas, acusar, despertarATodos, type Ronda } from './ronda.ts';
import type { Sistema } from '../sistema.ts';

type Acto = (sistema: Sistema, codigo: string) => Promise<unknown>;

const NAMESPACE = 'default';

/** An activity is under way. */
const EN_ACTIVIDAD = PUNTOS.filter((punto) => /^(durante|hecho)-[12]$/.test(punto));

const ACTOS: Record<string, Acto> = {
  'forged completion in clear': (sistema, codigo) =>
    completar(sistema, codigo, enClaro({ certificados: [] })),
  'forged completion as a text for operators': (sistema, codigo) =>
    completar(sistema, codigo, enClaro('▸ Paso 1')),
  'replayed completion': async (sistema, codigo) => {
    // Sealed by us, for the same activity, as something else.
    const { events } = await sistema.stack.workflow(codigo).fetchHistory();
    const pedida = events?.findLast(({ activityTaskScheduledEventAttributes: una }) => una);
    return completar(sistema, codigo, pedida?.activityTaskScheduledEventAttributes?.input?.payloads ?? []);
  },
  'forged failure in clear': async (sistema, codigo) =>
    sistema.stack.client.workflowService.respondActivityTaskFailedById({
      ...(await actividadDe(sistema, codigo)),
      failure: {
        message: 'falso',
        applicationFailureInfo: { type: 'CIUDADANO_NO_ENCONTRADO', nonRetryable: true },
      },
    }),
  'forged beat': async (sistema, codigo) =>
    sistema.stack.client.workflowService.recordActivityTaskHeartbeatById({
      ...(await actividadDe(sistema, codigo)),
      details: { payloads: enClaro({ gastados: 0, envioSinAclarar: false }) },
    }),
  'forged start of its rival': ({ stack }, codigo) =>
    stack.client.workflowService.startWorkflowExecution({
      namespace: NAMESPACE,
      workflowId: `emision/${codigo}-FALSA`,
      workflowType: { name: WORKFLOW_EMISION },
      taskQueue: { name: COLA_EMISION },
      input: {
        payloads: enClaro({ solicitud: { solicitud: { codigoSolicitudTramite: `${codigo}-FALSA` } } }),
      },
      requestId: randomUUID(),
    }),
};

export function rondasDeFalsario(idempotente: boolean): Ronda[] {
  return Object.entries(ACTOS).map(([nombre, acto]) => ({
    nombre,
    puntos: EN_ACTIVIDAD,
    conRivales: true,
    async acto(sistema, casos) {
      for (const caso of casos) {
        sistema.cuenta.actos += 1;
        await acto(sistema, caso.codigo).catch((error: unknown) => {
          acusar(caso, `${nombre} was refused: ${error instanceof Error ? error.message : String(error)}`);
        });
      }
      despertarATodos(sistema, casos);
      await abrirTodas(sistema, casos);
    },
    // What an adapter does not repeat may end uncertain: the answer of the call that was cut off comes too late for its run.
    finales: (punto) => (!idempotente && pudoEnviarPaso2(punto) ? ['FALLIDO', 'COMPLETADO'] : ['COMPLETADO']),
  }));
}

async function completar(sistema: Sistema, codigo: string, payloads: Payload[]): Promise<unknown> {
  return sistema.stack.client.workflowService.respondActivityTaskCompletedById({
    ...(await actividadDe(sistema, codigo)),
    result: { payloads },
  });
}

async function actividadDe({ stack }: Sistema, codigo: string) {
  const { workflowId } = stack.workflow(codigo);
  const { pendingActivities } = (await stack.workflow(codigo).describe()).raw;
  return { namespace: NAMESPACE, workflowId, activityId: pendingActivities?.[0]?.activityId ?? '' };
}

function enClaro(valor: unknown): Payload[] {
  return [defaultPayloadConverter.toPayload(valor)];
}

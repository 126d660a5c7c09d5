/** What an operator may do to a run in Temporal's UI, done by the server's own API at each point of an issuance. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { PUNTOS, pudoEnviarPaso2, haAcabado, type Punto } from '../puntos.ts';
import { abrirTodas, acusar, despertarATodos, type Caso, type Ronda } from './ronda.ts';
import type { Sistema } from '../sistema.ts';

/** @returns what undoes it, for what goes on later. @throws where the run admits no such act */
type Acto = (sistema: Sistema, codigo: string) => Promise<(() => Promise<unknown>) | null>;

export const ACTOS = {
  terminate: ({ stack }, codigo) =>
    stack
      .workflow(codigo)
      .terminate('caos')
      .then(() => null),
  cancel: ({ stack }, codigo) =>
    stack
      .workflow(codigo)
      .cancel()
      .then(() => null),
  'reset to the start': (sistema, codigo) => reiniciar(sistema, codigo, null),
  'reset to after step 1': (sistema, codigo) => reiniciar(sistema, codigo, 'generarNumerosSolicitud'),
  'pause of the workflow': async ({ stack }, codigo) => {
    const orden = () => ({
      namespace: 'default',
      workflowId: stack.workflow(codigo).workflowId,
      identity: 'operador',
      reason: 'caos',
      requestId: randomUUID(),
    });
    await stack.client.workflowService.pauseWorkflowExecution(orden());
    return () => stack.client.workflowService.unpauseWorkflowExecution(orden());
  },
  'pause of the activity': async ({ stack }, codigo) => {
    const { pendingActivities } = (await stack.workflow(codigo).describe()).raw;
    const actividad = {
      namespace: 'default',
      execution: { workflowId: stack.workflow(codigo).workflowId },
      type: pendingActivities?.[0]?.activityType?.name ?? null,
      identity: 'operador',
    };
    await stack.client.workflowService.pauseActivity(actividad);
    return () => stack.client.workflowService.unpauseActivity(actividad);
  },
} as const satisfies Record<string, Acto>;
export type NombreDeActo = keyof typeof ACTOS;

/** @param tras runs again from the first workflow task after this activity; null: from the first of all */
async function reiniciar({ stack }: Sistema, codigo: string, tras: string | null): Promise<null> {
  const { workflowId } = stack.workflow(codigo);
  const { events } = await stack.workflow(codigo).fetchHistory();
  const lista = events ?? [];
  const programada = lista.find(
    ({ activityTaskScheduledEventAttributes: de }) => tras !== null && de?.activityType?.name === tras,
  );
  const hecha = lista.findIndex(
    ({ activityTaskCompletedEventAttributes: de }) =>
      de != null && String(de.scheduledEventId) === String(programada?.eventId),
  );
  const tarea = lista
    .slice(tras === null ? 0 : hecha)
    .find(({ workflowTaskCompletedEventAttributes: de }) => de != null);
  // Before its first task is done a run has nothing to be reset to.
  if (!tarea || (tras !== null && hecha < 0)) throw new Error('the run has not come so far');
  await stack.client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId },
    reason: 'caos',
    workflowTaskFinishEventId: tarea.eventId ?? null,
    requestId: randomUUID(),
  });
  return null;
}

/** Where the act has something to act on. A run's first workflow task ends with its first activity that is not local. */
const PUNTOS_DE: Record<NombreDeActo, readonly Punto[]> = (() => {
  const conRun = PUNTOS.filter((punto) => punto !== 'antes-del-arranque' && punto !== 'tras-el-desenlace');
  const abiertos = conRun.filter((punto) => !haAcabado(punto));
  const trasLaPrimeraTarea = conRun.filter(
    (punto) => PUNTOS.indexOf(punto) >= PUNTOS.indexOf('antes-de-enviar-1'),
  );
  const enActividad = abiertos.filter((punto) => /-[12]$/.test(punto));
  return {
    terminate: abiertos,
    cancel: abiertos,
    'reset to the start': trasLaPrimeraTarea,
    'reset to after step 1': conRun.filter(
      (punto) => PUNTOS.indexOf(punto) >= PUNTOS.indexOf('antes-de-enviar-2'),
    ),
    'pause of the workflow': abiertos,
    'pause of the activity': enActividad,
  };
})();

export function rondaDeOperador(acto: NombreDeActo, idempotente: boolean): Ronda {
  const cierra = acto === 'terminate' || acto === 'cancel';
  return {
    nombre: acto,
    puntos: PUNTOS_DE[acto],
    forzada: true,
    async acto(sistema, casos) {
      const seguir = [];
      for (const caso of casos) seguir.push(await actuar(sistema, acto, caso));
      despertarATodos(sistema, casos);
      if (acto.startsWith('reset'))
        await Promise.all(casos.map((caso) => hastaQueLaNuevaLlegue(sistema, caso)));
      await abrirTodas(sistema, casos);
      // What was under way ends in the pause.
      if (acto.startsWith('pause')) await pause(PAUSA_MS);
      // An attempt that was under way may have ended what was paused.
      for (const orden of seguir) await orden?.().catch(() => undefined);
    },
    // What ends a run may come a moment too late for its outcome.
    finales: (punto) =>
      cierra || (!idempotente && pudoEnviarPaso2(punto)) ? ['FALLIDO', 'COMPLETADO'] : ['COMPLETADO'],
  };
}

const PAUSA_MS = 2_000;

/**
 * The run that a reset began comes to its send while the first call is held: it sends again, or is refused and ends. Else it
 * would find the answer kept, and its turn would not be tried.
 */
async function hastaQueLaNuevaLlegue({ stack }: Sistema, { codigo, punto }: Caso): Promise<void> {
  const [, paso] = /^(?:durante|hecho)-([12])$/.exec(punto) ?? [];
  if (paso === undefined) return;
  const llego = async () => {
    const { llamadas } = await stack.emisiones(codigo);
    if (llamadas[paso === '1' ? 'paso1' : 'paso2'] > 1) return true;
    return (await stack.workflow(codigo).describe()).status.name !== 'RUNNING';
  };
  await stack.hasta(`the run that the reset of ${codigo} began`, llego);
}

async function actuar(sistema: Sistema, acto: NombreDeActo, caso: Caso) {
  sistema.cuenta.actos += 1;
  try {
    return await ACTOS[acto](sistema, caso.codigo);
  } catch (error) {
    acusar(caso, `${acto} was refused: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

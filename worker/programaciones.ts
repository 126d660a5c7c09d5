/** The Schedules of the domains: made, or brought up to date, by the workers of the version that is current. */
import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { LLAMADA_TEMPORAL_MS } from '../shared/nucleo/plazos.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { DESPLIEGUE } from './despliegue.ts';

export interface Programacion {
  /** One for all workers. */
  id: string;
  workflow: string;
  cola: string;
  /** What its runs are given: a run without a sealed input is nobody's (ADR 44). */
  orden: object;
  cadaMs: number;
  /** When in the day, by UTC, a daily pass is made. */
  faseMs?: number;
  /** Passes that were missed for no longer than this are made up for, by one. */
  recuperacionMs: number;
  /** For operators; no personal data. */
  resumen: string;
}

/** The least that Temporal takes: a missed pass is not made up for, where the next one sees all that it would have seen. */
export const RECUPERACION_MINIMA_MS = 10_000;

/** The version that Temporal gives new runs to. */
interface VersionActual {
  version: string | null;
  /** Since when: another after another version was current in between, whether anybody saw that or not. */
  desde: string;
}

/** Where workers have none. */
const SIN_VERSIONES: VersionActual = { version: null, desde: '' };

/** So often a worker asks whether its version has become the current one. */
const ENTRE_PREGUNTAS_MS = 60_000;

/**
 * Keeps the Schedules as this version has them, as long as it is the one that Temporal gives new runs to: the step of a
 * release that makes it so changes them, not the worker that happens to start last.
 * @param version null: all workers are of the same one
 */
export function mantenerProgramaciones(
  client: Client,
  programaciones: readonly Programacion[],
  version: string | null,
  logger: Logger,
  { leerVersionActual = leerVersionActualEn(client), entrePreguntasMs = ENTRE_PREGUNTAS_MS } = {},
): { primera: Promise<void>; detener(): Promise<void> } {
  /** For which time of being the current one they were made as this version has them. */
  let hechasPara: string | null = null;
  let enCurso = Promise.resolve();
  const revisar = async () => {
    try {
      const actual = version === null ? SIN_VERSIONES : await leerVersionActual();
      if (actual.version !== version || actual.desde === hechasPara) return;
      // What could not be made now is tried again at the next look.
      if (await asegurarProgramaciones(client, programaciones, logger)) hechasPara = actual.desde;
    } catch (err) {
      logger.warn(
        { err },
        'it is not known whether this version is the current one: the Schedules stay as they are',
      );
    }
  };
  // One after the other: a slow one must not undo what a later one did.
  const siguiente = () => (enCurso = enCurso.then(revisar));
  const temporizador = setInterval(() => void siguiente(), entrePreguntasMs).unref();
  return {
    primera: siguiente(),
    async detener() {
      clearInterval(temporizador);
      await enCurso;
    },
  };
}

function leerVersionActualEn(client: Client): () => Promise<VersionActual> {
  return async () => {
    const { workerDeploymentInfo } = await client.withDeadline(Date.now() + LLAMADA_TEMPORAL_MS, () =>
      client.workflowService.describeWorkerDeployment({
        namespace: client.options.namespace,
        deploymentName: DESPLIEGUE,
      }),
    );
    const { currentDeploymentVersion, currentVersionChangedTime: desde } =
      workerDeploymentInfo?.routingConfig ?? {};
    return {
      version: currentDeploymentVersion?.buildId ?? null,
      desde: `${String(desde?.seconds ?? '')}.${desde?.nanos ?? ''}`,
    };
  };
}

/** What a client waits for does not depend on a Schedule that cannot be made now. @returns whether all were made */
export async function asegurarProgramaciones(
  client: Client,
  programaciones: readonly Programacion[],
  logger: Logger,
): Promise<boolean> {
  let todas = true;
  for (const programacion of programaciones) {
    try {
      await client.withDeadline(Date.now() + LLAMADA_TEMPORAL_MS, () => asegurar(client, programacion));
    } catch (err) {
      todas = false;
      logger.warn({ err, programacion: programacion.id }, 'the Schedule could not be made or updated');
    }
  }
  return todas;
}

async function asegurar(
  { schedule }: Client,
  { id, workflow, cola, orden, cadaMs, faseMs = 0, recuperacionMs, resumen }: Programacion,
): Promise<void> {
  const definicion = {
    spec: { intervals: [{ every: cadaMs, offset: faseMs }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: recuperacionMs },
    action: {
      type: 'startWorkflow' as const,
      workflowType: workflow,
      workflowId: id,
      taskQueue: cola,
      args: [orden],
      // Tells under which key the run began (shared/motor/claves-en-temporal.ts).
      memo: { programacion: id },
      staticSummary: resumen,
    },
  };
  try {
    await schedule.create({ scheduleId: id, ...definicion });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    // An operator's pause, and why, stay.
    await schedule.getHandle(id).update(({ state }) => ({ ...definicion, state }));
  }
}

/** The Schedules of the domains: made, or brought up to date, at a worker's start. */
import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { LLAMADA_TEMPORAL_MS } from '../shared/nucleo/plazos.ts';
import type { Logger } from '../shared/runtime/logger.ts';

export interface Programacion {
  /** One for all workers. */
  id: string;
  workflow: string;
  cola: string;
  /** What its runs are given: a run without a sealed input is nobody's (ADR 44). */
  orden: object;
  cadaMs: number;
  /** Passes that were missed for no longer than this are made up for, by one. */
  recuperacionMs: number;
  /** For operators; no personal data. */
  resumen: string;
}

/** The least that Temporal takes: a missed pass is not made up for, where the next one sees all that it would have seen. */
export const RECUPERACION_MINIMA_MS = 10_000;

/** A Schedule that cannot be made now is made by the next start: what a client waits for does not depend on it. */
export async function asegurarProgramaciones(
  client: Client,
  programaciones: readonly Programacion[],
  logger: Logger,
): Promise<void> {
  for (const programacion of programaciones) {
    try {
      await client.withDeadline(Date.now() + LLAMADA_TEMPORAL_MS, () => asegurar(client, programacion));
    } catch (err) {
      logger.warn({ err, programacion: programacion.id }, 'the Schedule could not be made or updated');
    }
  }
}

async function asegurar(
  { schedule }: Client,
  { id, workflow, cola, orden, cadaMs, recuperacionMs, resumen }: Programacion,
): Promise<void> {
  const definicion = {
    spec: { intervals: [{ every: cadaMs }] },
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

/** What an attempt of maintenance leaves in its heartbeats for the attempt that comes after it. */
import type { Context } from '@temporalio/activity';

/** A seal binds a beat to a workflow id, under which other runs had other activities: each beat names its own. */
interface Latido {
  runId: string | undefined;
  de: string;
  avance: unknown;
}

export function latir(contexto: Pick<Context, 'info' | 'heartbeat'>, avance: unknown): void {
  const { workflowExecution, activityType } = contexto.info;
  contexto.heartbeat({ runId: workflowExecution?.runId, de: activityType, avance } satisfies Latido);
}

/** @returns undefined where there was none, or none of this activity in this run: it then begins from the start */
export function avanceAnterior({ info }: Pick<Context, 'info'>): unknown {
  const latido = info.heartbeatDetails as Partial<Latido> | null | undefined;
  const esSuyo = latido?.runId === info.workflowExecution?.runId && latido?.de === info.activityType;
  return esSuyo ? latido.avance : undefined;
}

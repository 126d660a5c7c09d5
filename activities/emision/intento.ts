/** One attempt of an activity of the PKI, as Temporal tells of it: its run, its waits, what is left of the retry window. */
import { Context } from '@temporalio/activity';
import { esperaTrasIntentoMs, INTENTOS_POCOS, LATIDO_MS } from '../../shared/emision/plazos.ts';

export interface Ventana {
  /** How long a step is retried, from when it was first scheduled. */
  ventanaReintentoMs: number;
  /** Milliseconds since the epoch. */
  ahora: () => number;
}

export interface Intento {
  runId: string;
  /** The usual wait before the next attempt: it grows with each. */
  esperaMs(): number;
  /** Another attempt after this wait would begin beyond the window. This one may have: the first after an outage does. */
  esElUltimo(esperaMs: number): boolean;
  /** Counts a failure that is worth few tries, over all attempts of the step. @returns whether it was the last of them */
  gastarUnoDePocos(): boolean;
  terminar(): void;
}

/** Beats from now on, until it is ended: an attempt of a worker that dies is given to another one soon (ADR 12). */
export function empezarIntento({ ventanaReintentoMs, ahora }: Ventana): Intento {
  const contexto = Context.current();
  const { attempt, scheduledTimestampMs } = contexto.info;
  // Temporal hands the last beat's details to the next attempt, also where the attempt failed right after it.
  const anteriores: unknown = contexto.info.heartbeatDetails;
  let gastados = typeof anteriores === 'number' ? anteriores : 0;
  const latir = () => {
    contexto.heartbeat(gastados);
  };
  const latido = setInterval(latir, LATIDO_MS / 3);
  return {
    runId: runDe(contexto),
    esperaMs: () => esperaTrasIntentoMs(attempt, Math.random()),
    esElUltimo: (esperaMs) => ahora() - scheduledTimestampMs + esperaMs > ventanaReintentoMs,
    gastarUnoDePocos() {
      gastados += 1;
      latir();
      return gastados >= INTENTOS_POCOS;
    },
    terminar() {
      clearInterval(latido);
    },
  };
}

/** The run that scheduled an activity: the owner of the turn, as the register names it. */
export function runDe({ info }: Context): string {
  if (!info.workflowExecution) throw new Error('this activity belongs to a workflow');
  return info.workflowExecution.runId;
}

/** One attempt of an activity of the PKI, as Temporal tells of it: its run, its waits, what is left of the retry window. */
import { Context, type Info } from '@temporalio/activity';
import { ActivityCancelledError, ActivityPausedError, ActivityResetError } from '@temporalio/client';
import type { ActivitySerializationContext } from '@temporalio/common';
import type { CertezaDeRechazo } from '../../../shared/registro/emision/registro.ts';
import { z } from 'zod';
import { SENAL_INTENTO_FALLIDO, type IntentoFallido, type Paso } from '../../../shared/emision/contrato.ts';
import { FALLOS, type TipoFallo } from '../../../shared/emision/fallos.ts';
import { fechaIso } from '../../../shared/nucleo/fechas.ts';
import {
  ANOTAR_ESPERA_MS,
  esperaTrasIntentoMs,
  INTENTOS_POCOS,
  INTENTOS_VARIOS,
  LATIDO_CADA_MS,
  PARON_MS,
  SONDAS_MAX,
} from '../../../shared/emision/plazos.ts';

export interface Ventana {
  /** How long a step is retried: the time of its calls and of the waits after them, and no other. */
  ventanaReintentoMs: number;
  /** Whether a probe of an open circuit that fails uses up the window as any call: who sets a short one wants a quick end. */
  lasSondasCuentan: boolean;
  /** Milliseconds of a clock that nobody sets. */
  ahoraMs: () => number;
}

export interface Intento {
  runId: string;
  /** The call leaves: from here on the attempt uses up the retry window, unless it probes an open circuit. */
  anotarEnvio(esSonda: boolean): void;
  /**
   * The wait before the next attempt: its own, or a longer one that the PKI asks for. After a call it uses up the retry window,
   * and where it would lead beyond that it is cut, so that the last attempt is made where the window ends. Where nothing was
   * sent (an open circuit, a register that is down), it uses up nothing. Nor, as a rule, does it after a probe: calls of others
   * failed before it, and the PKI is at fault. But a step may probe only so often.
   * @returns null where the window is used up, or it has probed too often
   */
  cobrarEspera(pedidaMs?: number): number | null;
  /**
   * Counts a failure that is worth few tries, or some more, over all attempts of the step, but for probes.
   * @returns whether one is left
   */
  gastar(cuota: 'POCOS' | 'VARIOS'): boolean;
  /** An earlier attempt of the step was sent, as Temporal was told, and nothing clear came of it. */
  huboEnvioSinAclarar: boolean;
  /**
   * Tells Temporal that this attempt is about to be sent.
   * @throws where Temporal does not hear it: then it must not be sent
   */
  anunciarEnvio(): Promise<void>;
  /**
   * Tells the run how this attempt failed, for whoever looks at the run.
   * @throws where Temporal does not hear it in time
   */
  avisarFallo(paso: Paso, fallo: TipoFallo, retenida: boolean, esperaMs: number): Promise<void>;
  /** What became of the send that this attempt announced is clear. */
  aclararEnvio(): void;
  /** What this attempt, or an earlier one, knows of its own send and the register has not heard yet; null: nothing. */
  readonly porAclarar: Aclaracion | null;
  /** Kept for the next attempt, until the register has heard of it. */
  recordar(aclaracion: Aclaracion): void;
  /** The register has heard of it. */
  olvidar(): void;
  terminar(): void;
}

/** A mark under which nothing was done, by a clear word or since nothing left. */
type Aclaracion = z.infer<typeof aclaracion>;

/** What Temporal keeps of a step from one attempt to the next. */
type Memoria = z.infer<typeof memoriaDeIntento>;

/** Beats from now on, until it is ended: an attempt of a worker that dies is given to another one soon (ADR 12). */
export function empezarIntento({ ventanaReintentoMs, lasSondasCuentan, ahoraMs }: Ventana): Intento {
  const contexto = Context.current();
  const { attempt } = contexto.info;
  // Temporal hands the last beat's details to the next attempt, also where the attempt failed right after it.
  const memoria = memoriaDe(contexto.info.heartbeatDetails);
  const { envioSinAclarar: huboEnvioSinAclarar } = memoria;
  let enviadoEnMs: number | null = null;
  let sondea = false;
  const gastadoMs = () => memoria.gastadoMs + (enviadoEnMs === null ? 0 : ahoraMs() - enviadoEnMs);
  const latir = () => {
    // Of an attempt whose worker dies counts what it used up until its last beat.
    contexto.heartbeat({ ...memoria, gastadoMs: gastadoMs() });
  };
  const latido = setInterval(latir, LATIDO_CADA_MS);
  return {
    runId: runDe(contexto),
    anotarEnvio(esSonda) {
      if (esSonda && !lasSondasCuentan) sondea = true;
      else enviadoEnMs = ahoraMs();
    },
    cobrarEspera(pedidaMs = 0) {
      const esperaMs = Math.max(esperaTrasIntentoMs(attempt, Math.random()), pedidaMs);
      if (sondea) {
        memoria.sondas = (memoria.sondas ?? 0) + 1;
        latir();
        return memoria.sondas < SONDAS_MAX ? Math.min(esperaMs, ventanaReintentoMs) : null;
      }
      if (enviadoEnMs === null) return esperaMs;
      const restoMs = ventanaReintentoMs - gastadoMs();
      if (restoMs <= 0) return null;
      const cortadaMs = Math.min(esperaMs, restoMs);
      memoria.gastadoMs = gastadoMs() + cortadaMs;
      enviadoEnMs = null;
      latir();
      return cortadaMs;
    },
    gastar(cuota) {
      if (sondea) return true;
      if (cuota === 'POCOS') memoria.gastados += 1;
      else memoria.varios = (memoria.varios ?? 0) + 1;
      latir();
      return cuota === 'POCOS' ? memoria.gastados < INTENTOS_POCOS : (memoria.varios ?? 0) < INTENTOS_VARIOS;
    },
    huboEnvioSinAclarar,
    async anunciarEnvio() {
      memoria.envioSinAclarar = true;
      latir();
      await latirYEsperar(contexto, memoria);
    },
    async avisarFallo(paso, fallo, retenida, esperaMs) {
      const { client } = contexto;
      const { tipo: tipoError, titulo } = FALLOS[fallo];
      const aviso: IntentoFallido = {
        ...{ paso, intento: attempt, tipo: fallo, tipoError, titulo, retenida },
        proximoIntento: fechaIso(new Date(Date.now() + esperaMs)),
      };
      const { workflowId, runId } = workflowDe(contexto);
      const run = client.workflow.getHandle(workflowId, runId);
      await client.withDeadline(Date.now() + ANOTAR_ESPERA_MS, () =>
        run.signal(SENAL_INTENTO_FALLIDO, aviso),
      );
    },
    aclararEnvio() {
      memoria.envioSinAclarar = false;
      latir();
    },
    get porAclarar() {
      return memoria.porAclarar ?? null;
    },
    recordar(una) {
      memoria.porAclarar = una;
      latir();
    },
    olvidar() {
      delete memoria.porAclarar;
      latir();
    },
    terminar() {
      clearInterval(latido);
    },
  };
}

const aclaracion = z.object({
  marca: z.string(),
  certeza: z.enum(['NADA_HECHO', 'DEFINITIVO'] satisfies CertezaDeRechazo[]),
});

const memoriaDeIntento = z.object({
  /** Failures that are worth few tries. */
  gastados: z.int().min(0),
  /** Those that are worth some more; absent where there was none. */
  varios: z.int().min(0).optional(),
  /** Probes of an open circuit that failed; absent where there was none. */
  sondas: z.int().min(0).optional(),
  envioSinAclarar: z.boolean(),
  /** What was clear and the register did not take; absent where there is none. */
  porAclarar: aclaracion.optional(),
  /** What the attempts before used up of the retry window, with the waits after them. Earlier versions did not tell. */
  gastadoMs: z.number().min(0).default(0),
});

/** Of a heartbeat that is not ours nothing is known, not even that nothing was sent. */
function memoriaDe(detalles: unknown): Memoria {
  if (detalles === undefined) return { gastados: 0, envioSinAclarar: false, gastadoMs: 0 };
  // An attempt that began under an earlier version beat a number.
  if (typeof detalles === 'number') return { gastados: detalles, envioSinAclarar: false, gastadoMs: 0 };
  const leida = memoriaDeIntento.safeParse(detalles);
  return leida.success ? leida.data : { gastados: 0, envioSinAclarar: true, gastadoMs: 0 };
}

/** The SDK sends its own heartbeats when it likes and does not tell whether they arrived. */
async function latirYEsperar({ client, info }: Context, memoria: Memoria): Promise<void> {
  try {
    await client.withDeadline(Date.now() + 2 * PARON_MS, () =>
      client.activity.heartbeat(info.taskToken, memoria, { serializationContext: lugarDe(info) }),
    );
  } catch (error) {
    // Temporal heard it. An attempt that is met by an operator's act finishes all the same (ADR 12).
    if (
      error instanceof ActivityCancelledError ||
      error instanceof ActivityPausedError ||
      error instanceof ActivityResetError
    )
      return;
    throw error;
  }
}

/** As the SDK seals the beats that it sends by itself. */
function lugarDe({ namespace, workflowExecution, activityId, isLocal }: Info): ActivitySerializationContext {
  return {
    type: 'activity',
    namespace,
    activityId,
    isLocal,
    ...(workflowExecution && { workflowId: workflowExecution.workflowId }),
  };
}

/** The run that scheduled an activity: the owner of the turn, as the register names it. */
export function runDe(contexto: Context): string {
  return workflowDe(contexto).runId;
}

function workflowDe({ info }: Context) {
  if (!info.workflowExecution) throw new Error('this activity belongs to a workflow');
  return info.workflowExecution;
}

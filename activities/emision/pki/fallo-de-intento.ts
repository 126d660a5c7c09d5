/** What ends an attempt, as Temporal hears it: the failure's type, and whether and when another attempt comes. */
import { ApplicationFailure, Context } from '@temporalio/activity';
import type { ActividadDelFallo } from '../../../shared/emision/contrato.ts';
import { FALLOS, type TipoFallo } from '../../../shared/emision/fallos.ts';
import type { TurnoNegado } from '../../../shared/registro/emision/registro.ts';
import type { CircuitoAbierto } from './circuito-pki.ts';
import { runDe, type Intento } from './intento.ts';
import type { PkiFallo } from './pki-gateway.ts';

/** The register refused the turn: this run has nothing more to do here. */
export function falloPorTurnoNegado({ fallo, message }: TurnoNegado): ApplicationFailure {
  return ApplicationFailure.create({
    type: fallo,
    message,
    details: [[message], deEsteRun()],
    nonRetryable: true,
  });
}

/** A register that is down is waited for, as the PKI is. */
export function falloPorRegistroCaido(cause: unknown, intento: Intento): ApplicationFailure {
  return sinTrazas(
    fallida('SERVICIO_NO_DISPONIBLE', ['El registro de emisiones no respondió.'], {
      ...proximo(intento),
      ...(cause instanceof Error && { cause }),
    }),
  );
}

/** Held back by an open circuit: nothing was sent, and nothing is wrong with the attempt. */
export function falloPorCircuitoAbierto({ esperaMs }: CircuitoAbierto): ApplicationFailure {
  return sinTrazas(
    fallida(
      'CIRCUITO_ABIERTO',
      ['MsAdaptadorPKI falla repetidamente; el intento no se envió y se repetirá.'],
      { nextRetryDelay: esperaMs, category: 'BENIGN' },
    ),
  );
}

export function falloDeLaPki(error: PkiFallo, intento: Intento, quedaIncierta: boolean): ApplicationFailure {
  const siguiente = proximo(intento, error.reintentarEnMs ?? 0);
  const quedaOtro = quedaOtroIntento(error.tipo, intento);
  const fallo = fallida(error.tipo, error.detalles, {
    ...siguiente,
    nonRetryable: !quedaOtro || quedaIncierta || siguiente.nonRetryable,
    cause: error,
  });
  return error.tipo === 'ERROR_INTERNO' ? fallo : sinTrazas(fallo);
}

function proximo(intento: Intento, pedidaMs?: number): { nextRetryDelay: number; nonRetryable: boolean } {
  const esperaMs = intento.cobrarEspera(pedidaMs);
  return { nextRetryDelay: esperaMs ?? 0, nonRetryable: esperaMs === null };
}

/** Whether another attempt may come; uses up one where tries are counted. */
function quedaOtroIntento(tipo: TipoFallo, intento: Intento): boolean {
  const { reintento } = FALLOS[tipo];
  if (reintento === 'POCOS' || reintento === 'VARIOS') return intento.gastar(reintento);
  return reintento === 'SIEMPRE';
}

type OpcionesDeFallo = Omit<
  NonNullable<Parameters<typeof ApplicationFailure.create>[0]>,
  'type' | 'message' | 'details' | 'nextRetryDelay'
> & { nextRetryDelay: number };

/** The least wait: Temporal takes none for the end of all attempts. */
const ESPERA_MINIMA_MS = 1;

/** Messages are logged: what the adapter said of the citizen stands in the details, which are encrypted. */
function fallida(
  tipo: TipoFallo,
  detalles: string[],
  { nextRetryDelay, ...opciones }: OpcionesDeFallo,
): ApplicationFailure {
  return ApplicationFailure.create({
    type: tipo,
    message: FALLOS[tipo].titulo,
    details: [detalles, deEsteRun()],
    nextRetryDelay: Math.max(Math.round(nextRetryDelay), ESPERA_MINIMA_MS),
    ...opciones,
  });
}

function deEsteRun(): ActividadDelFallo {
  const contexto = Context.current();
  return { runId: runDe(contexto), actividad: contexto.info.activityType };
}

/**
 * Temporal keeps 4 kB of the failure of an activity that waits for its next attempt, and of a greater one not even the
 * type. Where in the code an expected failure was made tells nothing anyway.
 */
function sinTrazas<E extends Error>(error: E): E {
  error.stack = `${error.name}: ${error.message}`;
  if (error.cause instanceof Error) sinTrazas(error.cause);
  return error;
}

/**
 * Waits for the end of a run and looks meanwhile, ever more rarely, whether an open circuit holds its step back. The wait
 * and the look end each other.
 */
import { setTimeout as pausaDelReloj } from 'node:timers/promises';
import { MIRADA_INICIAL_MS, MIRADA_MAXIMA_MS } from '../../../shared/emision/plazos.ts';
import { ServicioNoDisponible } from '../../../shared/nucleo/servicio-no-disponible.ts';
import type { FinDeRun, MotorTemporal } from '../temporal/motor-temporal.ts';

/** RETENIDA: the work goes on once the circuit closes. PLAZO: time is up, or a signal cut the wait. */
type FinDeEspera = FinDeRun | { tipo: 'RETENIDA' };

/** Rejects where the signal ends it. */
type Pausa = (ms: number, valor: undefined, opciones: { signal: AbortSignal }) => Promise<unknown>;

/**
 * @param estaRetenida whether an open circuit holds back the step that the codigo has come to
 * @param limite epoch ms
 * @param cortes any of them ends the wait at once
 */
export async function esperarRun(
  motor: Pick<MotorTemporal, 'esperar'>,
  estaRetenida: () => Promise<boolean>,
  codigo: string,
  limite: number,
  cortes: readonly AbortSignal[],
  pausa: Pausa = pausaDelReloj,
): Promise<FinDeEspera> {
  const fin = new AbortController();
  const terminar = () => {
    fin.abort();
  };
  for (const corte of cortes) {
    if (corte.aborted) terminar();
    else corte.addEventListener('abort', terminar);
  }
  try {
    return await Promise.race([
      motor.esperar(codigo, limite, fin.signal),
      hastaRetenida(estaRetenida, fin.signal, pausa),
    ]);
  } finally {
    for (const corte of cortes) corte.removeEventListener('abort', terminar);
    terminar();
  }
}

async function hastaRetenida(
  estaRetenida: () => Promise<boolean>,
  corte: AbortSignal,
  pausa: Pausa,
): Promise<FinDeEspera> {
  for (let intervaloMs = MIRADA_INICIAL_MS; ; intervaloMs = Math.min(2 * intervaloMs, MIRADA_MAXIMA_MS)) {
    try {
      await pausa(intervaloMs, undefined, { signal: corte });
      if (await estaRetenida()) return { tipo: 'RETENIDA' };
    } catch (error) {
      if (corte.aborted) return { tipo: 'PLAZO' };
      // A register that is down delays the look, and nothing else.
      if (!(error instanceof ServicioNoDisponible)) throw error;
    }
  }
}

/** What Temporal tells of a closed run, as a test says. */
import type { RespuestaPaso1, RespuestaPaso2 } from '../../../shared/emision/contrato.ts';
import type { PasosProceso, ResultadoEmision } from '../../../shared/emision/emision.ts';
import type { FinDeRunCerrada, HistoriaDeRun, Rastro } from '../../../shared/motor/emision/motor.ts';
import type { RunDePrueba } from './registro-de-prueba.ts';

const INICIO = '2026-11-22T10:00:00Z';
const FIN = '2026-11-22T10:00:01Z';

const NO_EMPEZADO: Rastro<never> = { intentos: 0, respuesta: null, certeza: 'DESCONOCIDO' };
/** Scheduled, and nothing more is known of it. */
export const SIN_RESPUESTA: Rastro<never> = { intentos: 1, respuesta: null, certeza: 'DESCONOCIDO' };
export const NADA_HECHO: Rastro<never> = { intentos: 1, respuesta: null, certeza: 'NADA_HECHO' };
export const RECHAZADO: Rastro<never> = { intentos: 1, respuesta: null, certeza: 'DEFINITIVO' };

export function respondido<R extends RespuestaPaso1 | RespuestaPaso2>(respuesta: R): Rastro<R> {
  return { intentos: 1, respuesta, certeza: 'DESCONOCIDO' };
}

export const SIN_DESENLACE: FinDeRunCerrada = { tipo: 'SIN_DESENLACE' };

/** A run that was cut short before it did anything, but for what the test says. */
export function historiaDe(
  { runId, entrada }: Pick<RunDePrueba, 'runId' | 'entrada'>,
  cambios: Partial<HistoriaDeRun> = {},
): HistoriaDeRun {
  return {
    runId,
    entrada,
    inicio: new Date(INICIO),
    cierre: new Date(FIN),
    fin: SIN_DESENLACE,
    paso1: NO_EMPEZADO,
    paso2: NO_EMPEZADO,
    ...cambios,
  };
}

export function pasosProceso(intentos: number, paso2: 'COMPLETADO' | 'FALLIDO'): PasosProceso {
  const paso = { fechaInicio: INICIO, fechaFin: FIN, intentos };
  return {
    paso1GeneracionClaves: { ...paso, estado: 'COMPLETADO', solicitudPkiId: 'PKI-1' },
    paso2EmisionCertificado: { ...paso, estado: paso2 },
  };
}

export function resultadoDePrueba(certificados: ResultadoEmision['certificados']): ResultadoEmision {
  return {
    estado: 'COMPLETADO',
    fechaInicio: INICIO,
    fechaFin: FIN,
    pasosProceso: pasosProceso(2, 'COMPLETADO'),
    certificados,
  };
}

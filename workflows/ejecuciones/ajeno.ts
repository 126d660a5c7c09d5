/** How workflow code refuses what is not this service's, and tells of it: in the log and, by a sink, in the metrics. */
import { ApplicationFailure } from '@temporalio/common';
import { log, proxySinks } from '@temporalio/workflow';
import type { Ajeno, AvisosDeAjenos } from '../../shared/nucleo/ejecuciones/ajeno.ts';

const { ajenos } = proxySinks<AvisosDeAjenos>();

const PALABRAS = 'Temporal brought what this service did not seal for this run';

/** @returns the failure to throw */
export function falloAjeno(tipo: Ajeno, message = PALABRAS): ApplicationFailure {
  avisarDeAjeno(tipo);
  return ApplicationFailure.create({ type: tipo, message, nonRetryable: true });
}

export function avisarDeAjeno(tipo: Ajeno): void {
  log.error(PALABRAS, { type: tipo });
  ajenos.visto(tipo);
}

/** Every section of the configuration, of all programs. */
import { CLIENTE } from '../../scripts/emitir/configuration.ts';
import { DESTINO } from '../../scripts/maintenance/configuration.ts';
import { INICIO } from '../../scripts/start/configuration.ts';
import { SECCIONES as DEL_SERVICIO } from '../../servicio/partes.ts';
import type { Seccion } from '../../shared/nucleo/variables.ts';
import { COMUN } from '../../shared/runtime/secciones.ts';
import { EMISOR_OIDC } from '../../simulator/oidc/configuration.ts';
import { SIMULADOR } from '../../simulator/pki/configuration.ts';

/** Of the service's processes, then of those beside it. */
export const SECCIONES: readonly Seccion[] = [
  ...DEL_SERVICIO,
  ...[COMUN, SIMULADOR, EMISOR_OIDC, INICIO, DESTINO, CLIENTE],
];

/** By any name, as leerConfiguracion takes them. */
export function conNombres(secciones: readonly Seccion[]): Record<string, Seccion> {
  return Object.fromEntries(secciones.map((seccion, i) => [String(i), seccion]));
}

/** Names of the variables of these sections. */
export function variablesDe(secciones: readonly Seccion[]): Set<string> {
  return new Set(secciones.flatMap(({ variables }) => Object.keys(variables)));
}

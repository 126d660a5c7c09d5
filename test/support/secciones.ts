/** Every section of the configuration, of all programs. */
import { API_CLIENT } from '../../scripts/api-client/configuration.ts';
import { TARGET } from '../../scripts/maintenance/configuration.ts';
import { START } from '../../scripts/start/configuration.ts';
import { TOPOLOGY } from '../../scripts/topology/configuration.ts';
import { SECCIONES as DEL_SERVICIO } from '../../servicio/partes.ts';
import type { Seccion } from '../../shared/nucleo/variables.ts';
import { COMUN } from '../../shared/runtime/secciones.ts';
import { ISSUER } from '../../simulator/oidc/configuration.ts';
import { SIMULATOR } from '../../simulator/pki/configuration.ts';

/** Of the service's processes, then of those beside it. */
export const SECCIONES: readonly Seccion[] = [
  ...DEL_SERVICIO,
  ...[COMUN, SIMULATOR, ISSUER, START, TARGET, API_CLIENT, TOPOLOGY],
];

/** By any name, as leerConfiguracion takes them. */
export function conNombres(secciones: readonly Seccion[]): Record<string, Seccion> {
  return Object.fromEntries(secciones.map((seccion, i) => [String(i), seccion]));
}

/** Names of the variables of these sections. */
export function variablesDe(secciones: readonly Seccion[]): Set<string> {
  return new Set(secciones.flatMap(({ variables }) => Object.keys(variables)));
}

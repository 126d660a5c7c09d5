/** The constraints of the issuance's tables that a write may break, by their names in the migrations. */
const RESTRICCIONES = {
  solicitudes_pkey: 'CODIGO',
  un_ciudadano_a_la_vez: 'CIUDADANO',
  una_peticion_en_proceso: 'PETICION',
  // The name that the version before knows: the trigger in the place of that constraint answers by it.
  serie_unica: 'SERIE',
  serie_unica_por_emisor: 'SERIE',
  clave_publica_unica: 'CLAVE_PUBLICA',
} as const;

/** What only one row may have. */
export type Restriccion = (typeof RESTRICCIONES)[keyof typeof RESTRICCIONES];

/** @returns which of them this error of the database says was broken; null where it is another error */
export function restriccionRota(error: unknown): Restriccion | null {
  const { constraint } = error as { constraint?: unknown };
  return typeof constraint === 'string' && Object.hasOwn(RESTRICCIONES, constraint)
    ? RESTRICCIONES[constraint as keyof typeof RESTRICCIONES]
    : null;
}

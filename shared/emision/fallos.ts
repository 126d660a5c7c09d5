/**
 * Everything that can go wrong, in one table: failure type -> HTTP code, error.tipo, whether it is worth a retry.
 * `error.tipo` and the codes are the contract of docs/status-codes.md; the keys are what workflows, the register
 * and Temporal's UI call the failure. No HTTP status stands anywhere else.
 */

/**
 * SIEMPRE: until the retry window closes. VARIOS: as long as a gateway may take to find its routes again. POCOS: a few
 * tries, the cause is rarely passing. NUNCA: final.
 */
export type Reintento = 'SIEMPRE' | 'VARIOS' | 'POCOS' | 'NUNCA';

interface Fallo {
  codigo: number;
  tipo: string;
  reintento: Reintento;
  titulo: string;
}

export const FALLOS = {
  VALIDACION: fallo(400, 'VALIDACION', 'NUNCA', 'La petición no es válida'),
  TOKEN_INVALIDO: fallo(401, 'TOKEN_INVALIDO', 'NUNCA', 'El token falta, venció o no es válido'),
  SIN_PERMISOS: fallo(403, 'SIN_PERMISOS', 'NUNCA', 'El token no tiene permiso para esta operación'),
  CIUDADANO_NO_ENCONTRADO: fallo(404, 'CIUDADANO_NO_ENCONTRADO', 'NUNCA', 'La PKI no conoce al ciudadano'),
  SOLICITUD_NO_ENCONTRADA: fallo(404, 'SOLICITUD_NO_ENCONTRADA', 'NUNCA', 'No hay solicitud con ese código'),
  RUTA_NO_ENCONTRADA: fallo(404, 'RUTA_NO_ENCONTRADA', 'NUNCA', 'La ruta no existe'),
  METODO_NO_PERMITIDO: fallo(405, 'METODO_NO_PERMITIDO', 'NUNCA', 'La ruta no admite ese método'),
  TIEMPO_AGOTADO: fallo(408, 'TIEMPO_AGOTADO', 'NUNCA', 'La petición no llegó completa a tiempo'),
  SOLICITUD_EN_PROCESO: fallo(409, 'SOLICITUD_EN_PROCESO', 'NUNCA', 'La solicitud ya está en proceso'),
  CIUDADANO_EN_PROCESO: fallo(
    409,
    'CIUDADANO_EN_PROCESO',
    'NUNCA',
    'El ciudadano ya tiene una solicitud de certificados en proceso',
  ),
  CODIGO_REUTILIZADO: fallo(409, 'CODIGO_REUTILIZADO', 'NUNCA', 'El código pertenece a otra solicitud'),
  PETICION_REUTILIZADA: fallo(
    409,
    'PETICION_REUTILIZADA',
    'NUNCA',
    'El X-Request-ID pertenece a otra petición en proceso',
  ),
  SOLICITUD_NO_REEJECUTABLE: fallo(
    409,
    'SOLICITUD_NO_REEJECUTABLE',
    'NUNCA',
    'La solicitud no puede ejecutarse de nuevo',
  ),
  CIUDADANO_NO_CUMPLE_REQUISITOS: fallo(
    422,
    'CIUDADANO_NO_CUMPLE_REQUISITOS',
    'NUNCA',
    'El ciudadano no cumple los requisitos para obtener certificados',
  ),
  LIMITE_EXCEDIDO: fallo(429, 'LIMITE_EXCEDIDO', 'NUNCA', 'Se excedió el límite de peticiones por minuto'),
  CABECERAS_EXCESIVAS: fallo(431, 'VALIDACION', 'NUNCA', 'Las cabeceras son demasiadas o muy largas'),
  ERROR_INTERNO: fallo(500, 'ERROR_INTERNO', 'NUNCA', 'Error interno del servicio'),
  EMISION_CANCELADA: fallo(500, 'ERROR_INTERNO', 'NUNCA', 'Un operador canceló la emisión'),
  EMISION_INTERRUMPIDA: fallo(500, 'ERROR_INTERNO', 'NUNCA', 'La emisión se interrumpió antes de terminar'),
  EJECUCION_AJENA: fallo(500, 'ERROR_INTERNO', 'NUNCA', 'La ejecución no la inició este servicio'),
  RESULTADO_AJENO: fallo(
    500,
    'ERROR_INTERNO',
    'NUNCA',
    'Temporal entregó del paso un resultado que no es de este servicio',
  ),
  TURNO_PERDIDO: fallo(500, 'ERROR_INTERNO', 'NUNCA', 'Otra ejecución tomó el turno de esta emisión'),
  PKI_ERROR: fallo(502, 'ADAPTADOR_NO_DISPONIBLE', 'SIEMPRE', 'MsAdaptadorPKI respondió con un error'),
  PKI_SIN_CONEXION: fallo(502, 'ADAPTADOR_NO_DISPONIBLE', 'SIEMPRE', 'No hay conexión con MsAdaptadorPKI'),
  PKI_SIN_SOBRE: fallo(
    502,
    'ADAPTADOR_NO_DISPONIBLE',
    'SIEMPRE',
    'La respuesta no vino en el sobre de MsAdaptadorPKI',
  ),
  PKI_MAL_DIRIGIDA: fallo(
    502,
    'ADAPTADOR_NO_DISPONIBLE',
    'VARIOS',
    'Otro servidor respondió en lugar de MsAdaptadorPKI',
  ),
  PKI_RECHAZO: fallo(502, 'ADAPTADOR_NO_DISPONIBLE', 'POCOS', 'MsAdaptadorPKI rechazó la llamada'),
  PKI_RESPUESTA_INVALIDA: fallo(
    502,
    'ADAPTADOR_NO_DISPONIBLE',
    'POCOS',
    'MsAdaptadorPKI envió una respuesta que no se entiende',
  ),
  CERTIFICADO_NO_CONFORME: fallo(
    502,
    'CERTIFICADO_NO_CONFORME',
    'NUNCA',
    'La PKI emitió un certificado que no corresponde a lo solicitado',
  ),
  RESULTADO_INCIERTO: fallo(
    502,
    'ADAPTADOR_NO_DISPONIBLE',
    'NUNCA',
    'No se sabe si la PKI emitió los certificados',
  ),
  PKI_NO_DISPONIBLE: fallo(503, 'PKI_NO_DISPONIBLE', 'SIEMPRE', 'La PKI no está disponible por el momento'),
  CIRCUITO_ABIERTO: fallo(
    503,
    'PKI_NO_DISPONIBLE',
    'SIEMPRE',
    'La PKI falla repetidamente: las llamadas esperan a que se recupere',
  ),
  SERVICIO_NO_DISPONIBLE: fallo(
    503,
    'SERVICIO_NO_DISPONIBLE',
    'SIEMPRE',
    'El servicio no está disponible por el momento',
  ),
  TIEMPO_PKI_AGOTADO: fallo(504, 'TIEMPO_PKI_AGOTADO', 'SIEMPRE', 'La PKI no respondió a tiempo'),
} as const satisfies Record<string, Fallo>;

export type TipoFallo = keyof typeof FALLOS;

/** Refusals of the PKI that hold for every send of their step: they tell of the citizen, not of the moment. */
const RECHAZOS_DEFINITIVOS: readonly TipoFallo[] = [
  'CIUDADANO_NO_ENCONTRADO',
  'CIUDADANO_NO_CUMPLE_REQUISITOS',
];

export function esRechazoDefinitivo(tipo: TipoFallo): boolean {
  return RECHAZOS_DEFINITIVOS.includes(tipo);
}

/** Codes of what went well; with FALLOS, every status that the API sends. */
export const EXITOS = { YA_EMITIDO: 200, EMITIDO: 201, ACEPTADA: 202 } as const;

/** A failure of an issuance, as the register keeps it and the API tells it. `detalles` may hold personal data. */
export interface FalloDeEmision {
  tipo: TipoFallo;
  detalles: string[];
  /** Step at fault; null where it was none of the two. */
  paso: 1 | 2 | null;
}

export function esTipoFallo(valor: unknown): valor is TipoFallo {
  return typeof valor === 'string' && Object.hasOwn(FALLOS, valor);
}

function fallo<const C extends number, const T extends string>(
  codigo: C,
  tipo: T,
  reintento: Reintento,
  titulo: string,
): { codigo: C; tipo: T; reintento: Reintento; titulo: string } {
  return { codigo, tipo, reintento, titulo };
}

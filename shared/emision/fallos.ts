/**
 * Everything that can go wrong with an issuance, in one table: what a client is told of it, whether it is worth a retry,
 * and what it says of what was sent to the PKI. The keys are what workflows, the register and Temporal's UI call the
 * failure. Those of HTTP itself: shared/nucleo/fallos.ts.
 */
import { fallo, FALLOS_HTTP, tablaDeFallos, type Fallo } from '../nucleo/fallos.ts';

/**
 * SIEMPRE: until the retry window closes. VARIOS: as long as a gateway may take to find its routes again. POCOS: a few
 * tries, the cause is rarely passing. NUNCA: final.
 */
export type Reintento = 'SIEMPRE' | 'VARIOS' | 'POCOS' | 'NUNCA';

/**
 * What is known of the work at the PKI after an attempt that failed. NADA_HECHO: this attempt was clearly refused, or did
 * not leave. DEFINITIVO: the step was refused, and so is every send of it before this one, since the reason is the citizen
 * and not the moment. DESCONOCIDO: it may have been done.
 */
export type CertezaDeEnvio = 'NADA_HECHO' | 'DEFINITIVO' | 'DESCONOCIDO';

interface FilaDeEmision extends Fallo {
  reintento: Reintento;
  /** What the failure by itself tells. */
  certeza: CertezaDeEnvio;
}

function fila<const C extends number, const T extends string>(
  statusCode: C,
  tipo: T,
  reintento: Reintento,
  titulo: string,
  certeza: CertezaDeEnvio = 'DESCONOCIDO',
) {
  return { ...fallo(statusCode, tipo, titulo), reintento, certeza };
}

/** A failure of HTTP itself that an issuance may end with, too. */
function filaDeHttp<F extends object>(fila: F, reintento: Reintento) {
  return { ...fila, reintento, certeza: 'DESCONOCIDO' as CertezaDeEnvio };
}

export const FALLOS = tablaDeFallos({
  CIUDADANO_NO_ENCONTRADO: fila(
    404,
    'CIUDADANO_NO_ENCONTRADO',
    'NUNCA',
    'La PKI no conoce al ciudadano',
    'DEFINITIVO',
  ),
  SOLICITUD_NO_ENCONTRADA: fila(404, 'SOLICITUD_NO_ENCONTRADA', 'NUNCA', 'No hay solicitud con ese código'),
  SOLICITUD_EN_PROCESO: fila(409, 'SOLICITUD_EN_PROCESO', 'NUNCA', 'La solicitud ya está en proceso'),
  CIUDADANO_EN_PROCESO: fila(
    409,
    'CIUDADANO_EN_PROCESO',
    'NUNCA',
    'El ciudadano ya tiene una solicitud de certificados en proceso',
  ),
  CIUDADANO_CON_INCIERTA: fila(
    409,
    'CIUDADANO_EN_PROCESO',
    'NUNCA',
    'El ciudadano tiene otra solicitud cuyo resultado es incierto',
  ),
  CODIGO_REUTILIZADO: fila(409, 'CODIGO_REUTILIZADO', 'NUNCA', 'El código pertenece a otra solicitud'),
  PETICION_REUTILIZADA: fila(
    409,
    'PETICION_REUTILIZADA',
    'NUNCA',
    'El X-Request-ID pertenece a otra petición en proceso',
  ),
  SOLICITUD_NO_REEJECUTABLE: fila(
    409,
    'SOLICITUD_NO_REEJECUTABLE',
    'NUNCA',
    'La solicitud no puede ejecutarse de nuevo',
    'NADA_HECHO',
  ),
  CIUDADANO_NO_CUMPLE_REQUISITOS: fila(
    422,
    'CIUDADANO_NO_CUMPLE_REQUISITOS',
    'NUNCA',
    'El ciudadano no cumple los requisitos para obtener certificados',
    'DEFINITIVO',
  ),
  ERROR_INTERNO: filaDeHttp(FALLOS_HTTP.ERROR_INTERNO, 'NUNCA'),
  EMISION_CANCELADA: fila(500, 'ERROR_INTERNO', 'NUNCA', 'Un operador canceló la emisión'),
  EMISION_INTERRUMPIDA: fila(500, 'ERROR_INTERNO', 'NUNCA', 'La emisión se interrumpió antes de terminar'),
  EJECUCION_AJENA: fila(500, 'ERROR_INTERNO', 'NUNCA', 'La ejecución no la inició este servicio'),
  RESULTADO_AJENO: fila(
    500,
    'ERROR_INTERNO',
    'NUNCA',
    'Temporal entregó del paso un resultado que no es de este servicio',
  ),
  TURNO_PERDIDO: fila(
    500,
    'ERROR_INTERNO',
    'NUNCA',
    'Otra ejecución tomó el turno de esta emisión',
    'NADA_HECHO',
  ),
  PKI_ERROR: fila(502, 'ADAPTADOR_NO_DISPONIBLE', 'SIEMPRE', 'MsAdaptadorPKI respondió con un error'),
  PKI_SIN_CONEXION: fila(502, 'ADAPTADOR_NO_DISPONIBLE', 'SIEMPRE', 'No hay conexión con MsAdaptadorPKI'),
  PKI_SIN_SOBRE: fila(
    502,
    'ADAPTADOR_NO_DISPONIBLE',
    'SIEMPRE',
    'La respuesta no vino en el sobre de MsAdaptadorPKI',
  ),
  PKI_MAL_DIRIGIDA: fila(
    502,
    'ADAPTADOR_NO_DISPONIBLE',
    'VARIOS',
    'Otro servidor respondió en lugar de MsAdaptadorPKI',
  ),
  PKI_RECHAZO: fila(502, 'ADAPTADOR_NO_DISPONIBLE', 'POCOS', 'MsAdaptadorPKI rechazó la llamada'),
  PKI_RESPUESTA_INVALIDA: fila(
    502,
    'ADAPTADOR_NO_DISPONIBLE',
    'POCOS',
    'MsAdaptadorPKI envió una respuesta que no se entiende',
  ),
  CERTIFICADO_NO_CONFORME: fila(
    502,
    'CERTIFICADO_NO_CONFORME',
    'NUNCA',
    'La PKI emitió un certificado que no corresponde a lo solicitado',
  ),
  RESULTADO_INCIERTO: fila(
    502,
    'ADAPTADOR_NO_DISPONIBLE',
    'NUNCA',
    'No se sabe si la PKI emitió los certificados',
    'NADA_HECHO',
  ),
  PKI_NO_DISPONIBLE: fila(503, 'PKI_NO_DISPONIBLE', 'SIEMPRE', 'La PKI no está disponible por el momento'),
  CIRCUITO_ABIERTO: fila(
    503,
    'PKI_NO_DISPONIBLE',
    'SIEMPRE',
    'La PKI falla repetidamente: las llamadas esperan a que se recupere',
    'NADA_HECHO',
  ),
  SERVICIO_NO_DISPONIBLE: filaDeHttp(FALLOS_HTTP.SERVICIO_NO_DISPONIBLE, 'SIEMPRE'),
  TIEMPO_PKI_AGOTADO: fila(504, 'TIEMPO_PKI_AGOTADO', 'SIEMPRE', 'La PKI no respondió a tiempo'),
}) satisfies Record<string, FilaDeEmision>;

export type TipoFallo = keyof typeof FALLOS;

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

/** The register turned the run away before it wrote anything: it failed at neither step. */
export function fueRechazadaAlEmpezar({ paso }: FalloDeEmision): boolean {
  return paso === null;
}

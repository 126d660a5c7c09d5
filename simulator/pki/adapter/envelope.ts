/** The envelope of the core specification (3.1.1) in which MsAdaptadorPKI answers, and everything that it refuses. */
import { randomUUID } from 'node:crypto';
import { isoSeconds } from './iso-seconds.ts';

const REFUSALS = {
  VALIDACION: { estado: 400, titulo: 'Parámetros de entrada inválidos o incompletos' },
  TOKEN_INVALIDO: { estado: 401, titulo: 'El token falta, venció o no es válido' },
  SIN_PERMISOS: { estado: 403, titulo: 'El token no permite esta operación' },
  CIUDADANO_NO_ENCONTRADO: { estado: 404, titulo: 'Ciudadano no encontrado en el sistema' },
  RUTA_NO_ENCONTRADA: { estado: 404, titulo: 'La ruta no existe' },
  METODO_NO_PERMITIDO: { estado: 405, titulo: 'La ruta no admite ese método' },
  TIEMPO_AGOTADO: { estado: 408, titulo: 'La petición no llegó completa a tiempo' },
  TRABAJO_EN_CURSO: { estado: 409, titulo: 'La misma clave de idempotencia está en curso' },
  CUERPO_EXCESIVO: { estado: 413, titulo: 'El cuerpo de la petición es demasiado grande' },
  CIUDADANO_NO_CUMPLE_REQUISITOS: {
    estado: 422,
    titulo: 'Datos válidos pero ciudadano no cumple requisitos para certificados',
  },
  LIMITE_EXCEDIDO: { estado: 429, titulo: 'Se excedió el límite de peticiones' },
  CABECERAS_EXCESIVAS: { estado: 431, titulo: 'Las cabeceras son demasiadas o muy largas' },
  ERROR_INTERNO: { estado: 500, titulo: 'Error interno del microservicio' },
  AUTORIDAD_NO_RESPONDE: { estado: 502, titulo: 'La autoridad de certificación respondió con un error' },
  SERVICIO_NO_DISPONIBLE: { estado: 503, titulo: 'Servicio PKI temporalmente no disponible' },
  AUTORIDAD_LENTA: { estado: 504, titulo: 'La autoridad de certificación no respondió a tiempo' },
} as const;

export type RefusalType = keyof typeof REFUSALS;
export const REFUSAL_TYPES = Object.keys(REFUSALS) as RefusalType[];

/** Thrown anywhere in the work of a call; becomes its answer. */
export class Refusal extends Error {
  readonly tipo: RefusalType;
  readonly detalles: string[];
  readonly estado: number;

  constructor(tipo: RefusalType, detalles: string[] = [], options?: ErrorOptions) {
    super(REFUSALS[tipo].titulo, options);
    this.name = 'Refusal';
    this.tipo = tipo;
    this.detalles = detalles;
    this.estado = REFUSALS[tipo].estado;
  }
}

/** What of a request shows in its answer's metadata. */
export interface RequestTrace {
  correlationId: string | undefined;
  startedAtMs: number;
}

export function successEnvelope(statusCode: 200 | 201, message: string, data: unknown, trace: RequestTrace) {
  return { success: true, statusCode, message, data, metadata: metadata(trace) };
}

export function refusalEnvelope(refusal: Refusal, trace: RequestTrace) {
  const detalles = refusal.detalles.length > 0 ? refusal.detalles : [refusal.message];
  return {
    success: false,
    statusCode: refusal.estado,
    message: refusal.message,
    data: null,
    metadata: metadata(trace),
    error: {
      tipo: refusal.tipo,
      titulo: refusal.message,
      estado: refusal.estado,
      errores: detalles.map((detalleError) => ({ detalleError })),
    },
  };
}

function metadata({ correlationId, startedAtMs }: RequestTrace) {
  return {
    timestamp: isoSeconds(new Date()),
    correlationId: correlationId ?? randomUUID(),
    version: '1.0.0',
    tiempoRespuesta: `${Math.round(performance.now() - startedAtMs)} ms`,
  };
}

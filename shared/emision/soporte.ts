/** What support reads and decides, over all issuances; none of it names a citizen. */
import type { EstadoEmision } from './emision.ts';
import type { TipoFallo } from './fallos.ts';

/** How an uncertain outcome is settled without a re-run (docs/rules.md). */
export const DECISIONES = ['NO_EMITIDO', 'EMITIDO_DESCARTADO'] as const;
export type Decision = (typeof DECISIONES)[number];

/** What the audit log has of an issuance. */
export const EVENTOS = [
  'SOLICITUD_ACEPTADA',
  'SOLICITUD_REABIERTA',
  'SOLICITUD_REEJECUTADA',
  'NUEVA_EMISION',
  'TURNO_TRASPASADO',
  'NUMEROS_GENERADOS',
  'EMISION_COMPLETADA',
  'EMISION_FALLIDA',
  'RESULTADO_ACLARADO',
  'RESULTADO_RESUELTO',
  'RESPUESTA_TARDIA',
  'DATOS_RETIRADOS',
  'EMISION_RECONSTRUIDA',
] as const;
export type Evento = (typeof EVENTOS)[number];

/** One line of a list. Dates ISO 8601 UTC. */
export interface ResumenEmision {
  codigoSolicitudTramite: string;
  transaccionId: string;
  generacion: number;
  estado: EstadoEmision;
  aceptadaEn: string;
  fechaInicio: string;
  fechaFin: string | null;
  oficina: string;
  /** Null where it did not fail. */
  fallo: { tipo: TipoFallo; paso: 1 | 2 | null } | null;
  resultadoIncierto: boolean;
  /** What support decided of its uncertain outcome, where it did and no later run has gone on. */
  resolucion: Decision | null;
}

/** An entry of the audit log, without what it keeps of people. */
export interface Hecho {
  /** ISO 8601 UTC. */
  momento: string;
  evento: Evento;
  generacion: number;
  runId: string;
  /** X-Correlation-ID of the request that ordered it; null where none did. */
  correlationId: string | null;
  /** With which it failed. */
  fallo: TipoFallo | null;
}

/** An issuance that a request led to, with all its facts, oldest first. */
export interface SolicitudSeguida {
  resumen: ResumenEmision;
  hechos: Hecho[];
}

/** What a request led to. */
export interface Seguimiento {
  /** From the newest to the oldest. */
  solicitudes: SolicitudSeguida[];
  hayMas: boolean;
}

/** All that are given must hold. */
export interface FiltroDeSolicitudes {
  estado?: EstadoEmision;
  /** Any of these. */
  fallos?: readonly TipoFallo[];
  oficina?: string;
  /** Accepted at this moment or later. */
  desde?: Date;
  /** Accepted before this moment. */
  hasta?: Date;
  incierto?: boolean;
  /** Sent by this client (its keyed hash). */
  cliente?: string;
}

/** Last line of a page: the next begins behind it. Lists go from the newest acceptance to the oldest. */
export interface Posicion {
  aceptadaEn: Date;
  codigo: string;
}

export interface RecuentoDeFallidas {
  total: number;
  inciertas: number;
  porFallo: Partial<Record<TipoFallo, number>>;
}

/** What a new issuance or a resolution discarded and the PKI's operators should revoke if it exists. */
export interface PorRevocar {
  codigoSolicitudTramite: string;
  generacion: number;
  causa: 'NUEVA_EMISION' | 'EMITIDO_DESCARTADO';
  /** Idempotency-Key of step 2. */
  clave: string;
  solicitudPkiId: string | null;
  /** Of the certificates that the PKI answered, where it did. */
  numerosSerie: string[];
  registradaEn: string;
}

export const ESTADOS_DE_REEJECUCION = [
  'PENDIENTE',
  'EN_PROCESO',
  'COMPLETADO',
  'FALLIDO',
  'OMITIDO',
] as const;
/** OMITIDO: it was not run, `fallo` says why (SOLICITUD_EN_PROCESO, SOLICITUD_NO_REEJECUTABLE, SOLICITUD_NO_ENCONTRADA). */
export type EstadoDeReejecucion = (typeof ESTADOS_DE_REEJECUCION)[number];

/** A bulk re-run, as its GET shows it. */
export interface AvanceDeReejecucion {
  reejecucionId: string;
  estado: 'EN_PROCESO' | 'TERMINADA';
  fechaInicio: string;
  fechaFin: string | null;
  solicitudes: { codigoSolicitudTramite: string; estado: EstadoDeReejecucion; fallo: TipoFallo | null }[];
}

/**
 * The names by which the parts of the issuance find each other: API, worker and Temporal's UI.
 * Operators read them, so they are Spanish; changing one breaks the runs that are open.
 */
import type { FalloDeEmision } from './fallos.ts';
import type { EstadoEmision, EstadoPaso, ResultadoEmision, PasosProceso, Titular } from './emision.ts';
import type { SolicitudCertificado } from './solicitud.ts';

export const COLA_EMISION = 'emision';

/** The calls of each step wait in a queue of their own: while an endpoint is left in peace, nothing is taken from it. */
export const COLAS_DE_LA_PKI = { 1: 'emision-pki-paso-1', 2: 'emision-pki-paso-2' } as const;
export const WORKFLOW_EMISION = 'emitirCertificadoDigital';
export const CONSULTA_ESTADO = 'estado';
export const CONSULTA_DETALLE = 'detalle';
/** An attempt tells its run how it failed, for whoever looks at the run. */
export const SENAL_INTENTO_FALLIDO = 'intentoFallido';

/** One workflow id per codigoSolicitudTramite: Temporal itself then refuses a duplicate. */
export function workflowId(codigoSolicitudTramite: string): string {
  return `${PREFIJO}${codigoSolicitudTramite}`;
}

const PREFIJO = 'emision/';

/** @returns null where it is no issuance's workflow id */
export function codigoDe(workflowId: string): string | null {
  return workflowId.startsWith(PREFIJO) ? workflowId.slice(PREFIJO.length) : null;
}

/** Who asks and from where: what the audit entry records of a request. */
export interface ContextoDePeticion {
  usuarioEjecutor: string;
  oficinaEjecucion: string;
  ipCliente: string;
  dispositivo: string;
  canal: string;
  correlationId: string;
  requestId: string;
  /** Keyed hash of the token's client, who may read the issuance. Absent in what was accepted before it was kept. */
  cliente?: string;
}

/** A re-run that support asked for: why, and who. Free text and a person's name: encrypted wherever it is kept. */
export interface Reejecucion {
  /** The bulk re-run that it belongs to; null for a single one. */
  reejecucionId: string | null;
  motivo: string;
  /** The token's subject. */
  solicitadaPor: string;
}

/** Input of the workflow. Encrypted by the payload codec, as everything that Temporal keeps of a run. */
export interface EntradaEmision {
  solicitud: SolicitudCertificado;
  contexto: ContextoDePeticion;
  /** Keyed hash of the request's canonical form: the same request gives the same huella. */
  huellaSolicitud: string;
  /** Keyed hash of the citizen's document: the key of the lock. */
  huellaCiudadano: string;
  /** Rises only by a new issuance that support asks for; part of every idempotency key. */
  generacion: number;
  /** Known when step 1 succeeded in an earlier run of this codigo. */
  solicitudPkiId: string | null;
  /** First acceptance of this codigo, ISO 8601 UTC. */
  aceptadaEn: string;
  /** Absent where the client itself sent the request. */
  reejecucion?: Reejecucion;
  /** It was started only if Temporal knew no run of the codigo. Whoever reaches Temporal can start the same input again. */
  esPrimera?: true;
}

/** What a run brings to the register. */
export interface EntradaDeRun extends EntradaEmision {
  /** When the run began, by Temporal's clock; ISO 8601 UTC. */
  inicio: string;
}

/** What the start's memo holds: a run whose row is not there yet can be shown, and told from a conflict. */
export interface MemoEmision {
  requestId: string;
  huellaSolicitud: string;
  generacion: number;
  solicitudPkiId: string | null;
  titular: Titular;
  auditoria: Auditoria;
  /** As in ContextoDePeticion. */
  cliente?: string;
}

/** Who asked for an issuance, as the envelope tells it. */
export interface Auditoria extends Pick<
  ContextoDePeticion,
  'usuarioEjecutor' | 'oficinaEjecucion' | 'ipCliente'
> {
  /** X-Correlation-ID of the request. Absent in what an earlier version kept without the request. */
  correlationId?: string;
}

/** Answer of the query `detalle`: what a GET shows of a run whose row is not there yet. */
export interface DetalleEmision {
  estado: EstadoEmision;
  generacion: number;
  fechaInicio: string;
  pasosProceso: PasosProceso;
  titular: Titular;
  auditoria: Auditoria;
}

export const PASOS = [1, 2] as const;
/** 1: generarNumerosSolicitud2 (request numbers and keys); 2: generarCertificadoDigitalDniE (certificates). */
export type Paso = (typeof PASOS)[number];

/** The step that an issuance under way has come to, by how its first one stands. */
export function pasoEnCurso(paso1: { estado: EstadoPaso }): Paso {
  return paso1.estado === 'COMPLETADO' ? 2 : 1;
}

/**
 * How an attempt of a step failed, as it tells its run: nothing of a citizen. What the run does with it follows from this
 * alone, whatever run a reset takes it into and whatever failures a later version knows.
 */
export interface IntentoFallido {
  paso: Paso;
  /** Attempts of this activity, from 1. */
  intento: number;
  tipo: string;
  /** `error.tipo`. */
  tipoError: string;
  titulo: string;
  /** When the next is due, ISO 8601 UTC. */
  proximoIntento: string;
  /** The PKI fails repeatedly: the next one waits until it is back. */
  retenida: boolean;
}

/** Timeouts of a run, read from the worker's configuration once and then fixed in the run's history. */
export interface PlazosPki {
  intentoMs: number;
  /** Step 2 must not be sent again where its outcome is unclear. Absent in the turns of earlier versions. */
  paso2UnaVez?: boolean;
}

/** Names a piece of work to the register and to the PKI, with no personal data in it. */
export interface ReferenciaEmision {
  codigoSolicitudTramite: string;
  generacion: number;
  huellaSolicitud: string;
}

export function referenciaDe({ solicitud, generacion, huellaSolicitud }: EntradaEmision): ReferenciaEmision {
  const { codigoSolicitudTramite } = solicitud.solicitud;
  return { codigoSolicitudTramite, generacion, huellaSolicitud };
}

/** The register let the run go on, or tells how the codigo stands already. */
export type Turno =
  | {
      tipo: 'CONCEDIDO';
      plazos: PlazosPki;
      fechaInicio: string;
      pasosProceso: PasosProceso;
      /** The PKI fails repeatedly: the next step waits until it is back. Absent: not as far as was known. */
      retenida?: true;
      /** The PKI's answer of step 2 is kept from an earlier run: compare it, ask nothing. */
      emisionRecibida: boolean;
    }
  | { tipo: 'YA_COMPLETADA'; resultado: ResultadoEmision };

/** How a run ends, as the register recorded it. */
export type Cierre =
  | { tipo: 'COMPLETADO'; resultado: ResultadoEmision }
  | ({ tipo: 'FALLIDO'; fallo: FalloDeEmision } & CierreRegistrado);

/** How the register holds a failed issuance at the end of its run: the run's failure keeps it, should the row be lost. */
export interface CierreRegistrado {
  pasosProceso: PasosProceso;
  resultadoIncierto: boolean;
}

/** The run that a failure is of: what an earlier run of the same codigo failed with says nothing of this one. */
export interface RunDelFallo {
  runId: string;
}

/** The run and the activity that an attempt's failure is of. */
export interface ActividadDelFallo extends RunDelFallo {
  actividad: string;
}

export interface RespuestaPaso1 {
  solicitudPkiId: string;
  numerosSolicitud: NumeroSolicitud[];
}

export interface NumeroSolicitud {
  tipoCertificado: string;
  numeroSolicitud: string;
}

/** One certificate as MsAdaptadorPKI describes it; nothing of it is trusted before the comparison. */
export interface CertificadoRecibido {
  tipoCertificado: string;
  certificadoId: string;
  numeroSerie: string;
  fechaEmision: string;
  fechaVencimiento: string;
  estadoCertificado: string;
  certificadoBase64: string;
}

export interface RespuestaPaso2 {
  certificados: CertificadoRecibido[];
}

/**
 * The work that an answer is of, which the key names. What Temporal brings is believed only where that is its reader's
 * own work.
 */
export interface Procedencia {
  codigoSolicitudTramite: string;
  generacion: number;
  paso: Paso;
  /** Idempotency-Key of the call. */
  clave: string;
}

/** The PKI's answer as its activity tells Temporal, after the register. Those of earlier versions do not name their work. */
export type RespuestaConProcedencia<R> = R & { procedencia?: Procedencia };

/** What Temporal brought for a step is not this service's, and the register holds no answer of that step. */
export interface SinRespuesta {
  tipo: 'SIN_RESPUESTA';
}

/** Quick, idempotent writes to the register: local activities. */
export interface ActividadesDeRegistro {
  /** Registers the request, takes the citizen's lock and the turn of the first step, in one transaction. */
  registrarSolicitud(entrada: EntradaDeRun): Promise<Turno>;
  /** Takes the turn of step 2. The register holds the result of step 1, or takes this one; null: it must hold it. */
  registrarNumerosSolicitud(
    entrada: EntradaDeRun,
    paso1: RespuestaConProcedencia<RespuestaPaso1> | null,
  ): Promise<Turno | SinRespuesta>;
  /**
   * Compares what the PKI issued with what was asked, and records the outcome, in one transaction. The register holds
   * what the PKI answered, or takes this one; null: it must hold it. A cancelled run keeps it and fails.
   */
  compararYRegistrarEmision(
    entrada: EntradaDeRun,
    paso2: RespuestaConProcedencia<RespuestaPaso2> | null,
    cancelada: boolean,
  ): Promise<Cierre | SinRespuesta>;
  /** Records that the run failed; answers what the register holds, which may be an earlier success. */
  registrarFallo(entrada: EntradaDeRun, fallo: FalloDeEmision): Promise<Cierre>;
}

/** The two calls to MsAdaptadorPKI: regular activities, which operators can pause, reset and see. */
export interface ActividadesPki {
  generarNumerosSolicitud(referencia: ReferenciaEmision): Promise<RespuestaConProcedencia<RespuestaPaso1>>;
  generarCertificadoDigitalDniE(
    referencia: ReferenciaEmision,
  ): Promise<RespuestaConProcedencia<RespuestaPaso2>>;
}

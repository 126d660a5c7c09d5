/**
 * What the simulator does to one call beyond its work. It is looked up once per call, before anything else;
 * the sandbox answers by document number, and a plan of faults can answer in its place.
 */
import type { RefusalType } from '../adapter/envelope.ts';
import type { GatewayFault } from './gateway.ts';

/** 1: generarNumerosSolicitud2. 2: generarCertificadoDigitalDniE. */
export type Paso = 1 | 2;

export interface Call {
  paso: Paso;
  codigoSolicitudTramite: string;
  tipoDocumento: string;
  numeroDocumento: string;
  /** How many calls of this codigo came to this step, this one included, over all restarts. */
  numeroLlamada: number;
}

/** An empty object is a server in good health. */
export interface Behaviour {
  /** Awaited before it looks at the call: for a test that wants it held at an exact moment. */
  before?: () => Promise<void>;
  /** Awaited between the work, done and recorded, and its answer. */
  after?: () => Promise<void>;
  /** Waits before it looks at the call. */
  delayBeforeMs?: number;
  /** Answers this instead of looking at the call: nothing is done, nothing is repeated. */
  outage?: RefusalType;
  /** A gateway answers in the place of the adapter. Looked up after `before`, and again after `after`. */
  gateway?: GatewayFault | undefined;
  /** Answers this, as it stands, instead of looking at the call: nothing is done. */
  answer?: { status: number; body: string; headers?: Record<string, string> };
  /** Refuses so when it comes to the work; an answer that was given before is still repeated. */
  refusal?: Extract<RefusalType, 'CIUDADANO_NO_ENCONTRADO' | 'CIUDADANO_NO_CUMPLE_REQUISITOS'>;
  /** What is wrong with the certificates that it issues (step 2). */
  certificateFault?: CertificateFault;
  /** Does the work, records it, and keeps the caller waiting. */
  delayAfterMs?: number;
  /** How the answer to work that was done and recorded leaves, where not whole and at once. */
  delivery?: Delivery;
  /** A second call under a key that is at work gets 409 instead of waiting for the first. */
  conflictsWhenBusy?: boolean;
}

export const CERTIFICATE_FAULTS = [
  'OTRO_CIUDADANO',
  'OTRO_TIPO',
  'USO_DE_CLAVE',
  'VIGENCIA',
  'SERIE_REPETIDA',
  'CLAVE_REPETIDA',
  'FIRMA_ROTA',
  'EMISOR_DESCONOCIDO',
] as const;
export type CertificateFault = (typeof CERTIFICATE_FAULTS)[number];

export const DELIVERIES = ['PERDIDA', 'CORTADA', 'TRUNCADA', 'BASURA', 'OTRO_ESQUEMA', 'ENORME'] as const;
/**
 * PERDIDA: the connection ends without a byte. CORTADA: in the middle of the body. TRUNCADA: half the JSON, as if whole.
 * BASURA: no JSON. OTRO_ESQUEMA: JSON without what was asked. ENORME: beyond any answer.
 */
export type Delivery = (typeof DELIVERIES)[number];

export type BehaviourOf = (call: Call) => Behaviour;

/** The port to MsAdaptadorPKI: two calls, and one error that says what became of the request. */
import type {
  ContextoDePeticion,
  NumeroSolicitud,
  RespuestaPaso1,
  RespuestaPaso2,
} from '../../../shared/emision/contrato.ts';
import type { CertezaDeEnvio, TipoFallo } from '../../../shared/emision/fallos.ts';
import type { SolicitudCertificado } from '../../../shared/emision/solicitud.ts';
import type { Veredicto } from '../../../shared/nucleo/circuito.ts';
import { textoLegible } from '../../../shared/nucleo/texto.ts';

/** What a call needs. */
export interface LlamadaALaPki {
  /** By which an idempotent adapter knows the work again. */
  clave: string;
  solicitud: SolicitudCertificado;
  contexto: ContextoDePeticion;
  /** Of step 1: null and none before it is done. */
  solicitudPkiId: string | null;
  numerosSolicitud: NumeroSolicitud[];
}

export interface PkiGateway {
  /** @throws PkiFallo */
  generarNumerosSolicitud(llamada: LlamadaALaPki): Promise<RespuestaPaso1>;
  /** @throws PkiFallo */
  generarCertificadoDigitalDniE(llamada: LlamadaALaPki): Promise<RespuestaPaso2>;
}

/** How much is kept of what the other side says: as much as Temporal holds of a failure, and support reads. */
const LINEAS_MAXIMAS = 5;
const LARGO_DE_LINEA = 160;

export interface DatosDePkiFallo {
  tipo: TipoFallo;
  certeza: CertezaDeEnvio;
  /** Null where the fault is ours: nothing was learnt of the service. */
  veredicto: Veredicto | null;
  /** What the other side said, line by line, as it came; it may name the citizen. */
  detalles: string[];
  /** Its Retry-After, in milliseconds. */
  reintentarEnMs?: number | null;
  cause?: unknown;
}

export class PkiFallo extends Error {
  readonly tipo: TipoFallo;
  readonly certeza: CertezaDeEnvio;
  readonly veredicto: Veredicto | null;
  readonly detalles: string[];
  readonly reintentarEnMs: number | null;

  constructor({ tipo, certeza, veredicto, detalles, reintentarEnMs = null, cause }: DatosDePkiFallo) {
    // Messages are logged: what the adapter said stays out of them.
    super(`the PKI call failed: ${tipo}`, { cause });
    this.name = 'PkiFallo';
    this.tipo = tipo;
    this.certeza = certeza;
    this.veredicto = veredicto;
    this.detalles = lineasLegibles(detalles);
    this.reintentarEnMs = reintentarEnMs;
  }
}

/** As many lines as are kept, each as anybody may read it; those in which there is nothing to see are left out. */
export function lineasLegibles(lineas: readonly string[]): string[] {
  const legibles: string[] = [];
  for (const linea of lineas) {
    if (legibles.length === LINEAS_MAXIMAS) break;
    const legible = textoLegible(linea, LARGO_DE_LINEA);
    if (legible !== '') legibles.push(legible);
  }
  return legibles;
}

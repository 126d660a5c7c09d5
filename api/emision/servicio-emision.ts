/** What the API's routes ask of the issuance: the port between HTTP and the durable process. */
import type { Auditoria, ContextoDePeticion, Paso } from '../../shared/emision/contrato.ts';
import type { OrdenDeReejecucion } from '../../shared/emision/reejecucion.ts';
import type {
  EstadoEmision,
  CertificadoEmitido,
  PasosProceso,
  Titular,
} from '../../shared/emision/emision.ts';
import type { FalloDeEmision, TipoFallo } from '../../shared/emision/fallos.ts';
import type { SolicitudCertificado } from '../../shared/emision/solicitud.ts';

/** What an issuance in process waits for. */
export interface Pendiente {
  paso: Paso;
  /** How the last attempt of the step failed; null where none has. */
  ultimoFallo: TipoFallo | null;
  /** When another is due; null where one is under way or due now, or waits for a worker. */
  proximoIntento: Date | null;
  /** The PKI is left in peace: the attempt waits for it to be found back. */
  retenida: boolean;
}

interface FalloMostrado extends FalloDeEmision {
  resultadoIncierto: boolean;
  /** Why the same request, sent again, would not run; null: it would. */
  sinReenvio: string | null;
}

/** The data of the envelope: how one issuance stands. */
export interface VistaEmision {
  transaccionId: string;
  codigoSolicitudTramite: string;
  estado: EstadoEmision;
  fechaInicio: string;
  fechaFin: string | null;
  tiempoProcesamientoMs: number | null;
  titular: Titular;
  certificados: CertificadoEmitido[];
  pasosProceso: PasosProceso;
  auditoria: Auditoria & { registroAuditoriaId: string | null };
  /** Only where estado is EN_PROCESO and the register holds it. */
  pendiente: Pendiente | null;
  /** Only where estado is FALLIDO. */
  fallo: FalloMostrado | null;
}

/** How long a caller wants to wait, and what it is told when that is over. */
export interface Espera {
  /** Longest wait in ms; the service's own bound (ESPERA_SINCRONA_MS) holds beside it. Null: that bound alone. */
  maximoMs: number | null;
  /** `Prefer: respond-async`: what goes on when the wait is over counts as accepted, not as a failure. */
  asincrona: boolean;
  /** Aborted when the client hangs up: the wait ends, the work goes on. */
  abandono: AbortSignal;
}

/** How a POST ends. `vista` is null where no transaction exists or where it is another request's. */
export type Desenlace =
  | { tipo: 'EMITIDO' | 'YA_EMITIDO'; vista: VistaEmision }
  | { tipo: 'ACEPTADA'; vista: VistaEmision; reintentarEnS: number }
  | {
      tipo: 'FALLO';
      fallo: TipoFallo;
      detalles: string[];
      vista: VistaEmision | null;
      reintentarEnS?: number;
    };

export interface ServicioEmision {
  /**
   * Starts or joins the issuance of this codigo and waits for it, at most ESPERA_SINCRONA_MS.
   * @param lector as for consultar; what another client sent is neither told, joined nor run again
   */
  emitir(
    solicitud: SolicitudCertificado,
    contexto: ContextoDePeticion,
    espera: Espera,
    lector?: string,
  ): Promise<Desenlace>;
  /**
   * Whether this very request was accepted before, and runs or is completed: then the rules of today do not judge it
   * again.
   */
  esRepeticion(solicitud: SolicitudCertificado): Promise<boolean>;
  /** Runs a failed issuance again with its stored request, and waits for it; null where the codigo is unknown. */
  reejecutar(codigo: string, orden: OrdenDeReejecucion, espera: Espera): Promise<Desenlace | null>;
  /**
   * How the issuance of this codigo stands; null where there is none that may be told.
   * @param lector keyed hash of a client that may read only what it sent; undefined: it may read all
   */
  consultar(codigoSolicitudTramite: string, lector?: string): Promise<VistaEmision | null>;
}

/** What the API's routes ask of the issuance: the port between HTTP and the durable process. */
import type { ContextoDePeticion } from './contrato.ts';
import type { EstadoEmision, CertificadoEmitido, PasosProceso, Titular } from './emision.ts';
import type { FalloDeEmision, TipoFallo } from './fallos.ts';
import type { SolicitudCertificado } from './solicitud.ts';

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
  auditoria: {
    registroAuditoriaId: string | null;
    usuarioEjecutor: string;
    oficinaEjecucion: string;
    ipCliente: string;
  };
  /** Only where estado is FALLIDO. */
  fallo: (FalloDeEmision & { resultadoIncierto: boolean }) | null;
}

/** How a POST ends. `vista` is null where no transaction exists or where it is another request's. */
export type Desenlace =
  | { tipo: 'EMITIDO' | 'YA_EMITIDO'; vista: VistaEmision }
  | {
      tipo: 'FALLO';
      fallo: TipoFallo;
      detalles: string[];
      vista: VistaEmision | null;
      reintentarEnS?: number;
    };

export interface ServicioEmision {
  /** Starts or joins the issuance of this codigo and waits for it, at most ESPERA_SINCRONA_MS. */
  emitir(solicitud: SolicitudCertificado, contexto: ContextoDePeticion): Promise<Desenlace>;
  /** How the issuance of this codigo stands; null where there is none. */
  consultar(codigoSolicitudTramite: string): Promise<VistaEmision | null>;
}

/** Raised by a ServicioEmision whose register or Temporal does not answer: 503, never 500. */
export class ServicioNoDisponible extends Error {
  constructor(parte: string, options?: ErrorOptions) {
    super(`no answer from ${parte}`, options);
    this.name = 'ServicioNoDisponible';
  }
}

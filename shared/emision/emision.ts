/** An issuance as people see it: state, steps and certificates, in the words of the seed's envelope. */

export const ESTADOS = ['EN_PROCESO', 'COMPLETADO', 'FALLIDO'] as const;
export type EstadoEmision = (typeof ESTADOS)[number];

export type EstadoPaso = 'PENDIENTE' | 'EN_PROCESO' | 'COMPLETADO' | 'FALLIDO';

/** Dates are ISO 8601 UTC without fraction; null while unknown. intentos counts requests really sent, over all runs. */
export interface PasoProceso {
  estado: EstadoPaso;
  fechaInicio: string | null;
  fechaFin: string | null;
  intentos: number;
}

/** The citizen of an issuance, as the envelope names them. */
export interface Titular {
  numeroDocumento: string;
  nombreCompleto: string;
}

export interface PasosProceso {
  paso1GeneracionClaves: PasoProceso & { solicitudPkiId: string | null };
  paso2EmisionCertificado: PasoProceso;
}

/** A certificate as it is released (core specification, data.certificados[]); read from the certificate itself. */
export interface CertificadoEmitido {
  tipoCertificado: string;
  certificadoId: string;
  /** Upper-case hex. */
  numeroSerie: string;
  fechaEmision: string;
  fechaVencimiento: string;
  vigenciaAnios: number;
  estadoCertificado: string;
  /** X.509 name, e.g. sha256WithRSAEncryption. */
  algoritmoFirma: string;
  /** Bits. */
  longitudClave: number;
  /** RFC 4514 with short names. */
  subjectDN: string;
  /** SHA-256 of the DER, upper-case hex. */
  huellaCertificado: string;
  /** DER, Base64 on one line. */
  certificadoBase64: string;
}

/** What a completed run returns: enough to rebuild the register's row from Temporal alone. */
export interface ResultadoEmision {
  estado: EstadoEmision;
  fechaInicio: string;
  fechaFin: string;
  pasosProceso: PasosProceso;
  certificados: CertificadoEmitido[];
}

const PENDIENTE: PasoProceso = { estado: 'PENDIENTE', fechaInicio: null, fechaFin: null, intentos: 0 };

/** The steps of a run that has not begun. @param solicitudPkiId where an earlier run's step 1 succeeded */
export function pasosPendientes(solicitudPkiId: string | null): PasosProceso {
  return {
    paso1GeneracionClaves: { ...PENDIENTE, solicitudPkiId },
    paso2EmisionCertificado: PENDIENTE,
  };
}

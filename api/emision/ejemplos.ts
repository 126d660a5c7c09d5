/** Examples of the OpenAPI document. People and certificates in them are made up. */
import type { CertificadoEmitido } from '../../shared/emision/emision.ts';
import type { VistaEmision } from './servicio-emision.ts';
import type { SolicitudCertificado } from '../../shared/emision/solicitud.ts';

export const EJEMPLO_DE_SOLICITUD: SolicitudCertificado = {
  solicitud: {
    numeroDocumento: '45678912',
    tipoDocumento: 'DNI',
    codigoSolicitudTramite: 'SOL-2026-000100',
    numeroTramite: 'TRA-2026-000100',
  },
  ciudadano: {
    nombres: 'María Elena',
    apellidoPaterno: 'Quispe',
    apellidoMaterno: 'Ñahui',
    fechaNacimiento: '1990-05-17',
    sexo: 'F',
    correoElectronico: 'maria.quispe@example.com',
    departamento: 'Lima',
    provincia: 'Lima',
    distrito: 'Miraflores',
  },
  configuracionCertificados: {
    tipoCertificados: ['AUTENTICACION'],
    vigenciaAnios: 4,
    usoExtendido: false,
    nivelSeguridad: 'ALTO',
  },
  metadatos: {
    oficinaOrigen: 'LIMA-CENTRO',
    usuarioRegistrador: 'jperez',
    ipOrigen: '10.20.30.40',
    timestampSolicitud: '2026-11-22T10:00:00Z',
  },
};

const CERTIFICADO: CertificadoEmitido = {
  tipoCertificado: 'AUTENTICACION',
  certificadoId: 'CERT-000001',
  numeroSerie: '4F2A9C11D03B7E5588AA',
  fechaEmision: '2026-11-22T10:00:01Z',
  fechaVencimiento: '2030-11-21T10:00:01Z',
  vigenciaAnios: 4,
  estadoCertificado: 'ACTIVO',
  algoritmoFirma: 'sha256WithRSAEncryption',
  longitudClave: 2048,
  subjectDN:
    'CN=QUISPE ÑAHUI MARÍA ELENA AUT 45678912,serialNumber=PNOPE-45678912,GN=María Elena,SN=Quispe Ñahui,' +
    'OU=EREP_PN_RENIEC_000001,L=Lima/Miraflores,ST=Lima,C=PE',
  huellaCertificado: '9B74C9897BAC770FFC029102A200C5DE59D8E8A1F8B5B6F5C2F1B0F6C7D2E3A4',
  certificadoBase64: 'MIIFpjCCA46gAwIBAgIKTyqcEdA7flWIqjANBgkqhkiG9w0BAQsFADA=',
};

const PASO_1 = {
  estado: 'COMPLETADO',
  solicitudPkiId: 'PKI-000001',
  fechaInicio: '2026-11-22T10:00:00Z',
  fechaFin: '2026-11-22T10:00:00Z',
  intentos: 1,
} as const;

export const EJEMPLO_EMITIDO: VistaEmision = {
  transaccionId: 'd2c5c0f0-6f7e-5d7f-9f0a-0f4f3a6a1b22',
  codigoSolicitudTramite: EJEMPLO_DE_SOLICITUD.solicitud.codigoSolicitudTramite,
  estado: 'COMPLETADO',
  fechaInicio: '2026-11-22T10:00:00Z',
  fechaFin: '2026-11-22T10:00:01Z',
  tiempoProcesamientoMs: 850,
  pendiente: null,
  titular: { numeroDocumento: '45678912', nombreCompleto: 'María Elena Quispe Ñahui' },
  certificados: [CERTIFICADO],
  pasosProceso: {
    paso1GeneracionClaves: PASO_1,
    paso2EmisionCertificado: {
      estado: 'COMPLETADO',
      fechaInicio: '2026-11-22T10:00:00Z',
      fechaFin: '2026-11-22T10:00:01Z',
      intentos: 1,
    },
  },
  auditoria: {
    registroAuditoriaId: '1042',
    usuarioEjecutor: 'siirc',
    oficinaEjecucion: 'LIMA-CENTRO',
    ipCliente: '10.20.30.40',
  },
  fallo: null,
};

export const EJEMPLO_FALLIDO: VistaEmision = {
  ...EJEMPLO_EMITIDO,
  estado: 'FALLIDO',
  certificados: [],
  pasosProceso: {
    paso1GeneracionClaves: PASO_1,
    paso2EmisionCertificado: {
      estado: 'FALLIDO',
      fechaInicio: '2026-11-22T10:00:00Z',
      fechaFin: '2026-11-22T10:00:01Z',
      intentos: 1,
    },
  },
  fallo: {
    tipo: 'CIUDADANO_NO_CUMPLE_REQUISITOS',
    detalles: ['La PKI rechazó la solicitud del ciudadano'],
    paso: 2,
    resultadoIncierto: false,
    sinReenvio: null,
  },
};

export const EJEMPLO_EN_PROCESO: VistaEmision = {
  ...EJEMPLO_EMITIDO,
  estado: 'EN_PROCESO',
  fechaFin: null,
  tiempoProcesamientoMs: null,
  certificados: [],
  pasosProceso: {
    paso1GeneracionClaves: PASO_1,
    paso2EmisionCertificado: {
      estado: 'EN_PROCESO',
      fechaInicio: '2026-11-22T10:00:00Z',
      fechaFin: null,
      intentos: 1,
    },
  },
};

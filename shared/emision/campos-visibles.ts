/**
 * What operators may read of an issuance's payloads in Temporal: how the work goes, and nothing of a person. A field that is not
 * named here is hidden.
 */
import { DECISIONES } from './soporte.ts';
import { ESTADOS } from './emision.ts';
import { FALLOS } from './fallos.ts';

export const CAMPOS_VISIBLES: readonly string[] = [
  // Whose work it is.
  'codigoSolicitudTramite',
  'codigos',
  'codigo',
  'numeroTramite',
  'transaccionId',
  'solicitudPkiId',
  'clave',
  'marca',
  'runId',
  'actividad',
  'reejecucionId',
  'correlationId',
  'requestId',
  // Where it comes from; not the device, which may be named after its user.
  'oficinaOrigen',
  'oficinaEjecucion',
  'canal',
  // What is asked for.
  'tipoDocumento',
  'tipoCertificados',
  'tipoCertificado',
  'nivelSeguridad',
  // What comes of it; not the certificate itself nor its name, which are a person's, nor what the PKI calls it in words of its own.
  'numeroSerie',
  'algoritmoFirma',
  'huellaCertificado',
  // How it goes.
  'estado',
  'tipo',
  'type',
  'certeza',
  'decision',
  'cargaRechazada',
  'claveActiva',
  // When.
  'aceptadaEn',
  'inicio',
  'timestampSolicitud',
  'fechaInicio',
  'fechaFin',
  'fechaEmision',
  'fechaVencimiento',
  'proximoIntento',
  'solicitadaEn',
];

/** The service's own words. */
export const TEXTOS_VISIBLES: readonly string[] = [
  ...ESTADOS,
  ...DECISIONES,
  ...Object.values(FALLOS).flatMap(({ nombre, tipo, titulo }) => [nombre, tipo, titulo]),
];

/** Examples of support's operations for the OpenAPI document, all made up. */
import type { AvanceDeReejecucion, PorRevocar, ResumenEmision } from '../../../shared/emision/soporte.ts';
import { EJEMPLO_FALLIDO } from '../ejemplos.ts';
import { escribirCursor } from './cursor.ts';

const { codigoSolicitudTramite, transaccionId } = EJEMPLO_FALLIDO;

export const EJEMPLO_DE_RESUMEN: ResumenEmision = {
  codigoSolicitudTramite,
  transaccionId,
  generacion: 1,
  estado: 'FALLIDO',
  aceptadaEn: '2026-11-22T10:00:00.123Z',
  fechaInicio: '2026-11-22T10:00:00Z',
  fechaFin: '2026-11-22T10:15:00Z',
  oficina: 'LIMA-CENTRO',
  fallo: { tipo: 'PKI_NO_DISPONIBLE', paso: 1 },
  resultadoIncierto: false,
  resolucion: null,
};

export const EJEMPLO_DE_CURSOR = escribirCursor('solicitudes', {
  aceptadaEn: new Date(EJEMPLO_DE_RESUMEN.aceptadaEn),
  codigo: codigoSolicitudTramite,
});

export const EJEMPLO_DE_AVANCE: AvanceDeReejecucion = {
  reejecucionId: '1c7a2f0e-5b7f-4a43-9e02-6a1f0f7d2c55',
  estado: 'EN_PROCESO',
  fechaInicio: '2026-11-22T11:00:00Z',
  fechaFin: null,
  solicitudes: [
    { codigoSolicitudTramite, estado: 'COMPLETADO', fallo: null },
    { codigoSolicitudTramite: 'SOL-2026-000002', estado: 'OMITIDO', fallo: 'SOLICITUD_EN_PROCESO' },
    { codigoSolicitudTramite: 'SOL-2026-000003', estado: 'PENDIENTE', fallo: null },
  ],
};

export const EJEMPLO_POR_REVOCAR: PorRevocar = {
  codigoSolicitudTramite,
  generacion: 1,
  causa: 'NUEVA_EMISION',
  clave: '6f9b6d5e-3c1a-5b7a-9d55-2a7c1e0b4f10',
  solicitudPkiId: 'PKI-000001',
  numerosSerie: ['4F2A9C11D03B7E5588AA'],
  registradaEn: '2026-11-22T11:00:00.123Z',
};

export const EJEMPLO_DE_CURSOR_POR_REVOCAR = escribirCursor('por-revocar', {
  aceptadaEn: new Date(EJEMPLO_POR_REVOCAR.registradaEn),
  codigo: codigoSolicitudTramite,
});

/** A citizen whose words nothing else holds, and who looks for them. */
import { jest } from '@jest/globals';
import type { SolicitudCertificado } from '../../../shared/emision/solicitud.ts';
import { createBuscador } from './busqueda-de-datos.ts';

jest.setTimeout(300_000);

/** Words that nothing else holds. */
export const CIUDADANO = {
  nombres: 'Zoraidaxq Ñuflexwy',
  apellidoPaterno: "D'Quispezwyk",
  apellidoMaterno: 'Güilkazonqo',
  fechaNacimiento: '1957-02-27',
  sexo: 'F',
  correoElectronico: 'zoraidaxq.quispezwyk@correo-unico.example',
  departamento: 'Departamentoxqz',
  provincia: 'Provinciaxqz',
  distrito: 'Distritoxqz',
};
export const DOCUMENTO = '83740659';
const METADATOS = {
  oficinaOrigen: 'LIMA-CENTRO',
  usuarioRegistrador: 'registradorxqz.rojas',
  ipOrigen: '203.0.113.197',
  timestampSolicitud: '2026-11-22T10:00:00Z',
};
const DISPOSITIVO = 'DISPOSITIVOXQZ-77';
const CANAL = 'VENTANILLAXQZ-77';
export const MOTIVO = 'Lo pide la hermana Clotildexqz Mamanizwy';
export const CORREGIDO = 'Corregidoxqz';
export const NOMBRE_DE_CAMPO = 'campoxqz_Zoraidaxq';

export const SECRETOS = [
  ...CIUDADANO.nombres.split(' '),
  CIUDADANO.apellidoPaterno,
  CIUDADANO.apellidoMaterno,
  CIUDADANO.fechaNacimiento,
  CIUDADANO.correoElectronico,
  CIUDADANO.departamento,
  CIUDADANO.provincia,
  CIUDADANO.distrito,
  DOCUMENTO,
  METADATOS.usuarioRegistrador,
  METADATOS.ipOrigen,
  // Not the channel: like the office, Temporal's lists have it in clear (ADR 52).
  DISPOSITIVO,
  'Clotildexqz',
  'Mamanizwy',
  CORREGIDO,
  NOMBRE_DE_CAMPO,
];
export const buscador = createBuscador(SECRETOS);

export function solicitud(codigo: string, distrito = CIUDADANO.distrito): SolicitudCertificado {
  return {
    solicitud: {
      numeroDocumento: DOCUMENTO,
      tipoDocumento: 'DNI',
      codigoSolicitudTramite: codigo,
      numeroTramite: 'TRA-1',
    },
    ciudadano: { ...CIUDADANO, distrito },
    configuracionCertificados: { tipoCertificados: ['FIRMA_DIGITAL', 'AUTENTICACION'], vigenciaAnios: 2 },
    metadatos: METADATOS,
  };
}

export const CABECERAS = { 'X-Device-ID': DISPOSITIVO, 'X-Channel': CANAL };

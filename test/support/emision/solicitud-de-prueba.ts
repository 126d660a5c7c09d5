/** A valid request of SIIRC; each test changes what it is about. */
import type { SolicitudCertificado } from '../../../shared/emision/solicitud.ts';

export function solicitudDePrueba(
  codigoSolicitudTramite = 'SOL-1',
  numeroDocumento = '45678912',
): SolicitudCertificado {
  return {
    solicitud: { numeroDocumento, tipoDocumento: 'DNI', codigoSolicitudTramite, numeroTramite: 'TRA-1' },
    ciudadano: {
      nombres: 'María Elena',
      apellidoPaterno: "O'Higgins-Quispe",
      apellidoMaterno: 'Ñahui',
      fechaNacimiento: '1990-05-17',
      sexo: 'F',
      correoElectronico: 'maria.quispe@example.com',
      departamento: 'Lima',
      provincia: 'Lima',
      distrito: 'Miraflores',
    },
    configuracionCertificados: {
      tipoCertificados: ['FIRMA_DIGITAL', 'AUTENTICACION', 'CIFRADO'],
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
}

/** A deep copy of `base` where the member at `ruta` (dotted) is `valor`; undefined takes it away. */
export function conMiembro(base: unknown, ruta: string, valor: unknown): unknown {
  const copia = structuredClone(base) as Record<string, unknown>;
  const nombres = ruta.split('.');
  const ultimo = nombres.pop() ?? '';
  let objeto = copia;
  for (const nombre of nombres) objeto = objeto[nombre] as Record<string, unknown>;
  if (valor === undefined) Reflect.deleteProperty(objeto, ultimo);
  else objeto[ultimo] = valor;
  return copia;
}

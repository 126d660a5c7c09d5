/** The request of SIIRC: fields and limits of the core specification, 3.1.1.1. */
import { z } from 'zod';
import { leerConEsquema, type Lectura } from '../nucleo/faltas-de-entrada.ts';
import { texto, textoDeLargo } from '../nucleo/texto.ts';

export const TIPOS_CERTIFICADO = ['FIRMA_DIGITAL', 'AUTENTICACION', 'CIFRADO'] as const;
export type TipoCertificado = (typeof TIPOS_CERTIFICADO)[number];

const VIGENCIA_MAX_ANIOS = 4;

/** `.` and `..` cannot travel as a path segment: clients and proxies resolve them even when encoded. */
export const codigoSolicitudTramite = texto(1, 30, (valor) =>
  valor === '.' || valor === '..' ? 'no puede ser «.» ni «..»' : null,
).meta({ description: 'Texto imprimible; identifica la solicitud', not: { enum: ['.', '..'] } });

/** The year 0 exists in ISO 8601 but in no calendar that dates a birth. */
const fechaReal = z.iso.date().refine((valor) => !valor.startsWith('0000'));

/** ISO 8601 with seconds; the 30 characters of the seed leave room for nanoseconds or an offset. */
const FECHA_HORA =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$/;

/** Mailbox of RFC 5321 with the internationalised addresses of RFC 6531; no quoted local part, no IP literal. */
const CORREO =
  /^[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+)*@([\p{L}\p{N}]([\p{L}\p{N}\p{M}-]*[\p{L}\p{N}\p{M}])?\.)+[\p{L}\p{N}]([\p{L}\p{N}\p{M}-]*[\p{L}\p{N}\p{M}])?$/u;

const correo = texto(5, 100, (valor) => (CORREO.test(valor) ? null : 'no es un correo electrónico')).meta({
  format: 'idn-email',
});

const ip = texto(7, 45, (valor) =>
  z.ipv4().safeParse(valor).success || z.ipv6().safeParse(valor).success
    ? null
    : 'no es una dirección IPv4 o IPv6',
).meta({ anyOf: [{ format: 'ipv4' }, { format: 'ipv6' }] });

export const fechaHora = texto(20, 30, (valor) => {
  const esReal = FECHA_HORA.test(valor) && fechaReal.safeParse(valor.slice(0, 'YYYY-MM-DD'.length)).success;
  return esReal ? null : 'no es una fecha y hora real (YYYY-MM-DDThh:mm:ssZ)';
}).meta({ format: 'date-time', pattern: FECHA_HORA.source });

/** A fault of the whole list is told beside those of single elements, not only once those are mended. */
const aunConFaltas = { when: ({ value }: { value: unknown }) => Array.isArray(value) };

const tipoCertificados = z
  .array(
    z.enum(TIPOS_CERTIFICADO).meta({ id: 'TipoCertificado', description: 'Para qué sirve el certificado' }),
  )
  .refine(({ length }) => length >= 1 && length <= TIPOS_CERTIFICADO.length, {
    error: textoDeLargo(1, TIPOS_CERTIFICADO.length, 'elemento', 'elementos'),
    ...aunConFaltas,
  })
  .refine((tipos) => new Set(tipos).size === tipos.length, {
    error: 'no puede repetir elementos',
    ...aunConFaltas,
  })
  .meta({
    description: 'De 1 a 3, sin repetir: un certificado de cada uno',
    minItems: 1,
    maxItems: TIPOS_CERTIFICADO.length,
    uniqueItems: true,
  });

/** Kind and number of a citizen's document. */
export const documento = {
  numeroDocumento: texto(8, 12).meta({ description: 'Un DNI tiene 8 dígitos; de otra forma: 422' }),
  tipoDocumento: texto(2, 3).meta({
    description: '`DNI`, u otro que el servicio admita; si no lo admite: 422',
  }),
};

const solicitud = z
  .strictObject({
    ...documento,
    codigoSolicitudTramite,
    numeroTramite: texto(1, 30).meta({ description: 'Número del trámite en SIIRC' }),
  })
  .meta({ id: 'Solicitud', description: 'De qué trámite y de qué documento' });

const ciudadano = z
  .strictObject({
    nombres: texto(1, 100).meta({ description: 'Como en el documento; irán en los certificados' }),
    apellidoPaterno: texto(1, 50).meta({ description: 'Como en el documento; irá en los certificados' }),
    apellidoMaterno: texto(1, 50)
      .exactOptional()
      .meta({ description: 'Como en el documento; ausente si no tiene, nunca vacío' }),
    fechaNacimiento: fechaReal.meta({ description: 'No puede ser futura; con menos de 18 años: 422' }),
    sexo: texto(1, 1).meta({
      description: 'Un carácter, como en el documento: `F` o `M`. Se traslada a la PKI tal como llega',
    }),
    correoElectronico: correo
      .exactOptional()
      .meta({ description: 'Si se envía, la PKI puede ponerlo en los certificados' }),
    departamento: texto(1, 50).meta({ description: 'Del domicilio' }),
    provincia: texto(1, 50).meta({ description: 'Del domicilio' }),
    distrito: texto(1, 50).meta({ description: 'Del domicilio' }),
  })
  .meta({ id: 'Ciudadano', description: 'A nombre de quién se emite' });

const configuracionCertificados = z
  .strictObject({
    tipoCertificados,
    vigenciaAnios: z
      .int()
      .min(1)
      .max(VIGENCIA_MAX_ANIOS)
      .meta({ description: 'Años de 365 días desde la aceptación' }),
    usoExtendido: z.boolean().exactOptional().meta({
      description: 'Opción de la PKI: se traslada tal como llega, y este servicio no la interpreta',
    }),
    nivelSeguridad: texto(4, 10).exactOptional().meta({
      description:
        'Opción de la PKI, por ejemplo `ALTO`: se traslada tal como llega, y este servicio no la interpreta',
    }),
  })
  .meta({ id: 'ConfiguracionCertificados', description: 'Qué certificados se piden' });

const metadatos = z
  .strictObject({
    oficinaOrigen: texto(1, 50).meta({
      description:
        'Oficina donde se registró el trámite. Puede ser otra que la de X-Office-Code, que es la que envía la petición',
    }),
    usuarioRegistrador: texto(1, 30).meta({ description: 'Quién registró el trámite en SIIRC' }),
    ipOrigen: ip.exactOptional().meta({
      description: 'IPv4 o IPv6 del equipo de la oficina; si falta, consta la de la conexión',
    }),
    timestampSolicitud: fechaHora.meta({
      description: 'Cuándo se registró el trámite en SIIRC: con segundos, y `Z` o la diferencia con UTC',
    }),
  })
  .meta({ id: 'Metadatos', description: 'De dónde viene el trámite' });

export const solicitudCertificado = z
  .strictObject({ solicitud, ciudadano, configuracionCertificados, metadatos })
  .meta({
    description: 'Ningún texto puede estar en blanco; ningún campo, tampoco uno opcional, puede ser null',
  });

export type SolicitudCertificado = z.infer<typeof solicitudCertificado>;

/** The one field whose limit moves with the calendar; read apart so that its fault is told with all others. */
const nacimiento = z.object({ ciudadano: z.object({ fechaNacimiento: fechaReal }) });

/**
 * Reads a request of unknown shape.
 * @param hoy day of acceptance in Peru, YYYY-MM-DD
 */
export function leerSolicitud(cuerpo: unknown, hoy: string): Lectura<SolicitudCertificado> {
  const lectura = leerConEsquema(solicitudCertificado, cuerpo, textoDeFalta);
  const fecha = nacimiento.safeParse(cuerpo);
  if (!fecha.success || fecha.data.ciudadano.fechaNacimiento <= hoy) return lectura;
  const deFecha = 'ciudadano.fechaNacimiento: no puede ser futura';
  return { valida: false, faltas: [...(lectura.valida ? [] : lectura.faltas), deFecha] };
}

/** Words for what zod checks of a number and a date; the other rules bring theirs. */
function textoDeFalta({ code }: z.core.$ZodRawIssue): string {
  return code === 'too_small' || code === 'too_big'
    ? `debe estar entre 1 y ${VIGENCIA_MAX_ANIOS}`
    : 'no es una fecha real (YYYY-MM-DD)';
}

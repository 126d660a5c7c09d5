/** Bodies of the two endpoints (docs/adapter.md). Unknown fields are tolerated: the original may grow. */
import { z } from 'zod';
import { Refusal } from './envelope.ts';

const TIPOS_CERTIFICADO = ['FIRMA_DIGITAL', 'AUTENTICACION', 'CIFRADO'] as const;
export type TipoCertificado = (typeof TIPOS_CERTIFICADO)[number];

/** At most `max` characters, a letter beyond the basic plane being one. */
const texto = (max: number) =>
  z
    .string()
    .refine((valor) => Array.from(valor).length <= max, `no admite más de ${max} caracteres`)
    .regex(/\S/, 'no puede estar vacío')
    .regex(/^[^\p{Cc}]*$/u, 'no admite caracteres de control')
    .refine((valor) => valor.isWellFormed(), 'no es Unicode bien formado');

const solicitud = z
  .object({
    /** Goes into a PrintableString. */
    numeroDocumento: z.string().regex(/^[0-9A-Za-z-]{8,12}$/, 'debe tener de 8 a 12 letras o dígitos'),
    tipoDocumento: texto(3),
    codigoSolicitudTramite: texto(30),
    numeroTramite: texto(30),
  })
  .refine(
    ({ tipoDocumento, numeroDocumento }) => tipoDocumento !== 'DNI' || /^[0-9]{8}$/.test(numeroDocumento),
    { path: ['numeroDocumento'], message: 'un DNI tiene 8 dígitos' },
  );

const tipoCertificados = z
  .array(z.enum(TIPOS_CERTIFICADO))
  .min(1)
  .refine((tipos) => new Set(tipos).size === tipos.length, 'no admite tipos repetidos');
const vigenciaAnios = z.int().min(1).max(4);
const opciones = { usoExtendido: z.boolean().optional(), nivelSeguridad: texto(10).optional() };

export const step1Request = z.object({ solicitud, tipoCertificados, vigenciaAnios, ...opciones });

export const step2Request = z.object({
  solicitudPkiId: texto(100),
  numerosSolicitud: z
    .array(z.object({ tipoCertificado: z.enum(TIPOS_CERTIFICADO), numeroSolicitud: texto(100) }))
    .min(1),
  solicitud,
  ciudadano: z.object({
    nombres: texto(100),
    apellidoPaterno: texto(50),
    apellidoMaterno: texto(50).optional(),
    fechaNacimiento: z.iso.date(),
    sexo: texto(1),
    correoElectronico: texto(100).optional(),
    departamento: texto(50),
    provincia: texto(50),
    distrito: texto(50),
  }),
  configuracionCertificados: z.object({ tipoCertificados, vigenciaAnios, ...opciones }),
});

export type Step1Request = z.infer<typeof step1Request>;
export type Step2Request = z.infer<typeof step2Request>;
export type Solicitud = Step1Request['solicitud'];
export type Ciudadano = Step2Request['ciudadano'];

/** @throws Refusal VALIDACION with one line per fault, beginning with its path */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Refusal(
    'VALIDACION',
    parsed.error.issues.map((issue) => `${issue.path.join('.') || 'cuerpo'}: ${issue.message}`),
  );
}

/** The codigo of a body that may be at fault: what its calls are counted under. */
export function codigoOf(body: unknown): string | undefined {
  return z.object({ solicitud: z.object({ codigoSolicitudTramite: z.string() }) }).safeParse(body).data
    ?.solicitud.codigoSolicitudTramite;
}

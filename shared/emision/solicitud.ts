/** The request of SIIRC: fields and limits of seed 000, 3.1.1.1; formats of DESIGN.md section 5. */
import { z } from 'zod';

export const TIPOS_CERTIFICADO = ['FIRMA_DIGITAL', 'AUTENTICACION', 'CIFRADO'] as const;
export type TipoCertificado = (typeof TIPOS_CERTIFICADO)[number];

const texto = (min: number, max: number) => z.string().min(min).max(max);

export const solicitudCertificado = z.strictObject({
  solicitud: z.strictObject({
    numeroDocumento: texto(8, 12),
    tipoDocumento: texto(2, 3),
    codigoSolicitudTramite: texto(1, 30),
    numeroTramite: texto(1, 30),
  }),
  ciudadano: z.strictObject({
    nombres: texto(1, 100),
    apellidoPaterno: texto(1, 50),
    apellidoMaterno: texto(1, 50).exactOptional(),
    fechaNacimiento: z.iso.date(),
    sexo: texto(1, 1),
    correoElectronico: texto(5, 100).exactOptional(),
    departamento: texto(1, 50),
    provincia: texto(1, 50),
    distrito: texto(1, 50),
  }),
  configuracionCertificados: z.strictObject({
    tipoCertificados: z.array(z.enum(TIPOS_CERTIFICADO)).min(1).max(3),
    vigenciaAnios: z.int().min(1).max(4),
    usoExtendido: z.boolean().exactOptional(),
    nivelSeguridad: texto(4, 10).exactOptional(),
  }),
  metadatos: z.strictObject({
    oficinaOrigen: texto(1, 50),
    usuarioRegistrador: texto(1, 30),
    ipOrigen: texto(7, 45).exactOptional(),
    timestampSolicitud: texto(20, 30),
  }),
});

export type SolicitudCertificado = z.infer<typeof solicitudCertificado>;

/**
 * What a certificate must be to leave the house, as data: docs/certificates.md explains it, PERFIL_CERTIFICADOS
 * replaces it. The profile is a closed list: what it doesn't name (an attribute, an extension) is a fault.
 */
import { z } from 'zod';
import { TIPOS_CERTIFICADO } from './solicitud.ts';

/** Order of the bits of KeyUsage (RFC 5280, 4.2.1.3). */
export const USOS_DE_CLAVE = [
  'digitalSignature',
  'contentCommitment',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

export const USOS_EXTENDIDOS = {
  anyExtendedKeyUsage: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  OCSPSigning: '1.3.6.1.5.5.7.3.9',
} as const;

export const EXTENSIONES = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  cRLDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  qcStatements: '1.3.6.1.5.5.7.1.3',
} as const;

/** Short names of the subject's attributes. */
export const ATRIBUTOS = {
  C: '2.5.4.6',
  ST: '2.5.4.8',
  L: '2.5.4.7',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  SN: '2.5.4.4',
  GN: '2.5.4.42',
  serialNumber: '2.5.4.5',
  CN: '2.5.4.3',
} as const;
export type Atributo = keyof typeof ATRIBUTOS;

/** What a template of the subject may name between braces. `sufijo` is the type's. */
const CAMPOS_DE_PLANTILLA = [
  'departamento',
  'provincia',
  'distrito',
  'apellidos',
  'nombres',
  'numeroDocumento',
  'numeroSolicitud',
  'sufijo',
] as const;
export type CampoDePlantilla = (typeof CAMPOS_DE_PLANTILLA)[number];

const claves = <T extends object>(tabla: T) => Object.keys(tabla) as [keyof T & string];
const oid = z.string().regex(/^[0-2](\.(0|[1-9][0-9]*))+$/);
const usoExtendido = z
  .union([z.enum(claves(USOS_EXTENDIDOS)), oid])
  .refine(
    (uso) => uso !== 'anyExtendedKeyUsage' && uso !== USOS_EXTENDIDOS.anyExtendedKeyUsage,
    'never any usage',
  );

const plantilla = z
  .string()
  .min(1)
  .refine(
    (texto) =>
      [...texto.matchAll(/\{([^}]*)\}/g)].every(([, campo]) =>
        CAMPOS_DE_PLANTILLA.some((conocido) => conocido === campo),
      ),
    `only these fields: ${CAMPOS_DE_PLANTILLA.map((campo) => `{${campo}}`).join(' ')}`,
  );

const usos = z.array(z.enum(USOS_DE_CLAVE)).min(1);

const perfilCertificado = z.strictObject({
  claves: z.strictObject({
    RSA: z.strictObject({ bitsMinimos: z.int().min(2048), exponenteMinimo: z.int().min(3) }).exactOptional(),
    EC: z.strictObject({ curvas: z.array(z.enum(['P-256', 'P-384', 'P-521'])).min(1) }).exactOptional(),
  }),
  /** Of the certificate's own signature and of its intermediates'. */
  hashesDeFirma: z.array(z.enum(['SHA-256', 'SHA-384', 'SHA-512'])).min(1),
  /** Exactly these attributes and the CN, once each. */
  sujeto: z.partialRecord(z.enum(claves(ATRIBUTOS)).exclude(['CN']), plantilla),
  /** "<nombre> <final>"; only nombre may be cut, to keep the whole within the limit (RFC 5280: 64). */
  nombreComun: z.strictObject({ nombre: plantilla, final: plantilla, longitudMaxima: z.int().min(1) }),
  tipos: z.record(
    z.enum(TIPOS_CERTIFICADO),
    z.strictObject({
      sufijo: z.string().min(1),
      usosDeClave: z.strictObject({ RSA: usos, EC: usos }),
      usosExtendidos: z.array(usoExtendido).min(1),
    }),
  ),
  /** By name or object identifier. */
  extensiones: z.record(
    z.union([z.enum(claves(EXTENSIONES)), oid]),
    z.strictObject({ critica: z.boolean(), obligatoria: z.boolean() }),
  ),
  vigencia: z.strictObject({
    /** Either side of vigenciaAnios calendar years, inclusive. */
    toleranciaS: z.int().min(0),
    /** How long before the codigo's first acceptance the certificate may begin. */
    anticipacionS: z.int().min(0),
    /** How far the PKI's clock may be ahead of ours. */
    relojAdelantadoS: z.int().min(0),
  }),
});

export type PerfilCertificado = z.infer<typeof perfilCertificado>;

const DIA_S = 86_400;

export const PERFIL_POR_DEFECTO: PerfilCertificado = {
  claves: { RSA: { bitsMinimos: 2048, exponenteMinimo: 65_537 }, EC: { curvas: ['P-256'] } },
  hashesDeFirma: ['SHA-256', 'SHA-384', 'SHA-512'],
  sujeto: {
    C: 'PE',
    ST: '{departamento}',
    L: '{provincia}/{distrito}',
    OU: 'EREP_PN_RENIEC_{numeroSolicitud}',
    SN: '{apellidos}',
    GN: '{nombres}',
    serialNumber: 'PNOPE-{numeroDocumento}',
  },
  nombreComun: {
    nombre: '{apellidos} {nombres}',
    final: '{sufijo} {numeroDocumento}',
    longitudMaxima: 64,
  },
  tipos: {
    FIRMA_DIGITAL: {
      sufijo: 'FIR',
      usosDeClave: { RSA: ['contentCommitment'], EC: ['contentCommitment'] },
      usosExtendidos: ['emailProtection'],
    },
    AUTENTICACION: {
      sufijo: 'AUT',
      usosDeClave: { RSA: ['digitalSignature'], EC: ['digitalSignature'] },
      usosExtendidos: ['clientAuth'],
    },
    CIFRADO: {
      sufijo: 'CIF',
      usosDeClave: { RSA: ['keyEncipherment'], EC: ['keyAgreement'] },
      usosExtendidos: ['emailProtection'],
    },
  },
  extensiones: {
    basicConstraints: { critica: true, obligatoria: true },
    keyUsage: { critica: true, obligatoria: true },
    extendedKeyUsage: { critica: false, obligatoria: true },
    authorityKeyIdentifier: { critica: false, obligatoria: true },
    subjectKeyIdentifier: { critica: false, obligatoria: true },
    certificatePolicies: { critica: false, obligatoria: false },
    cRLDistributionPoints: { critica: false, obligatoria: false },
    authorityInfoAccess: { critica: false, obligatoria: false },
    qcStatements: { critica: false, obligatoria: false },
  },
  vigencia: { toleranciaS: DIA_S, anticipacionS: DIA_S, relojAdelantadoS: 300 },
};

/**
 * Reads the JSON that PERFIL_CERTIFICADOS names; it replaces the whole default.
 * @throws Error that names every path at fault
 */
export function leerPerfilCertificado(json: string): PerfilCertificado {
  const leido = perfilCertificado.safeParse(parseJson(json));
  if (!leido.success) {
    throw new Error(`The certificate profile is not valid:\n${z.prettifyError(leido.error)}`);
  }
  return leido.data;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (causa) {
    throw new Error('The certificate profile is not JSON', { cause: causa });
  }
}

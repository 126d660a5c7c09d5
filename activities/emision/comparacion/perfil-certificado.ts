/**
 * What a certificate must be to be released, as data: docs/certificates.md explains it, PERFIL_CERTIFICADOS replaces it.
 * The profile is a closed list: what it doesn't name (an attribute, an extension) is a fault.
 */
import { z } from 'zod';
import {
  ATRIBUTOS,
  CURVAS,
  EXTENSIONES,
  HASHES_SEGUROS,
  nombreDeExtension,
  USOS_DE_CLAVE,
  USOS_EXTENDIDOS,
} from '../../../shared/x509/identificadores.ts';
import { TIPOS_CERTIFICADO } from '../../../shared/emision/solicitud.ts';

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

/** A person's key signs no certificates: RFC 5280, 4.2.1.9. */
const usos = z.array(z.enum(USOS_DE_CLAVE).exclude(['keyCertSign'])).min(1);

const perfilCertificado = z.strictObject({
  claves: z.strictObject({
    RSA: z.strictObject({ bitsMinimos: z.int().min(2048), exponenteMinimo: z.int().min(3) }).exactOptional(),
    EC: z
      .strictObject({ curvas: z.array(z.enum(Object.values(CURVAS).map(({ nombre }) => nombre))).min(1) })
      .exactOptional(),
  }),
  /** Hashes of the certificate's own signature and of its intermediates'. */
  hashesDeFirma: z.array(z.enum(HASHES_SEGUROS)).min(1),
  /** Exactly these attributes, once each, in this order, and the CN after them. */
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
  extensiones: z
    .record(
      z.union([z.enum(claves(EXTENSIONES)), oid]),
      z.strictObject({ critica: z.boolean(), obligatoria: z.boolean() }),
    )
    .refine(
      (extensiones) => Object.keys(extensiones).map(nombreDeExtension).includes('authorityKeyIdentifier'),
      'authorityKeyIdentifier among them: nothing is released without it',
    ),
  vigencia: z.strictObject({
    /** Beyond either way of counting vigenciaAnios (calendar years, 365 days each), inclusive. */
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
  hashesDeFirma: [...HASHES_SEGUROS],
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

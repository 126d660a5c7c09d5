/** Object identifiers of X.509 by their names: extensions, usages, attributes (RFC 5280, appendix A). */

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
  nameConstraints: '2.5.29.30',
  cRLDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  qcStatements: '1.3.6.1.5.5.7.1.3',
} as const;
export type Extension = keyof typeof EXTENSIONES;

/** Short names of a name's attributes. */
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

const NOMBRE_DE_EXTENSION = porSuNumero(EXTENSIONES);
const NOMBRE_DE_USO = porSuNumero(USOS_EXTENDIDOS);
const NOMBRE_DE_ATRIBUTO = porSuNumero(ATRIBUTOS);

/**
 * Name of an extension by its object identifier. Here and below, what is in no table, and so a name too, is answered
 * unchanged.
 */
export function nombreDeExtension(oid: string): string {
  return NOMBRE_DE_EXTENSION.get(oid) ?? oid;
}

/** Name of an extended usage. */
export function nombreDeUso(oid: string): string {
  return NOMBRE_DE_USO.get(oid) ?? oid;
}

/** Short name of an attribute. */
export function nombreDeAtributo(oid: string): string {
  return NOMBRE_DE_ATRIBUTO.get(oid) ?? oid;
}

function porSuNumero(tabla: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(tabla).map(([nombre, oid]) => [oid, nombre]));
}

export const HASHES = {
  'SHA-1': '1.3.14.3.2.26',
  'SHA-256': '2.16.840.1.101.3.4.2.1',
  'SHA-384': '2.16.840.1.101.3.4.2.2',
  'SHA-512': '2.16.840.1.101.3.4.2.3',
} as const;
/** What a signature may stand on. */
export const HASHES_SEGUROS = ['SHA-256', 'SHA-384', 'SHA-512'] as const;

/** Elliptic curves by OpenSSL's names of them: the name by NIST, bits of the field. */
export const CURVAS = {
  prime256v1: { nombre: 'P-256', bits: 256 },
  secp384r1: { nombre: 'P-384', bits: 384 },
  secp521r1: { nombre: 'P-521', bits: 521 },
} as const;

export const ANY_POLICY = '2.5.29.32.0';
export const EMAIL_ADDRESS = '1.2.840.113549.1.9.1';

/** Bytes to a certificate, by two parsers that must agree: @peculiar's ASN.1 schemas, and OpenSSL by node:crypto. */
import { createHash, X509Certificate, type KeyObject } from 'node:crypto';
import { AsnConvert, BitString, OctetString } from '@peculiar/asn1-schema';
import { BasicConstraints, Certificate, ExtendedKeyUsage, type Time } from '@peculiar/asn1-x509';
import { leerAlgoritmoDeFirma, type AlgoritmoDeFirma } from './algoritmo-de-firma.ts';
import { leerIdDeClaveEmisora, type IdDeClaveEmisora } from './id-de-clave-emisora.ts';
import { EMAIL_ADDRESS, EXTENSIONES, USOS_DE_CLAVE, type Extension } from './identificadores.ts';
import { leerPoliticas } from './leer-politicas.ts';
import {
  enFormatoDeNode,
  enRfc4514,
  formaComparable,
  leerNombre,
  type NombreComparable,
  type NombreDistinguido,
} from './nombres/nombre-distinguido.ts';
import { leerNombresGenerales, type NombreGeneral } from './nombres/nombre-general.ts';
import type { PoliticasDeCertificado } from './ruta/politicas.ts';
import { leerRestriccionesDeNombre, type RestriccionesDeNombre } from './nombres/restricciones-de-nombre.ts';

export interface CertificadoLeido {
  der: Buffer;
  /** OpenSSL's view, for what only it does: verify signatures. */
  x509: X509Certificate;
  clavePublica: KeyObject;
  version: number;
  serie: bigint;
  /** Upper-case hex, whole octets. */
  numeroSerie: string;
  sujeto: NombreDistinguido;
  subjectDN: string;
  issuerDN: string;
  nombreDelSujeto: NombreComparable;
  nombreDelEmisor: NombreComparable;
  desde: Date;
  hasta: Date;
  algoritmoFirma: AlgoritmoDeFirma;
  /** In the order of the encoding. */
  extensiones: { oid: string; critica: boolean }[];
  basicConstraints: { esCa: boolean; longitudMaximaRuta: number | null } | null;
  usosDeClave: string[] | null;
  /** Object identifiers. */
  usosExtendidos: string[] | null;
  nombresAlternativos: NombreGeneral[] | null;
  restriccionesDeNombre: RestriccionesDeNombre | null;
  politicas: PoliticasDeCertificado;
  idClaveEmisor: IdDeClaveEmisora | null;
  /** Upper-case hex. */
  idClave: string | null;
  /** SHA-256 of the SubjectPublicKeyInfo's DER, upper-case hex. */
  huellaClavePublica: string;
  /** SHA-256 of the DER, upper-case hex. */
  huellaCertificado: string;
  /** Faults of the parts that could not be read; their values here are null. */
  ilegibles: string[];
}

export type LecturaDeCertificado =
  /** `discrepancias`: what the two parsers read differently, or one of them not at all. */
  | { legible: true; certificado: CertificadoLeido; discrepancias: string[] }
  | { legible: false; falta: string };

/** Ten times a large certificate; past it the parsers are not even asked. */
const BYTES_MAXIMOS = 65_536;

/** Reads certificadoBase64 of a reply. Line breaks within (RFC 2045) are allowed, anything else is not. */
export function leerCertificadoBase64(certificadoBase64: string): LecturaDeCertificado {
  if (certificadoBase64.length > BYTES_MAXIMOS * 1.4) {
    return { legible: false, falta: 'certificadoBase64: es demasiado largo para ser un certificado' };
  }
  const base64 = certificadoBase64.replace(/[\r\n]/g, '');
  const der = Buffer.from(base64, 'base64');
  if (der.length === 0 || der.toString('base64') !== base64) {
    return {
      legible: false,
      falta: 'certificadoBase64: se esperaba el DER del certificado en Base64 y llegó otro texto',
    };
  }
  return leerCertificado(der);
}

/** Never throws, whatever the bytes. */
export function leerCertificado(der: Buffer): LecturaDeCertificado {
  try {
    const certificado = conEsquemas(der, new X509Certificate(der));
    return {
      legible: true,
      certificado,
      discrepancias: [...certificado.ilegibles, ...discrepanciasConOpenSsl(certificado)],
    };
  } catch {
    // What a parser says of hostile bytes helps nobody; the bytes themselves go to quarantine.
    return {
      legible: false,
      falta: 'certificadoBase64: se esperaba un certificado X.509 en DER y llegó algo que no se puede leer',
    };
  }
}

/** A part that cannot be read is named; the rest is still worth reading: the serial, above all. */
function conEsquemas(der: Buffer, x509: X509Certificate): CertificadoLeido {
  const ilegibles: string[] = [];
  const { tbsCertificate: tbs, signatureAlgorithm } = AsnConvert.parse(der, Certificate);
  const extensiones = Array.from(tbs.extensions ?? []);
  const leer = <T>(parte: string, lector: () => T): T | null => {
    try {
      return lector();
    } catch {
      ilegibles.push(`${parte}: está mal codificado`);
      return null;
    }
  };
  const leerExtension = <T>(nombre: Extension, lector: (valor: ArrayBuffer) => T): T | null => {
    const extension = extensiones.find(({ extnID }) => extnID === EXTENSIONES[nombre]);
    return extension ? leer(nombre, () => lector(extension.extnValue.buffer)) : null;
  };
  const serie = BigInt.asIntN(tbs.serialNumber.byteLength * 8, BigInt(`0x${hex(tbs.serialNumber)}`));
  const sujeto = leerNombre(tbs.subject);
  const emisor = leerNombre(tbs.issuer);
  if (!signatureAlgorithm.isEqual(tbs.signature)) {
    ilegibles.push('algoritmo de firma: el certificado nombra dos distintos');
  }
  const oids = extensiones.map(({ extnID }) => extnID);
  if (new Set(oids).size !== oids.length) ilegibles.push('extensiones: una está más de una vez');

  return {
    der,
    x509,
    clavePublica: x509.publicKey,
    version: tbs.version + 1,
    serie,
    numeroSerie: enOctetos(serie),
    sujeto,
    subjectDN: enRfc4514(sujeto),
    issuerDN: enRfc4514(emisor),
    nombreDelSujeto: formaComparable(sujeto),
    nombreDelEmisor: formaComparable(emisor),
    desde: leerFecha(tbs.validity.notBefore),
    hasta: leerFecha(tbs.validity.notAfter),
    algoritmoFirma: leerAlgoritmoDeFirma(signatureAlgorithm),
    extensiones: extensiones.map(({ extnID, critical }) => ({ oid: extnID, critica: critical })),
    basicConstraints: leerExtension('basicConstraints', leerBasicConstraints),
    usosDeClave: leerExtension('keyUsage', leerUsosDeClave),
    usosExtendidos: leerExtension('extendedKeyUsage', leerUsosExtendidos),
    nombresAlternativos: leerExtension('subjectAltName', leerNombresGenerales),
    restriccionesDeNombre: leerExtension('nameConstraints', leerRestriccionesDeNombre),
    politicas: leerPoliticas(leerExtension),
    idClaveEmisor: leerExtension('authorityKeyIdentifier', leerIdDeClaveEmisora),
    idClave: leerExtension('subjectKeyIdentifier', (valor) =>
      hex(AsnConvert.parse(valor, OctetString).buffer),
    ),
    huellaClavePublica: sha256(Buffer.from(AsnConvert.serialize(tbs.subjectPublicKeyInfo))),
    huellaCertificado: sha256(der),
    ilegibles,
  };
}

/** What name constraints apply to (RFC 5280, 4.2.1.10): the subject, its other names, or the e-mail within it. */
export function nombresDe({
  sujeto,
  nombreDelSujeto,
  nombresAlternativos,
}: CertificadoLeido): NombreGeneral[] {
  const correos = sujeto.flat().filter(({ oid }) => oid === EMAIL_ADDRESS);
  return [
    ...(sujeto.length > 0 ? [{ forma: 'directoryName' as const, nombre: nombreDelSujeto }] : []),
    ...(nombresAlternativos ??
      correos.map(({ valor }) => ({ forma: 'rfc822Name' as const, texto: valor ?? '' }))),
  ];
}

/** What OpenSSL reads differently: a certificate that two readers understand differently fools one of them. */
function discrepanciasConOpenSsl(leido: CertificadoLeido): string[] {
  const { x509 } = leido;
  // Without the extension it is undefined, whatever its type says.
  const usosExtendidos = x509.keyUsage as string[] | undefined;
  const spki = leido.clavePublica.export({ type: 'spki', format: 'der' });
  const acuerdos: Record<string, boolean> = {
    codificación: x509.raw.equals(leido.der),
    sujeto: x509.subject === enFormatoDeNode(leido.sujeto),
    'número de serie': x509.serialNumber === leido.numeroSerie,
    'fecha de emisión': x509.validFromDate.getTime() === leido.desde.getTime(),
    'fecha de vencimiento': x509.validToDate.getTime() === leido.hasta.getTime(),
    'clave pública': sha256(spki) === leido.huellaClavePublica,
    huella: x509.fingerprint256.replaceAll(':', '') === leido.huellaCertificado,
    'uso extendido': mismosElementos(usosExtendidos ?? [], leido.usosExtendidos ?? []),
  };
  return Object.entries(acuerdos)
    .filter(([, coincide]) => !coincide)
    .map(([parte]) => `${parte}: dos lectores del certificado no leen lo mismo`);
}

function mismosElementos(unos: readonly string[], otros: readonly string[]): boolean {
  return unos.length === otros.length && unos.every((uno) => otros.includes(uno));
}

function leerFecha(fecha: Time): Date {
  const leida = fecha.utcTime ?? fecha.generalTime;
  if (leida === undefined) throw new Error(`no date`);
  // A date that cannot be written, with a year of four digits, cannot be released either; of no date the year is NaN.
  const anio = leida.getUTCFullYear();
  if (!(anio >= 0 && anio <= 9999)) throw new Error('impossible date');
  return leida;
}

function leerBasicConstraints(valor: ArrayBuffer): CertificadoLeido['basicConstraints'] {
  const { cA, pathLenConstraint } = AsnConvert.parse(valor, BasicConstraints);
  if (pathLenConstraint !== undefined && !(pathLenConstraint >= 0)) throw new Error('no length');
  return { esCa: cA, longitudMaximaRuta: pathLenConstraint ?? null };
}

function leerUsosDeClave(valor: ArrayBuffer): string[] {
  const octetos = [...new Uint8Array(AsnConvert.parse(valor, BitString).value)];
  const bits = octetos.flatMap((octeto) => Array.from({ length: 8 }, (_, i) => (octeto >> (7 - i)) & 1));
  return bits.flatMap((bit, i) => (bit === 1 ? [USOS_DE_CLAVE[i] ?? `bit ${i}`] : []));
}

function leerUsosExtendidos(valor: ArrayBuffer): string[] {
  const usos = [...AsnConvert.parse(valor, ExtendedKeyUsage)];
  if (usos.length === 0) throw new Error('no usage');
  return usos;
}

function enOctetos(serie: bigint): string {
  const cifras = (serie < 0n ? -serie : serie).toString(16).toUpperCase();
  return `${serie < 0n ? '-' : ''}${cifras.length % 2 === 0 ? '' : '0'}${cifras}`;
}

function hex(octetos: ArrayBuffer): string {
  return Buffer.from(octetos).toString('hex').toUpperCase();
}

function sha256(octetos: Buffer): string {
  return createHash('sha256').update(octetos).digest('hex').toUpperCase();
}

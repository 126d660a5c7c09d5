/**
 * How a certificate is written (RFC 5280, 4.1 and 4.2): strict DER, and octet for octet what the schemas would write
 * again. Where forgiving readers read one certificate, strict ones read another, or none.
 */
import { AsnConvert, BitString, OctetString } from '@peculiar/asn1-schema';
import {
  AuthorityInfoAccessSyntax,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  CertificatePolicies,
  CRLDistributionPoints,
  ExtendedKeyUsage,
  InhibitAnyPolicy,
  NameConstraints,
  PolicyConstraints,
  PolicyMappings,
  SubjectAlternativeName,
  SubjectInfoAccessSyntax,
} from '@peculiar/asn1-x509';
import { faltasDeClave } from './codificacion-de-clave.ts';
import { ETIQUETA, esDeContexto, esUniversal, latin1, leerDer, textoDeOid, type NodoDer } from './der.ts';
import { EXTENSIONES, nombreDeExtension } from '../identificadores.ts';
import { faltasDeValor, tieneNombresVacios } from './valores-de-extension.ts';

const ESQUEMAS: Readonly<Record<string, new () => object>> = {
  [EXTENSIONES.authorityInfoAccess]: AuthorityInfoAccessSyntax,
  [EXTENSIONES.authorityKeyIdentifier]: AuthorityKeyIdentifier,
  [EXTENSIONES.basicConstraints]: BasicConstraints,
  [EXTENSIONES.certificatePolicies]: CertificatePolicies,
  [EXTENSIONES.cRLDistributionPoints]: CRLDistributionPoints,
  [EXTENSIONES.extendedKeyUsage]: ExtendedKeyUsage,
  [EXTENSIONES.inhibitAnyPolicy]: InhibitAnyPolicy,
  [EXTENSIONES.keyUsage]: BitString,
  [EXTENSIONES.nameConstraints]: NameConstraints,
  [EXTENSIONES.policyConstraints]: PolicyConstraints,
  [EXTENSIONES.policyMappings]: PolicyMappings,
  [EXTENSIONES.subjectAltName]: SubjectAlternativeName,
  [EXTENSIONES.subjectKeyIdentifier]: OctetString,
  '1.3.6.1.5.5.7.1.11': SubjectInfoAccessSyntax,
};

interface Partes {
  algoritmos: NodoDer[];
  emisor: NodoDer;
  sujeto: NodoDer;
  fechas: NodoDer[];
  clave: NodoDer;
  extensiones: { oid: string; critica: NodoDer | null; valor: NodoDer }[];
  /** It has the field for extensions, and nothing in it. */
  sinExtensiones: boolean;
  idsUnicos: NodoDer[];
}

/** @returns faults, in Spanish. Never throws, whatever the bytes. */
export function faltasDeCodificacion(der: Uint8Array): string[] {
  const { nodo, faltas } = leerDer(der);
  const partes = nodo && partesDe(nodo);
  if (!partes) return [...faltas, 'no tiene las partes de un certificado X.509'].map(comoFalta);
  return [
    ...faltas,
    ...(seEscribeIgual(der, Certificate) ? [] : ['no se escribe de nuevo con los mismos octetos']),
    ...partes.fechas.flatMap(faltasDeFecha),
    ...partes.algoritmos.flatMap(faltasDeAlgoritmo),
    ...faltasDeClave(partes.clave),
    ...partes.extensiones.flatMap(faltasDeExtension),
    ...(partes.sinExtensiones ? ['lleva una lista de extensiones vacía'] : []),
    ...(partes.emisor.hijos.length === 0 ? ['no nombra a su emisor'] : []),
    ...([partes.emisor, partes.sujeto].some(tieneNombresVacios) ? ['un nombre lleva algo vacío'] : []),
    ...(partes.idsUnicos.length > 0 ? ['lleva identificadores únicos'] : []),
  ].map(comoFalta);
}

function comoFalta(falta: string): string {
  return `codificación: ${falta}`;
}

/** RFC 5280, 4.1. @returns null where it is of another shape */
function partesDe(certificado: NodoDer): Partes | null {
  const [tbs, algoritmo, firma] = certificado.hijos;
  if (!tbs || !algoritmo || !firma || certificado.hijos.length !== 3) return null;
  const sinVersion = tbs.hijos.filter((hijo, i) => i > 0 || !esDeContexto(hijo, 0));
  const [, interno, emisor, vigencia, sujeto, clave, ...resto] = sinVersion;
  if (!interno || !emisor || !vigencia || !sujeto || !clave) return null;
  const deExtensiones = resto.find((hijo) => esDeContexto(hijo, 3));
  const lista = deExtensiones?.hijos[0]?.hijos ?? [];
  const extensiones = lista.map(({ hijos }) => {
    const [oid, segundo, tercero] = hijos;
    const valor = tercero ?? segundo;
    if (!oid || !segundo || !valor) return null;
    return { oid: textoDeOid(oid), critica: tercero ? segundo : null, valor };
  });
  return {
    algoritmos: [interno, algoritmo],
    emisor,
    sujeto,
    fechas: vigencia.hijos,
    clave,
    extensiones: extensiones.filter((una) => una !== null),
    sinExtensiones: deExtensiones !== undefined && lista.length === 0,
    idsUnicos: resto.filter((hijo) => esDeContexto(hijo, 1) || esDeContexto(hijo, 2)),
  };
}

function seEscribeIgual(der: Uint8Array, esquema: new () => object): boolean {
  try {
    return Buffer.from(AsnConvert.serialize(AsnConvert.parse(der, esquema))).equals(der);
  } catch {
    return false;
  }
}

/** RFC 5280, 4.1.2.5: UTCTime through 2049. */
function faltasDeFecha(fecha: NodoDer): string[] {
  const esLarga = esUniversal(fecha, ETIQUETA.GeneralizedTime);
  return esLarga && latin1(fecha.contenido) < '2050' ? ['una fecha anterior a 2050 en GeneralizedTime'] : [];
}

const RSA_CON_NULL = /^1\.2\.840\.113549\.1\.1\.(4|5|11|12|13|14)$/;
const ECDSA = /^1\.2\.840\.10045\.4\./;

/** RFC 4055, 5 and RFC 5758, 3.2: NULL for RSA, nothing for ECDSA. */
function faltasDeAlgoritmo({ hijos: [oid, parametros] }: NodoDer): string[] {
  const algoritmo = oid ? textoDeOid(oid) : '';
  const esNulo = parametros !== undefined && esUniversal(parametros, ETIQUETA.NULL);
  const estanBien =
    (!RSA_CON_NULL.test(algoritmo) || esNulo) && (!ECDSA.test(algoritmo) || parametros === undefined);
  return estanBien ? [] : ['el algoritmo de firma lleva otros parámetros que los suyos'];
}

function faltasDeExtension({ oid, critica, valor }: Partes['extensiones'][number]): string[] {
  const nombre = nombreDeExtension(oid);
  const { nodo, faltas } = leerDer(valor.contenido);
  const esquema = ESQUEMAS[oid];
  const propias = [
    ...faltas,
    // Here and in basicConstraints: DEFAULT FALSE is not written (X.690, 11.5).
    ...(critica?.contenido[0] === 0 ? ['dice que no es crítica, que es lo que vale sin decirlo'] : []),
    ...(esquema && !seEscribeIgual(valor.contenido, esquema)
      ? ['no se escribe de nuevo con los mismos octetos']
      : []),
    ...(nodo ? faltasDeValor(oid, nodo) : []),
  ];
  return propias.map((falta) => `${nombre}: ${falta}`);
}

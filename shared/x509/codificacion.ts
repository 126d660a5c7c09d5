/**
 * How a certificate is written (RFC 5280, 4.1 and 4.2): strict DER, and of it what the schemas would write again, octet for
 * octet. Readers that forgive read one certificate where strict ones read another, or none.
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
import { ETIQUETA, esDeContexto, esUniversal, latin1, leerDer, type NodoDer } from './der.ts';
import { EXTENSIONES } from './identificadores.ts';

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

const NOMBRE_DE_EXTENSION = new Map<string, string>(
  Object.entries(EXTENSIONES).map(([nombre, oid]) => [oid, nombre]),
);

interface Partes {
  algoritmos: NodoDer[];
  fechas: NodoDer[];
  clave: NodoDer;
  extensiones: { oid: string; critica: NodoDer | null; valor: NodoDer }[];
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
  const [, interno, , vigencia, , clave, ...resto] = sinVersion;
  if (!interno || !vigencia || !clave) return null;
  const lista = resto.find((hijo) => esDeContexto(hijo, 3))?.hijos[0]?.hijos ?? [];
  const extensiones = lista.map(({ hijos }) => {
    const [oid, segundo, tercero] = hijos;
    const valor = tercero ?? segundo;
    if (!oid || !segundo || !valor) return null;
    return { oid: textoDeOid(oid), critica: tercero ? segundo : null, valor };
  });
  return {
    algoritmos: [interno, algoritmo],
    fechas: vigencia.hijos,
    clave,
    extensiones: extensiones.filter((una) => una !== null),
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
  const nombre = NOMBRE_DE_EXTENSION.get(oid) ?? oid;
  const { nodo, faltas } = leerDer(valor.contenido);
  const esquema = ESQUEMAS[oid];
  const propias = [
    ...faltas,
    // Here and in basicConstraints: DEFAULT FALSE is not written (X.690, 11.5).
    ...(critica?.contenido[0] === 0 ? ['dice que no es crítica, que es lo que vale sin decirlo'] : []),
    ...(esquema && !seEscribeIgual(valor.contenido, esquema)
      ? ['no se escribe de nuevo con los mismos octetos']
      : []),
    ...(nodo ? faltasDelValor(oid, nodo) : []),
  ];
  return propias.map((falta) => `${nombre}: ${falta}`);
}

function faltasDelValor(oid: string, valor: NodoDer): string[] {
  switch (oid) {
    case EXTENSIONES.keyUsage:
      return usaSuUltimoBit(valor) ? [] : ['termina en bits que no dicen nada'];
    case EXTENSIONES.basicConstraints: {
      const [primero] = valor.hijos;
      return primero && !esUniversal(primero, ETIQUETA.BOOLEAN) ? ['limita la ruta sin ser de una CA'] : [];
    }
    case EXTENSIONES.cRLDistributionPoints:
      // RFC 5280, 4.2.1.13: a point says where (0) or whose (2).
      return valor.hijos.length > 0 &&
        valor.hijos.every(({ hijos }) => hijos.some((uno) => esDeContexto(uno, 0) || esDeContexto(uno, 2)))
        ? []
        : ['un punto no dice dónde ni de quién'];
    case EXTENSIONES.qcStatements:
      return valor.hijos.length > 0 && valor.hijos.every(({ hijos: [id] }) => id && textoDeOid(id) !== '')
        ? []
        : ['no es una lista de declaraciones'];
    default:
      return [];
  }
}

/** X.690, 11.2.2: a list of named bits ends with one that is set. */
function usaSuUltimoBit({ contenido: [sinUsar = 0, ...octetos] }: NodoDer): boolean {
  const ultimo = octetos.at(-1);
  return ultimo !== undefined && ((ultimo >> sinUsar) & 1) === 1;
}

/** @returns '' where it is no object identifier */
function textoDeOid(nodo: NodoDer): string {
  if (!esUniversal(nodo, ETIQUETA.OBJECT_IDENTIFIER)) return '';
  const numeros: bigint[] = [];
  let numero = 0n;
  for (const octeto of nodo.contenido) {
    numero = (numero << 7n) | BigInt(octeto & 0x7f);
    if (octeto >= 0x80) continue;
    numeros.push(numero);
    numero = 0n;
  }
  const [primero = 0n, ...resto] = numeros;
  const arco = primero < 80n ? primero / 40n : 2n;
  return [arco, primero - arco * 40n, ...resto].join('.');
}

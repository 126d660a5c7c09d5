/** Distinguished names: read from ASN.1, written as text, compared. */
import { AsnConvert } from '@peculiar/asn1-schema';
import type { AttributeValue, Name } from '@peculiar/asn1-x509';
import { nombreDeAtributo } from '../identificadores.ts';
import { textoCanonico, textoComparable } from './texto-comparable.ts';

interface AtributoDn {
  oid: string;
  /** Type of its value; null where it is none of those that hold text. */
  tipo: (typeof TIPOS_DE_TEXTO)[number] | null;
  /** null where the value is of no type that holds text. */
  valor: string | null;
  /** Equal where two values are the same by RFC 5280, 7.1. */
  comparable: string;
  /** Equal where they are the same by OpenSSL too. */
  estricto: string;
}

const TIPOS_DE_TEXTO = ['utf8String', 'printableString', 'ia5String', 'bmpString'] as const;

/** The outer list is the sequence of relative names, in the order of the encoding. */
export type NombreDistinguido = AtributoDn[][];

/** Each relative name in a form that is equal where the names are, whatever the order of their attributes. */
export interface NombreComparable {
  /** By RFC 5280, 7.1, alone. The register keeps hashes of it, so it must never change. */
  amplio: string[];
  /** By RFC 5280, 7.1, and by OpenSSL: equal only where strict readers take the names for the same as well. */
  estricto: string[];
}

export function leerNombre(nombre: Name): NombreDistinguido {
  return Array.from(nombre, (relativo) =>
    Array.from(relativo, ({ type, value }) => {
      const tipo = TIPOS_DE_TEXTO.find((uno) => value[uno] !== undefined) ?? null;
      const valor = (tipo && value[tipo]) ?? null;
      const comparable = comparableDe(type, value, valor);
      return { oid: type, tipo, valor, comparable, estricto: estrictoDe(comparable, valor) };
    }),
  );
}

/** Text by its preparation, whatever its type; any other value by its octets. */
function comparableDe(oid: string, value: AttributeValue, valor: string | null): string {
  const texto = valor === null ? null : textoComparable(valor);
  return texto === null
    ? `${oid}#${Buffer.from(AsnConvert.serialize(value)).toString('hex')}`
    : `${oid}=${texto}`;
}

function estrictoDe(comparable: string, valor: string | null): string {
  return JSON.stringify([comparable, valor === null ? null : textoCanonico(valor)]);
}

export function formaComparable(nombre: NombreDistinguido): NombreComparable {
  const en = (forma: 'comparable' | 'estricto') =>
    nombre.map((relativo) => JSON.stringify(relativo.map((atributo) => atributo[forma]).sort()));
  return { amplio: en('comparable'), estricto: en('estricto') };
}

export function mismoNombre(uno: NombreComparable, otro: NombreComparable): boolean {
  return uno.estricto.length === otro.estricto.length && estaDentro(uno, otro, 'estricto');
}

/** Whether the name is the base or stands below it. */
export function estaDentro(
  nombre: NombreComparable,
  base: NombreComparable,
  forma: keyof NombreComparable,
): boolean {
  return base[forma].every((relativo, i) => nombre[forma][i] === relativo);
}

/**
 * RFC 4514, 2.1: the text begins with the LAST relative name of the encoding. So a certificate that encodes
 * C=PE first reads "CN=…,…,C=PE".
 */
export function enRfc4514(nombre: NombreDistinguido): string {
  return [...nombre].reverse().map(escribirRelativo('+')).join(',');
}

/** The same in the form that node:crypto gives to a name: encoding order, a line each. */
export function enFormatoDeNode(nombre: NombreDistinguido): string {
  return nombre.map(escribirRelativo(' + ')).join('\n');
}

function escribirRelativo(union: string): (relativo: AtributoDn[]) => string {
  return (relativo) =>
    relativo.map(({ oid, valor }) => `${nombreDeAtributo(oid)}=${escapar(valor ?? '')}`).join(union);
}

/** RFC 4514, 2.4; control characters too, in hex, which the RFC allows. */
function escapar(valor: string): string {
  return valor
    .replace(/["+,;<>\\]/g, '\\$&')
    .replace(/(?<=.) $/s, '\\ ')
    .replace(/^[ #]/, '\\$&')
    .replace(
      /[\u0000-\u001f\u007f]/g,
      (control) => `\\${control.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    );
}

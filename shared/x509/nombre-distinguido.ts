/** Distinguished names: read from ASN.1, written as text, compared. */
import { AsnConvert } from '@peculiar/asn1-schema';
import type { AttributeValue, Name } from '@peculiar/asn1-x509';
import { ATRIBUTOS } from './identificadores.ts';
import { textoComparable } from './texto-comparable.ts';

interface AtributoDn {
  oid: string;
  /** Of its value; null where it is none of those that hold text. */
  tipo: (typeof TIPOS_DE_TEXTO)[number] | null;
  /** null where the value is of no type that holds text. */
  valor: string | null;
  /** Equal where two values are the same (RFC 5280, 7.1). */
  comparable: string;
}

const TIPOS_DE_TEXTO = ['utf8String', 'printableString', 'ia5String', 'bmpString'] as const;

/** The outer list is the sequence of relative names, in the order of the encoding. */
export type NombreDistinguido = AtributoDn[][];

const NOMBRE_CORTO = new Map<string, string>(Object.entries(ATRIBUTOS).map(([corto, oid]) => [oid, corto]));

export function leerNombre(nombre: Name): NombreDistinguido {
  return Array.from(nombre, (relativo) =>
    Array.from(relativo, ({ type, value }) => {
      const tipo = TIPOS_DE_TEXTO.find((uno) => value[uno] !== undefined) ?? null;
      const valor = (tipo && value[tipo]) ?? null;
      return { oid: type, tipo, valor, comparable: comparableDe(type, value, valor) };
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

/** Each relative name in a form that is equal where they are (RFC 5280, 7.1): attributes in any order. */
export function formaComparable(nombre: NombreDistinguido): string[] {
  return nombre.map((relativo) => JSON.stringify(relativo.map(({ comparable }) => comparable).sort()));
}

export function mismoNombre(uno: readonly string[], otro: readonly string[]): boolean {
  return uno.length === otro.length && estaDentro(uno, otro);
}

/** Whether the name is the base or stands below it. Both in their comparable form. */
export function estaDentro(nombre: readonly string[], base: readonly string[]): boolean {
  return base.every((relativo, i) => nombre[i] === relativo);
}

/** Short name of an attribute, or its object identifier where we know none. */
export function nombreDeAtributo(oid: string): string {
  return NOMBRE_CORTO.get(oid) ?? oid;
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

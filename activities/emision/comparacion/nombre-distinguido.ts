/** Distinguished names: read from ASN.1, written as text. */
import type { Name } from '@peculiar/asn1-x509';
import { ATRIBUTOS } from '../../../shared/emision/perfil-certificado.ts';

interface AtributoDn {
  oid: string;
  /** null where the value is of no type that holds text. */
  valor: string | null;
}

/** The outer list is the sequence of relative names, in the order of the encoding. */
export type NombreDistinguido = AtributoDn[][];

const NOMBRE_CORTO = new Map<string, string>(Object.entries(ATRIBUTOS).map(([corto, oid]) => [oid, corto]));

export function leerNombre(nombre: Name): NombreDistinguido {
  return Array.from(nombre, (relativo) =>
    Array.from(relativo, ({ type, value }) => ({
      oid: type,
      valor: value.utf8String ?? value.printableString ?? value.ia5String ?? value.bmpString ?? null,
    })),
  );
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

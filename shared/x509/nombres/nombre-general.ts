/**
 * GeneralName (RFC 5280, 4.2.1.6), of a subjectAltName or a name constraint. Read from the tree itself: the schemas
 * write an address as text, which loses the mask of a constraint.
 */
import { AsnConvert } from '@peculiar/asn1-schema';
import { Name } from '@peculiar/asn1-x509';
import { CONTEXTO, ETIQUETA, esUniversal, latin1, leerDer, type NodoDer } from '../codificacion/der.ts';
import { formaComparable, leerNombre, type NombreComparable } from './nombre-distinguido.ts';

export type NombreGeneral =
  | { forma: 'rfc822Name' | 'dNSName' | 'uniformResourceIdentifier'; texto: string }
  | { forma: 'directoryName'; nombre: NombreComparable }
  | { forma: 'iPAddress'; octetos: Uint8Array }
  | { forma: 'otherName' | 'x400Address' | 'ediPartyName' | 'registeredID' };

export type FormaDeNombre = NombreGeneral['forma'];

const FORMAS: readonly FormaDeNombre[] = [
  'otherName',
  'rfc822Name',
  'dNSName',
  'x400Address',
  'directoryName',
  'ediPartyName',
  'uniformResourceIdentifier',
  'iPAddress',
  'registeredID',
];

/** The value of a subjectAltName. @throws Error where it is malformed */
export function leerNombresGenerales(valor: ArrayBuffer): NombreGeneral[] {
  const { nodo, faltas } = leerDer(new Uint8Array(valor));
  if (!nodo || faltas.length > 0 || !esUniversal(nodo, ETIQUETA.SEQUENCE)) throw new Error('no names');
  if (nodo.hijos.length === 0) throw new Error('an empty list of names');
  const nombres = nodo.hijos.map(leerNombreGeneral);
  if (nombres.some((uno) => uno.forma === 'iPAddress' && ![4, 16].includes(uno.octetos.length)))
    throw new Error('an address of neither IPv4 nor IPv6');
  return nombres;
}

/** @throws Error where it is malformed */
export function leerNombreGeneral(nodo: NodoDer): NombreGeneral {
  const forma = nodo.clase === CONTEXTO ? FORMAS[nodo.etiqueta] : undefined;
  switch (forma) {
    case undefined:
      throw new Error('no name of a known form');
    case 'rfc822Name':
    case 'dNSName':
    case 'uniformResourceIdentifier':
      if (nodo.construido || nodo.contenido.some((uno) => uno >= 0x80)) throw new Error(`no ${forma}`);
      return { forma, texto: latin1(nodo.contenido) };
    case 'iPAddress':
      if (nodo.construido) throw new Error(`no ${forma}`);
      return { forma, octetos: nodo.contenido };
    case 'directoryName': {
      const [nombre, ...otros] = nodo.hijos;
      if (nombre === undefined || otros.length > 0) throw new Error(`no ${forma}`);
      return { forma, nombre: formaComparable(leerNombre(AsnConvert.parse(nombre.bytes, Name))) };
    }
    case 'otherName':
    case 'x400Address':
    case 'ediPartyName':
    case 'registeredID':
      return { forma };
  }
}

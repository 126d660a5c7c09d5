/** How a SubjectPublicKeyInfo is written, for RSA (RFC 8017, A.1) and elliptic curves (RFC 5480, 2). */
import { ETIQUETA, esUniversal, leerDer, type NodoDer } from './der.ts';

/** Object identifiers, as they are encoded. */
const RSA = '2a864886f70d010101';
const EC = '2a8648ce3d0201';

const NO_COMPRIMIDO = 4;

/** Judges RSA and EC keys; a key of another kind has no faults here. */
export function faltasDeClave({ hijos: [algoritmo, bits] }: NodoDer): string[] {
  const [oid, parametros] = algoritmo?.hijos ?? [];
  if (!oid || !bits || !esUniversal(bits, ETIQUETA.BIT_STRING)) return ['la clave pública no tiene su forma'];
  const [sinUsar, ...octetos] = bits.contenido;
  const faltas = sinUsar === 0 ? [] : ['la clave pública no llena sus octetos'];
  switch (Buffer.from(oid.contenido).toString('hex')) {
    case RSA:
      return [...faltas, ...faltasDeRsa(parametros, Uint8Array.from(octetos))];
    case EC:
      return [...faltas, ...faltasDeEc(parametros, octetos)];
    default:
      return faltas;
  }
}

function faltasDeRsa(parametros: NodoDer | undefined, clave: Uint8Array): string[] {
  const { nodo, faltas } = leerDer(clave);
  const [modulo, exponente, ...mas] = nodo?.hijos ?? [];
  const sonPositivos = [modulo, exponente].every(
    (numero) => numero && esUniversal(numero, ETIQUETA.INTEGER) && (numero.contenido[0] ?? 0x80) < 0x80,
  );
  return [
    ...faltas.map((falta) => `clave pública: ${falta}`),
    ...(parametros && esUniversal(parametros, ETIQUETA.NULL)
      ? []
      : ['la clave RSA no lleva sus parámetros NULL']),
    ...(sonPositivos && mas.length === 0 ? [] : ['la clave RSA no son dos enteros positivos']),
  ];
}

/** A key must name its curve and give the whole point: many readers cannot read another form. */
function faltasDeEc(parametros: NodoDer | undefined, [forma]: readonly number[]): string[] {
  return [
    ...(parametros && esUniversal(parametros, ETIQUETA.OBJECT_IDENTIFIER)
      ? []
      : ['la curva de la clave no va por su nombre']),
    ...(forma === NO_COMPRIMIDO ? [] : ['el punto de la clave no va sin comprimir']),
  ];
}

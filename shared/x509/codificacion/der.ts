/**
 * DER as a strict reader takes it (X.690, clauses 8, 10 and 11): of all ways to write a value, the one allowed. The
 * libraries forgive the others, and what is forgiven reads differently in somebody else's hands.
 */
import { isUtf8 } from 'node:buffer';

export interface NodoDer {
  /** 0 universal, 1 application, 2 context, 3 private. */
  clase: number;
  construido: boolean;
  etiqueta: number;
  contenido: Uint8Array;
  /** With its header. */
  bytes: Uint8Array;
  hijos: NodoDer[];
}

/** `faltas` of a tree that can still be walked; where it cannot, `nodo` is null. */
export interface LecturaDer {
  nodo: NodoDer | null;
  faltas: string[];
}

/** Universal tags (X.680, 8.4). */
export const ETIQUETA = {
  BOOLEAN: 1,
  INTEGER: 2,
  BIT_STRING: 3,
  OCTET_STRING: 4,
  NULL: 5,
  OBJECT_IDENTIFIER: 6,
  ENUMERATED: 10,
  UTF8String: 12,
  SEQUENCE: 16,
  SET: 17,
  NumericString: 18,
  PrintableString: 19,
  TeletexString: 20,
  IA5String: 22,
  UTCTime: 23,
  GeneralizedTime: 24,
  VisibleString: 26,
  UniversalString: 28,
  BMPString: 30,
} as const;

const NOMBRE_DE_ETIQUETA = new Map<number, string>(
  Object.entries(ETIQUETA).map(([nombre, etiqueta]) => [etiqueta, nombre.replace('_', ' ')]),
);

const UNIVERSAL = 0;
export const CONTEXTO = 2;

const PROFUNDIDAD_MAXIMA = 32;
const FALTAS_MAXIMAS = 10;

/** What is no tree of tags and lengths at all. */
class SinEstructura extends Error {}

/** Reads one value and nothing after it. Never throws, whatever the bytes. */
export function leerDer(bytes: Uint8Array): LecturaDer {
  const faltas: string[] = [];
  try {
    const [nodo, fin] = leerNodo(bytes, 0, 0, faltas);
    if (fin !== bytes.length) faltas.push(`sobran ${bytes.length - fin} octetos al final`);
    return { nodo, faltas: faltas.slice(0, FALTAS_MAXIMAS) };
  } catch (error) {
    if (!(error instanceof SinEstructura)) throw error;
    return { nodo: null, faltas: [...faltas.slice(0, FALTAS_MAXIMAS), error.message] };
  }
}

export function esUniversal({ clase, etiqueta }: NodoDer, esperada: number): boolean {
  return clase === UNIVERSAL && etiqueta === esperada;
}

export function esDeContexto({ clase, etiqueta }: NodoDer, esperada: number): boolean {
  return clase === CONTEXTO && etiqueta === esperada;
}

function leerNodo(
  todo: Uint8Array,
  inicio: number,
  profundidad: number,
  faltas: string[],
): [nodo: NodoDer, fin: number] {
  if (profundidad > PROFUNDIDAD_MAXIMA) throw new SinEstructura('hay demasiados niveles');
  const identificador = octeto(todo, inicio);
  const etiqueta = identificador & 0x1f;
  if (etiqueta === 0x1f) throw new SinEstructura(`una etiqueta de varios octetos en ${inicio}`);
  const { longitud, desde } = leerLongitud(todo, inicio + 1, faltas);
  const fin = desde + longitud;
  if (fin > todo.length) throw new SinEstructura(`en ${inicio} una longitud pasa del final`);
  const nodo: NodoDer = {
    clase: identificador >> 6,
    construido: (identificador & 0x20) !== 0,
    etiqueta,
    contenido: todo.subarray(desde, fin),
    bytes: todo.subarray(inicio, fin),
    hijos: [],
  };
  if (nodo.construido) {
    for (let en = 0; en < nodo.contenido.length;) {
      const [hijo, siguiente] = leerNodo(nodo.contenido, en, profundidad + 1, faltas);
      nodo.hijos.push(hijo);
      en = siguiente;
    }
  }
  if (nodo.clase === UNIVERSAL) faltas.push(...faltasDelValor(nodo));
  return [nodo, fin];
}

/** X.690, 10.1: definite, in as few octets as it takes. */
function leerLongitud(todo: Uint8Array, en: number, faltas: string[]): { longitud: number; desde: number } {
  const primero = octeto(todo, en);
  if (primero < 0x80) return { longitud: primero, desde: en + 1 };
  const octetos = primero & 0x7f;
  if (octetos === 0) throw new SinEstructura('una longitud indefinida');
  if (octetos > 4) throw new SinEstructura('una longitud de más de cuatro octetos');
  let longitud = 0;
  for (let i = 1; i <= octetos; i++) longitud = longitud * 256 + octeto(todo, en + i);
  if (longitud < 0x80 || octeto(todo, en + 1) === 0) faltas.push('una longitud con octetos de más');
  return { longitud, desde: en + 1 + octetos };
}

function octeto(bytes: Uint8Array, en: number): number {
  const valor = bytes[en];
  if (valor === undefined) throw new SinEstructura('los datos terminan antes que su longitud');
  return valor;
}

function faltasDelValor(nodo: NodoDer): string[] {
  const nombre = NOMBRE_DE_ETIQUETA.get(nodo.etiqueta);
  if (nombre === undefined) return [`un valor de tipo universal ${nodo.etiqueta}`];
  const esConjunto = nodo.etiqueta === ETIQUETA.SEQUENCE || nodo.etiqueta === ETIQUETA.SET;
  if (nodo.construido !== esConjunto) return [`un ${nombre} con la forma que no es la suya`];
  return estaBienEscrito(nodo) ? [] : [`un ${nombre} mal escrito`];
}

const IMPRIMIBLES = /^[A-Za-z0-9 '()+,\-./:=?]*$/;

function estaBienEscrito({ etiqueta, contenido, hijos }: NodoDer): boolean {
  switch (etiqueta) {
    case ETIQUETA.BOOLEAN:
      return contenido.length === 1 && (contenido[0] === 0 || contenido[0] === 0xff);
    case ETIQUETA.INTEGER:
    case ETIQUETA.ENUMERATED:
      return esEnteroMinimo(contenido);
    case ETIQUETA.BIT_STRING:
      return esCadenaDeBits(contenido);
    case ETIQUETA.NULL:
      return contenido.length === 0;
    case ETIQUETA.OBJECT_IDENTIFIER:
      return esIdentificador(contenido);
    case ETIQUETA.UTF8String:
      return isUtf8(contenido);
    case ETIQUETA.SET:
      return estaOrdenado(hijos);
    case ETIQUETA.NumericString:
      return /^[0-9 ]*$/.test(latin1(contenido));
    case ETIQUETA.PrintableString:
      return IMPRIMIBLES.test(latin1(contenido));
    case ETIQUETA.IA5String:
      return contenido.every((uno) => uno < 0x80);
    case ETIQUETA.VisibleString:
      return contenido.every((uno) => uno >= 0x20 && uno < 0x7f);
    case ETIQUETA.UTCTime:
      return leerHora(contenido, 2) !== null;
    case ETIQUETA.GeneralizedTime:
      return leerHora(contenido, 4) !== null;
    case ETIQUETA.BMPString:
      return contenido.length % 2 === 0;
    case ETIQUETA.UniversalString:
      return contenido.length % 4 === 0;
    default:
      return true;
  }
}

/** X.690, 8.3.2: the first nine bits are not all equal. */
function esEnteroMinimo([primero, segundo]: Uint8Array): boolean {
  if (primero === undefined) return false;
  if (segundo === undefined) return true;
  return !(primero === 0 && segundo < 0x80) && !(primero === 0xff && segundo >= 0x80);
}

/** X.690, 8.6.2 and 11.2.1: unused bits are counted, and are zero. */
function esCadenaDeBits(contenido: Uint8Array): boolean {
  const [sinUsar, ...octetos] = contenido;
  if (sinUsar === undefined || sinUsar > 7) return false;
  const ultimo = octetos.at(-1);
  return ultimo === undefined ? sinUsar === 0 : (ultimo & ((1 << sinUsar) - 1)) === 0;
}

/** X.690, 8.19.2: each component ends, and none begins with a padding octet. */
function esIdentificador(contenido: Uint8Array): boolean {
  const ultimo = contenido.at(-1);
  if (ultimo === undefined || ultimo >= 0x80) return false;
  return contenido.every((uno, i) => uno !== 0x80 || (contenido[i - 1] ?? 0) >= 0x80);
}

/** X.690, 11.6: the encodings of a SET OF ascend. */
function estaOrdenado(hijos: readonly NodoDer[]): boolean {
  return hijos.every((hijo, i) => {
    const anterior = hijos[i - 1];
    return anterior === undefined || Buffer.compare(anterior.bytes, hijo.bytes) <= 0;
  });
}

/** RFC 5280, 4.1.2.5: to the second, in UTC. @param cifras of the year */
function leerHora(contenido: Uint8Array, cifras: 2 | 4): Date | null {
  const partes = new RegExp(`^(\\d{${cifras}})(\\d\\d)(\\d\\d)(\\d\\d)(\\d\\d)(\\d\\d)Z$`).exec(
    latin1(contenido),
  );
  if (partes === null) return null;
  const [, anio = '', mes, dia, hora, minuto, segundo] = partes;
  const siglo = cifras === 4 ? '' : Number(anio) < 50 ? '20' : '19';
  const iso = `${siglo}${anio}-${mes ?? ''}-${dia ?? ''}T${hora ?? ''}:${minuto ?? ''}:${segundo ?? ''}.000Z`;
  const fecha = new Date(iso);
  // Date.parse takes 30 February for 2 March.
  return !Number.isNaN(fecha.getTime()) && fecha.toISOString() === iso ? fecha : null;
}

/** @returns '' where it is no object identifier */
export function textoDeOid(nodo: NodoDer): string {
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

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

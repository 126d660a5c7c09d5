/** Every small change of a DER value: of each node its tag, its length, its octets, its place. */
import { leerDer, type NodoDer } from '../../../shared/x509/codificacion/der.ts';

/** A node that can be written again; what an OCTET STRING or BIT STRING wraps is its child too. */
interface Rama {
  etiqueta: number;
  /** Octets before the wrapped value: the count of unused bits of a BIT STRING. */
  prefijo: number[];
  hijos: Rama[] | null;
  contenido: Uint8Array;
}

export interface Mutacion {
  nombre: string;
  /** Indices from the root down. */
  camino: number[];
  escribir: (escrita: Uint8Array[], en: number) => Uint8Array[];
}

function crecer(nodo: NodoDer): Rama {
  const etiqueta = nodo.bytes[0] ?? 0;
  if (nodo.construido)
    return { etiqueta, prefijo: [], hijos: nodo.hijos.map(crecer), contenido: nodo.contenido };
  const [prefijo, envuelto] = nodo.etiqueta === 3 ? [[0], nodo.contenido.subarray(1)] : [[], nodo.contenido];
  const { nodo: dentro, faltas } =
    nodo.clase === 0 && [3, 4].includes(nodo.etiqueta) && envuelto.length > 0
      ? leerDer(envuelto)
      : { nodo: null, faltas: [] };
  return {
    etiqueta,
    prefijo: dentro && faltas.length === 0 ? prefijo : [],
    hijos: dentro && faltas.length === 0 ? [crecer(dentro)] : null,
    contenido: nodo.contenido,
  };
}

function longitud(n: number): number[] {
  if (n < 0x80) return [n];
  const octetos =
    n
      .toString(16)
      .padStart(n > 0xff ? 4 : 2, '0')
      .match(/../g) ?? [];
  return [0x80 | octetos.length, ...octetos.map((uno) => parseInt(uno, 16))];
}

function tlv(etiqueta: number, contenido: Uint8Array, largo = longitud(contenido.length)): Uint8Array {
  return Buffer.concat([Uint8Array.from([etiqueta, ...largo]), contenido]);
}

function escribir(rama: Rama, mutacion: Mutacion | null, camino: readonly number[]): Uint8Array {
  if (rama.hijos === null) return tlv(rama.etiqueta, rama.contenido);
  const [indice, ...resto] = camino;
  const hijos = rama.hijos.map((hijo, i) =>
    escribir(hijo, mutacion !== null && i === indice && resto.length > 0 ? mutacion : null, resto),
  );
  const escritos =
    mutacion && indice !== undefined && resto.length === 0 ? mutacion.escribir(hijos, indice) : hijos;
  return tlv(rama.etiqueta, Buffer.concat([Uint8Array.from(rama.prefijo), ...escritos]));
}

/** Header and content of one value in short or long form. */
function partir(der: Uint8Array): { etiqueta: number; contenido: Uint8Array } {
  const corta = (der[1] ?? 0) < 0x80;
  return { etiqueta: der[0] ?? 0, contenido: der.subarray(corta ? 2 : 2 + ((der[1] ?? 0) & 0x7f)) };
}

/** One value in place of another. */
function enSuSitio(cambio: (etiqueta: number, contenido: Uint8Array) => Uint8Array): Mutacion['escribir'] {
  return (escritos, en) =>
    escritos.map((uno, i) => {
      if (i !== en) return uno;
      const { etiqueta, contenido } = partir(uno);
      return cambio(etiqueta, contenido);
    });
}

const ETIQUETAS = [
  1, 2, 3, 4, 5, 6, 10, 12, 19, 20, 22, 23, 24, 26, 28, 30, 0x30, 0x31, 0x80, 0xa0, 0xa3, 0x1f,
];

const DE_TODO_NODO: [string, Mutacion['escribir']][] = [
  ...ETIQUETAS.map((otra): [string, Mutacion['escribir']] => [
    `etiqueta ${otra}`,
    enSuSitio((_, contenido) => tlv(otra, contenido)),
  ]),
  ['construido al revés', enSuSitio((etiqueta, contenido) => tlv(etiqueta ^ 0x20, contenido))],
  [
    'longitud larga',
    enSuSitio((etiqueta, contenido) =>
      tlv(etiqueta, contenido, [0x83, 0, contenido.length >> 8, contenido.length & 0xff]),
    ),
  ],
  [
    'longitud indefinida',
    enSuSitio((etiqueta, contenido) =>
      tlv(etiqueta, Buffer.concat([contenido, Uint8Array.of(0, 0)]), [0x80]),
    ),
  ],
  ['vacío', enSuSitio((etiqueta) => tlv(etiqueta, new Uint8Array()))],
  [
    'un cero delante',
    enSuSitio((etiqueta, contenido) => tlv(etiqueta, Buffer.concat([Uint8Array.of(0), contenido]))),
  ],
  [
    'un ff delante',
    enSuSitio((etiqueta, contenido) => tlv(etiqueta, Buffer.concat([Uint8Array.of(255), contenido]))),
  ],
  [
    'un cero detrás',
    enSuSitio((etiqueta, contenido) => tlv(etiqueta, Buffer.concat([contenido, Uint8Array.of(0)]))),
  ],
  ['sin el último octeto', enSuSitio((etiqueta, contenido) => tlv(etiqueta, contenido.subarray(0, -1)))],
  ['sin el primer octeto', enSuSitio((etiqueta, contenido) => tlv(etiqueta, contenido.subarray(1)))],
  ['quitado', (escritos, en) => escritos.filter((_, i) => i !== en)],
  ['dos veces', (escritos, en) => escritos.flatMap((uno, i) => (i === en ? [uno, uno] : [uno]))],
  ['repetido al final', (escritos, en) => [...escritos, escritos[en] ?? new Uint8Array()]],
  [
    'el primero',
    (escritos, en) => [escritos[en] ?? new Uint8Array(), ...escritos.filter((_, i) => i !== en)],
  ],
  [
    'cambiado con el siguiente',
    (escritos, en) =>
      escritos.map((uno, i) =>
        i === en ? (escritos[en + 1] ?? uno) : i === en + 1 ? (escritos[en] ?? uno) : uno,
      ),
  ],
  [
    'un NULL detrás',
    (escritos, en) => escritos.flatMap((uno, i) => (i === en ? [uno, Uint8Array.of(5, 0)] : [uno])),
  ],
  [
    'un FALSE detrás',
    (escritos, en) => escritos.flatMap((uno, i) => (i === en ? [uno, Uint8Array.of(1, 1, 0)] : [uno])),
  ],
  [
    'un FALSE delante',
    (escritos, en) => escritos.flatMap((uno, i) => (i === en ? [Uint8Array.of(1, 1, 0), uno] : [uno])),
  ],
  [
    'un uno detrás',
    (escritos, en) => escritos.flatMap((uno, i) => (i === en ? [uno, Uint8Array.of(2, 1, 1)] : [uno])),
  ],
];

/** Of a long value those at its ends, where its form shows, and some between. */
function bitsDe({ length }: Uint8Array): number[] {
  const todos = Array.from({ length: length * 8 }, (_, bit) => bit);
  return todos.filter((bit) => bit < 24 || bit >= (length - 2) * 8 || bit % 29 === 0);
}

/** A value, and the changes of it: at each node those of any kind, and at each leaf of its bits. */
export interface Mutable {
  mutaciones: Mutacion[];
  /** The whole value with that one change. */
  con(mutacion: Mutacion): Buffer;
}

/** @throws Error where it is no DER */
export function mutable(der: Uint8Array): Mutable {
  const { nodo, faltas } = leerDer(der);
  if (!nodo || faltas.length > 0) throw new Error(`no DER to mutate: ${faltas.join(', ')}`);
  const raiz = crecer(nodo);
  return {
    mutaciones: mutacionesDe(raiz, []),
    con: (mutacion) => Buffer.from(escribir(raiz, mutacion, mutacion.camino)),
  };
}

function mutacionesDe({ hijos }: Rama, camino: readonly number[]): Mutacion[] {
  return (hijos ?? []).flatMap((hijo, i) => {
    const suyo = [...camino, i];
    const bits: [string, Mutacion['escribir']][] =
      hijo.hijos !== null
        ? []
        : bitsDe(hijo.contenido).map((bit) => [
            `bit ${bit}`,
            enSuSitio((etiqueta, contenido) => {
              const otro = Uint8Array.from(contenido);
              otro[bit >> 3] = (otro[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
              return tlv(etiqueta, otro);
            }),
          ]);
    return [
      ...[...DE_TODO_NODO, ...bits].map(([nombre, como]) => ({
        nombre: `${nombre} en ${suyo.join('.')}`,
        camino: suyo,
        escribir: como,
      })),
      ...mutacionesDe(hijo, suyo),
    ];
  });
}

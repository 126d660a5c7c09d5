/** Where a page of a list ends, as its client carries it to ask for the next: opaque, and read strictly. */
import { z } from 'zod';
import { PAGINA } from '../../../shared/emision/plazos.ts';
import type { Posicion } from '../../../shared/emision/soporte.ts';
import { codigoSolicitudTramite } from '../../../shared/emision/solicitud.ts';
import { comoJson } from '../../../shared/nucleo/json.ts';
import { texto } from '../../../shared/nucleo/texto.ts';

/** Lists do not take each other's cursors. */
type Lista = 'solicitudes' | 'por-revocar';

/** The longest: a codigo of 30 characters of 4 bytes each. */
const LARGO_MAXIMO = 256;
const ULTIMO_MOMENTO_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** Makes a page of the lines; one more than a page holds was asked for, and tells whether another page follows. */
export function paginar<L>(
  lista: Lista,
  lineas: readonly L[],
  posicionDe: (linea: L) => Posicion,
): { pagina: L[]; siguiente: string | null } {
  const pagina = lineas.slice(0, PAGINA);
  const ultima = lineas.length > PAGINA ? pagina.at(-1) : undefined;
  return { pagina, siguiente: ultima === undefined ? null : escribirCursor(lista, posicionDe(ultima)) };
}

export function escribirCursor(lista: Lista, { aceptadaEn, codigo }: Posicion): string {
  return Buffer.from(JSON.stringify([lista, aceptadaEn.getTime(), codigo])).toString('base64url');
}

/** In the form in which it is stored, whichever that is: the order of the list is by it. */
const codigoComoEsta = z.string().refine((codigo) => codigoSolicitudTramite.safeParse(codigo).success);

/** Null where `escribirCursor` did not make it for this list. */
export function leerCursor(lista: Lista, cursor: string): Posicion | null {
  const leido = z
    .tuple([z.literal(lista), z.int().min(0).max(ULTIMO_MOMENTO_MS), codigoComoEsta])
    .safeParse(comoJson(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (!leido.success) return null;
  const [, momentoMs, codigo] = leido.data;
  const posicion = { aceptadaEn: new Date(momentoMs), codigo };
  // Base64 and JSON have other spellings of the same: only ours counts.
  return escribirCursor(lista, posicion) === cursor ? posicion : null;
}

export const DESCRIPCION_DE_CURSOR = 'El `siguiente` de la página anterior';

export function esquemaDeCursor(lista: Lista) {
  return texto(1, LARGO_MAXIMO, (valor) =>
    leerCursor(lista, valor) ? null : 'no es el cursor de una página de esta lista',
  ).meta({ format: 'cursor' });
}

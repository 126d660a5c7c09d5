/** The parameters behind the path's `?`, losing nothing on the way: express's own parser is off. */
import type { IncomingMessage } from 'node:http';
import { citarNombre } from '../../shared/emision/faltas.ts';

/**
 * Reads the parameters that the route knows and adds what is wrong with any to `faltas`; one at fault is left out.
 * @param conocidos names of the route's parameters
 */
export function leerConsulta(
  { url = '' }: IncomingMessage,
  conocidos: readonly string[],
  faltas: string[],
): Record<string, string> {
  const inicio = url.indexOf('?');
  const recibidos = new Map<string, string[]>();
  for (const par of inicio < 0 ? [] : url.slice(inicio + 1).split('&')) {
    if (par === '') continue;
    const [nombre = '', ...resto] = par.split('=').map(decodificar);
    if (nombre === null || resto.includes(null)) {
      faltas.push('consulta: tiene una secuencia «%» que no es UTF-8 codificado');
      continue;
    }
    recibidos.set(nombre, [...(recibidos.get(nombre) ?? []), resto.join('=')]);
  }
  const leidos: Record<string, string> = {};
  for (const [nombre, [valor = '', ...repetidos]] of recibidos) {
    if (!conocidos.includes(nombre)) faltas.push(`${citarNombre(nombre)}: no es un parámetro conocido`);
    else if (repetidos.length > 0) faltas.push(`${nombre}: aparece más de una vez`);
    else if (valor === '') faltas.push(`${nombre}: está vacío`);
    else leidos[nombre] = valor;
  }
  return leidos;
}

/** As forms and URLSearchParams write it, but that a malformed sequence is no text. */
function decodificar(parte: string): string | null {
  try {
    return decodeURIComponent(parte.replaceAll('+', ' '));
  } catch {
    return null;
  }
}

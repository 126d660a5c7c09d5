/** One header of a request. */
import type { IncomingMessage } from 'node:http';

/**
 * Reads a header that must be there, once.
 * @param faltasDe what is wrong with a value
 * @returns the empty text where it is at fault, which is added to `faltas`
 */
export function leerCabecera(
  req: IncomingMessage,
  nombre: string,
  faltasDe: (valor: string) => string[],
  faltas: string[],
): string {
  const [recibido, ...repetidos] = req.headersDistinct[nombre.toLowerCase()] ?? [];
  const valor = recibido === undefined ? '' : decodificar(recibido);
  const propias =
    recibido === undefined
      ? ['es obligatoria']
      : repetidos.length > 0
        ? ['aparece más de una vez']
        : faltasDe(valor);
  faltas.push(...propias.map((falta) => `${nombre}: ${falta}`));
  return propias.length === 0 ? valor : '';
}

/**
 * Node gives a header's bytes as Latin-1. Most clients send UTF-8 (Cañete), some Latin-1: what is valid UTF-8 is read as
 * UTF-8.
 */
function decodificar(valor: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(valor, 'latin1'));
  } catch {
    return valor;
  }
}

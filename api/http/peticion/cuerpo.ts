/** The body of a request, from its bytes to a JSON value, losing nothing on the way. */
import { FALLOS_HTTP } from '../../../shared/nucleo/fallos.ts';
import type { IncomingMessage } from 'node:http';
import { MIMEType } from 'node:util';
import type { z } from 'zod';
import { leerConEsquema } from '../../../shared/nucleo/faltas-de-entrada.ts';
import { camposRepetidos } from './campos-repetidos.ts';
import { exigirSinFaltas, FalloHttp } from './fallo-http.ts';

/** The longest valid request, every character escaped, is under 16 kB. */
const CUERPO_MAX_BYTES = 64 * 1024;

/**
 * Reads the body by its schema.
 * @param faltas what is wrong with the rest of the request: told in the same answer
 * @throws FalloHttp VALIDACION
 */
export async function leerCuerpo<T>(
  req: IncomingMessage,
  esquema: z.ZodType<T>,
  faltas: string[] = [],
  maximoBytes = CUERPO_MAX_BYTES,
): Promise<T> {
  const cuerpo = await leerCuerpoJson(req, faltas, maximoBytes);
  const lectura = cuerpo === undefined ? null : leerConEsquema(esquema, cuerpo);
  if (lectura?.valida === false) faltas.push(...lectura.faltas);
  exigirSinFaltas(faltas);
  if (!lectura?.valida) throw new Error('a body without faults was not read');
  return lectura.valor;
}

/**
 * Reads the body as JSON and adds what is wrong with it to `faltas`.
 * @returns undefined where it is no JSON
 */
export async function leerCuerpoJson(
  req: IncomingMessage,
  faltas: string[],
  maximoBytes = CUERPO_MAX_BYTES,
): Promise<unknown> {
  const bytes = await leerBytes(req, maximoBytes);
  const deFormato = faltasDeFormato(req);
  faltas.push(...deFormato);
  if (deFormato.length > 0) return undefined;
  if (bytes === null) {
    faltas.push(`cuerpo: supera los ${maximoBytes / 1024} kB admitidos`);
    return undefined;
  }
  return interpretar(bytes, faltas);
}

/** The body, or null where it is too long: then it is read to its end all the same, so that the client gets to read the answer. */
async function leerBytes(req: IncomingMessage, maximoBytes: number): Promise<Buffer | null> {
  const partes: Buffer[] = [];
  let total = 0;
  try {
    for await (const parte of req as AsyncIterable<Buffer>) {
      total += parte.length;
      if (total <= maximoBytes) partes.push(parte);
    }
  } catch {
    // The client left, or was cut off for being too slow.
    throw new FalloHttp(FALLOS_HTTP.TIEMPO_AGOTADO, [
      'cuerpo: la conexión se cerró antes de recibirlo completo',
    ]);
  }
  return total <= maximoBytes ? Buffer.concat(partes) : null;
}

function faltasDeFormato(req: IncomingMessage): string[] {
  const faltas: string[] = [];
  const [tipo, ...repetidos] = req.headersDistinct['content-type'] ?? [];
  if (tipo === undefined) faltas.push('Content-Type: es obligatoria');
  else if (repetidos.length > 0 || !esJsonUtf8(tipo))
    faltas.push('Content-Type: debe ser application/json (UTF-8)');
  if ((req.headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity')
    faltas.push('Content-Encoding: no se admiten cuerpos comprimidos');
  return faltas;
}

function esJsonUtf8(contentType: string): boolean {
  try {
    const { essence, params } = new MIMEType(contentType);
    return essence === 'application/json' && /^utf-?8$/i.test(params.get('charset') ?? 'utf-8');
  } catch {
    return false;
  }
}

function interpretar(bytes: Buffer, faltas: string[]): unknown {
  if (bytes.length === 0) {
    faltas.push('cuerpo: está vacío');
    return undefined;
  }
  let texto: string;
  try {
    texto = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    faltas.push('cuerpo: no es UTF-8 válido');
    return undefined;
  }
  try {
    const valor: unknown = JSON.parse(texto);
    faltas.push(...camposRepetidos(texto).map((ruta) => `${ruta}: aparece más de una vez`));
    return valor;
  } catch (error) {
    const { linea, columna } =
      /\(line (?<linea>\d+) column (?<columna>\d+)\)/.exec((error as SyntaxError).message)?.groups ?? {};
    const lugar = linea !== undefined && columna !== undefined ? ` (línea ${linea}, columna ${columna})` : '';
    faltas.push(`cuerpo: no es JSON válido${lugar}`);
    return undefined;
  }
}

/** The parameters behind the path's `?`, losing nothing on the way: express's own parser is off. */
import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { citarNombre, leerConEsquema } from '../../../shared/nucleo/faltas-de-entrada.ts';
import { exigirSinFaltas } from './fallo-http.ts';

/**
 * Reads the parameters by their schema, each of them a text.
 * @throws FalloHttp VALIDACION with every fault
 */
export function leerConsulta<C extends z.ZodRawShape>(
  { url = '' }: IncomingMessage,
  esquema: z.ZodObject<C>,
): z.infer<z.ZodObject<C>> {
  const faltas: string[] = [];
  const parametros: Record<string, string> = {};
  for (const [nombre, [valor = '', ...repetidos]] of recibidosEn(url, faltas)) {
    if (!Object.hasOwn(esquema.shape, nombre))
      faltas.push(`${citarNombre(nombre)}: no es un parámetro conocido`);
    else if (repetidos.length > 0) faltas.push(`${nombre}: aparece más de una vez`);
    else if (valor === '') faltas.push(`${nombre}: está vacío`);
    else parametros[nombre] = valor;
  }
  const lectura = leerConEsquema(esquema, parametros);
  if (!lectura.valida) faltas.push(...lectura.faltas);
  exigirSinFaltas(faltas);
  if (!lectura.valida) throw new Error('parameters without faults were not read');
  return lectura.valor;
}

/** The values of each name; what is no text is a fault. */
function recibidosEn(url: string, faltas: string[]): Map<string, string[]> {
  const recibidos = new Map<string, string[]>();
  const inicio = url.indexOf('?');
  const pares = inicio < 0 ? [] : url.slice(inicio + 1).split('&');
  for (const par of pares.filter((uno) => uno !== '')) {
    const [nombre = '', ...partes] = par.split('=').map(decodificar);
    if (nombre === null || partes.includes(null))
      faltas.push('consulta: tiene una secuencia «%» que no es UTF-8 codificado');
    else {
      const anteriores = recibidos.get(nombre);
      if (anteriores) anteriores.push(partes.join('='));
      else recibidos.set(nombre, [partes.join('=')]);
    }
  }
  return recibidos;
}

/** Decodes as forms and URLSearchParams encode; null where a sequence is malformed. */
function decodificar(parte: string): string | null {
  try {
    return decodeURIComponent(parte.replaceAll('+', ' '));
  } catch {
    return null;
  }
}

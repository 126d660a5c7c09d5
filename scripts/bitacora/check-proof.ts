/** Checks an entry's proof with nothing but the answer of the API and the log's public key. */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { esIgual, raizPorInclusion, resumenDeHoja } from '../../shared/bitacora/arbol/arbol.ts';
import type { Verificador } from '../../shared/bitacora/punto-de-control/nota.ts';
import { leerPrueba } from '../../shared/bitacora/arbol/prueba.ts';
import { leerPuntoDeControl } from '../../shared/bitacora/punto-de-control/punto-de-control.ts';
import { fileIn, publicKeyIn } from './given.ts';

const answer = z.looseObject({
  data: z.looseObject({ registroAuditoriaId: z.string(), hoja: z.base64(), prueba: z.string() }),
});

export async function checkProof(args: string[]): Promise<boolean> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { clave: { type: 'string' } },
  });
  const [file] = positionals;
  if (file === undefined || values.clave === undefined)
    throw new Error(
      'Indique el archivo con la respuesta y la clave pública: comprobar ARCHIVO --clave CLAVE',
    );
  const key = publicKeyIn(values.clave);
  const { data, error } = answer.safeParse(parsed(await fileIn('ARCHIVO', file)));
  if (error)
    throw new Error(`${file} no es la respuesta de …/bitacora/entradas/{registroAuditoriaId} con una prueba`);
  const fault = findFault(data.data, key);
  console.log(fault ?? `Bien: ${data.data.registroAuditoriaId} está en la bitácora.\n${leafOf(data.data)}`);
  return fault === null;
}

/** Undefined where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function findFault(
  { registroAuditoriaId, hoja, prueba }: z.infer<typeof answer>['data'],
  key: Verificador,
): string | null {
  const { indice, camino, nota } = leerPrueba(prueba);
  if (!key.verificar(nota)) return 'MAL: el punto de control no está firmado con esa clave.';
  const bytes = Buffer.from(hoja, 'base64');
  const { tamano, raiz } = leerPuntoDeControl(nota);
  const alcanzada = raizPorInclusion(indice, tamano, resumenDeHoja(bytes), camino);
  if (!alcanzada || !esIgual(alcanzada, raiz))
    return 'MAL: la prueba no lleva de esa hoja al punto de control.';
  const { id } = JSON.parse(bytes.toString('utf8')) as { id?: unknown };
  return id === registroAuditoriaId ? null : 'MAL: la hoja es de otra entrada.';
}

function leafOf({ hoja }: z.infer<typeof answer>['data']): string {
  return JSON.stringify(JSON.parse(Buffer.from(hoja, 'base64').toString('utf8')), null, 2);
}

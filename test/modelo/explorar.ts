/** Walks every state of the model, breadth first: the first state that breaks the guarantee is told with the shortest way to it. */
import { faltasDe } from './garantia.ts';
import { mundoInicial, type Mundo } from './mundo.ts';
import { REGLAS, type Reglas } from './reglas.ts';
import { sucesos } from './sucesos.ts';

export interface Exploracion {
  estados: number;
  /** Steps from the beginning to the farthest state that was visited. */
  profundidad: number;
  /** No state is left: all that the bounds allow was visited. */
  estaCompleta: boolean;
  /** The shortest way to a state that breaks the guarantee, and how; null where there is none. */
  falta: { faltas: string[]; camino: string[] } | null;
}

export interface Limites {
  quedan: Mundo['quedan'];
  estadosMax: number;
}

export function explorar(
  idempotente: boolean,
  { quedan, estadosMax }: Limites,
  reglas: Reglas = REGLAS,
): Exploracion {
  const inicial = mundoInicial(idempotente, quedan);
  /** How each state was first come to. */
  const vistos = new Map<string, { desde: string | null; que: string }>();
  let nivel: { clave: string; mundo: Mundo }[] = [{ clave: claveDe(inicial), mundo: inicial }];
  vistos.set(claveDe(inicial), { desde: null, que: '' });
  let profundidad = 0;
  while (nivel.length > 0 && vistos.size < estadosMax) {
    profundidad += 1;
    const siguiente: typeof nivel = [];
    for (const { clave: desde, mundo } of nivel)
      for (const suceso of sucesos(mundo, reglas)) {
        const clave = claveDe(suceso.mundo);
        if (vistos.has(clave)) continue;
        vistos.set(clave, { desde, que: suceso.que });
        const faltas = faltasDe(mundo, suceso.mundo, reglas);
        if (faltas.length > 0)
          return {
            estados: vistos.size,
            profundidad,
            estaCompleta: false,
            falta: { faltas, camino: caminoHasta(clave, vistos) },
          };
        siguiente.push({ clave, mundo: suceso.mundo });
      }
    nivel = siguiente;
  }
  return { estados: vistos.size, profundidad, estaCompleta: nivel.length === 0, falta: null };
}

/** Attempts have no order among themselves, and no name. */
function claveDe(mundo: Mundo): string {
  const intentos = mundo.intentos.map((uno) => JSON.stringify({ ...uno, numero: 0 })).sort();
  return JSON.stringify([
    mundo.filas,
    mundo.abiertas,
    intentos,
    mundo.emitidos,
    mundo.rechazados,
    mundo.porRevocar,
    mundo.entregados,
    mundo.quedan,
  ]);
}

function caminoHasta(
  clave: string,
  vistos: ReadonlyMap<string, { desde: string | null; que: string }>,
): string[] {
  const camino: string[] = [];
  for (
    let aqui = vistos.get(clave);
    aqui?.desde !== null && aqui !== undefined;
    aqui = vistos.get(aqui.desde)
  )
    camino.unshift(aqui.que);
  return camino;
}

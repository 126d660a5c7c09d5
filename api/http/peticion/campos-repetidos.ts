/** Members that appear twice in one JSON object: JSON.parse keeps the last and says nothing (RFC 8259, section 4). */

/**
 * Strings, with the colon that follows a member's name, and the signs that open, close or separate; nothing else matters.
 */
const PIEZA = /(?<texto>"[^"\\]*(?:\\.[^"\\]*)*")(?<dosPuntos>\s*:)?|(?<signo>[{}[\],])/g;

/**
 * A request has 3 levels. What lies deeper is refused as unknown, and spelling its path would cost more than reading it.
 */
const PROFUNDIDAD_MAXIMA = 20;

interface Nivel {
  ruta: string;
  /** Names seen in an object; null in an array. */
  nombres: Set<string> | null;
  indice: number;
  /** Path of the value that comes next. */
  siguiente: string;
}

/**
 * Path of each repeated member, as `solicitud.numeroDocumento`.
 * @param json a text that JSON.parse accepts
 */
export function camposRepetidos(json: string): string[] {
  const repetidos = new Set<string>();
  const niveles: Nivel[] = [];
  for (const { groups: { texto, dosPuntos, signo } = {} } of json.matchAll(PIEZA)) {
    const nivel = niveles.at(-1);
    if (signo === '{' || signo === '[') niveles.push(abrir(signo, nivel?.siguiente ?? ''));
    else if (signo === '}' || signo === ']') niveles.pop();
    else if (signo === ',' && nivel?.nombres === null) nivel.siguiente = `${nivel.ruta}[${++nivel.indice}]`;
    else if (texto !== undefined && dosPuntos !== undefined && nivel?.nombres) {
      const nombre = JSON.parse(texto) as string;
      nivel.siguiente = nivel.ruta === '' ? nombre : `${nivel.ruta}.${nombre}`;
      if (nivel.nombres.has(nombre) && niveles.length <= PROFUNDIDAD_MAXIMA) repetidos.add(nivel.siguiente);
      nivel.nombres.add(nombre);
    }
  }
  return [...repetidos];
}

function abrir(signo: '{' | '[', ruta: string): Nivel {
  return signo === '{'
    ? { ruta, nombres: new Set(), indice: 0, siguiente: ruta }
    : { ruta, nombres: null, indice: 0, siguiente: `${ruta}[0]` };
}

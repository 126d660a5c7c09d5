/** JSON that somebody else may have written. */

/** @returns undefined where it is none */
export function comoJson(texto: string): unknown {
  try {
    return JSON.parse(texto);
  } catch {
    return undefined;
  }
}

export function esListaDeTextos(valor: unknown): valor is string[] {
  return Array.isArray(valor) && valor.every((uno) => typeof uno === 'string');
}

/** What is read in the order of a key, page by page, each behind the last row of the one before. */

/** The row behind which the next page begins; null where this page was the last: it is not full. */
export function finDePagina<F extends object>(filas: readonly F[], limite: number): F | null {
  return filas.length < limite ? null : (filas.at(-1) ?? null);
}

/** Every page that holds anything; each is read once the one before is done with. */
export async function* porPaginas<F extends object>(
  limite: number,
  leer: (despuesDe: F | null) => Promise<F[]>,
): AsyncGenerator<F[]> {
  let despuesDe: F | null = null;
  do {
    const filas = await leer(despuesDe);
    if (filas.length > 0) yield filas;
    despuesDe = finDePagina(filas, limite);
  } while (despuesDe);
}

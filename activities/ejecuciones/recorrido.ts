/** The way of every activity that takes many pages: a worker that dies leaves the rest to the next one. */
import { Context } from '@temporalio/activity';
import { avanceAnterior, latir } from './latidos.ts';

/**
 * Goes on from where the attempt before came to, page by page, and beats after each with where it is. Of the last page it
 * tells nothing: where a page is counted, an attempt after it would count it again.
 * @typeParam A where it is, as JSON
 * @param hacerPagina one page from there on; `hayMas`: another follows
 * @returns where it came to
 */
export async function recorrer<A>(
  inicio: A,
  hacerPagina: (avance: A) => Promise<{ avance: A; hayMas: boolean }>,
): Promise<A> {
  const contexto = Context.current();
  let avance = (avanceAnterior(contexto) as A | undefined) ?? inicio;
  for (;;) {
    contexto.cancellationSignal.throwIfAborted();
    const hecha = await hacerPagina(avance);
    avance = hecha.avance;
    if (!hecha.hayMas) return avance;
    latir(contexto, avance);
  }
}

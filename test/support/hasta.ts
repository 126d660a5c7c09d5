/** The one wait of the tests: for something to be so, never for a time to pass. */
import { performance } from 'node:perf_hooks';
import { setTimeout as pausa } from 'node:timers/promises';

/** The first looks come one upon the other, the later ones leave the machine to what is waited for. */
const REVISION_MAXIMA_MS = 50;
/** Less than jest gives a test: what did not come is told by its name. */
const LIMITE_MS = 25_000;

/**
 * Looks until it finds what it looks for, and answers that. It looks by the real clock, also where a test holds its own.
 * @param que as it ends the words "waited 25000 ms for"
 * @param mirar answers false, null or undefined as long as it has not come; what it throws ends the wait
 * @throws Error that says what did not come
 */
export async function hasta<T>(
  que: string,
  mirar: () => T | Promise<T>,
  limiteMs = LIMITE_MS,
): Promise<Exclude<T, false | null | undefined>> {
  const limite = performance.now() + limiteMs;
  for (let revisionMs = 1; ; revisionMs = Math.min(2 * revisionMs, REVISION_MAXIMA_MS)) {
    const visto = await mirar();
    if (visto !== false && visto !== null && visto !== undefined)
      return visto as Exclude<T, false | null | undefined>;
    if (performance.now() > limite) throw new Error(`waited ${limiteMs} ms for ${que}`);
    await pausa(revisionMs);
  }
}

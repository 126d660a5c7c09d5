/** The one wait of topology and tests: for something to be so, never for a time to pass. */
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

/** The first looks come one upon the other, the later ones leave the machine to what is waited for. */
const LONGEST_PAUSE_MS = 50;

/**
 * Looks until it finds what it looks for, and answers that. It looks by the real clock, also where a test holds its own.
 * @param what as it ends the words "waited 25000 ms for"
 * @param look answers false, null or undefined as long as it has not come; what it throws ends the wait
 * @throws Error that says what did not come
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  limitMs: number,
): Promise<Exclude<T, false | null | undefined>> {
  const end = performance.now() + limitMs;
  for (let pauseMs = 1; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const seen = await look();
    if (seen !== false && seen !== null && seen !== undefined)
      return seen as Exclude<T, false | null | undefined>;
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms for ${what}`);
    await pause(pauseMs);
  }
}

/** The one wait of the tests. */
import { until } from '../../scripts/topology/until.ts';

/** Less than jest gives a test: what did not come is told by its name. */
const LIMITE_MS = 25_000;

/** As `until`, which explains it. */
export function hasta<T>(
  que: string,
  mirar: () => T | Promise<T>,
  limiteMs = LIMITE_MS,
): Promise<Exclude<T, false | null | undefined>> {
  return until(que, mirar, limiteMs);
}

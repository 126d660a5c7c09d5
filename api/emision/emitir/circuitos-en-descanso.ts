/**
 * The steps that no worker asks the PKI for now, as the workers tell the register: one read a second at most, and only
 * while a client waits.
 */
import type { Paso } from '../../../shared/emision/contrato.ts';
import { CIRCUITOS_ABIERTOS_CADA_MS } from '../../../shared/emision/plazos.ts';

export interface CircuitosEnDescanso {
  /** Whether the PKI is left in peace for this step, by all workers. */
  descansa: (paso: Paso) => boolean;
}

/** @param leer each resting step, with how long it does at least, in ms; where it fails, none is known */
export function createCircuitosEnDescanso(
  leer: () => Promise<ReadonlyMap<Paso, number>>,
  ahoraMs: () => number = () => performance.now(),
): () => Promise<CircuitosEnDescanso> {
  let leidosEnMs = -Infinity;
  let hastaMs = new Map<Paso, number>();
  let lectura: Promise<void> | null = null;

  const releer = async () => {
    const empezadaEnMs = ahoraMs();
    const restos = await leer().catch(() => new Map<Paso, number>());
    leidosEnMs = ahoraMs();
    // From when they were asked for: a rest that is thought longer than it is would turn away who is being served.
    hastaMs = new Map([...restos].map(([paso, restoMs]) => [paso, empezadaEnMs + restoMs]));
  };
  const descansa = (paso: Paso) => (hastaMs.get(paso) ?? -Infinity) > ahoraMs();

  return async () => {
    if (ahoraMs() - leidosEnMs >= CIRCUITOS_ABIERTOS_CADA_MS) {
      lectura ??= releer().finally(() => (lectura = null));
      await lectura;
    }
    return { descansa };
  };
}

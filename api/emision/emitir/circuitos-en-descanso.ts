/**
 * The steps that no worker asks the PKI for now, as the workers tell the register: one read a second at most, and only
 * while a client waits.
 */
import type { Paso } from '../../../shared/emision/contrato.ts';
import { CIRCUITOS_ABIERTOS_CADA_MS } from '../../../shared/emision/plazos.ts';
import type { PasosEnDescanso } from '../../../shared/registro/emision/registro-de-admision.ts';

export interface CircuitosEnDescanso {
  /** How long yet the PKI is left in peace for this step, by all workers, in ms; 0: it is not. */
  descansoMs: (paso: Paso) => number;
  /** Whether the call that probes is this codigo's. */
  esLaSonda: (codigo: string) => boolean;
}

interface Opciones {
  ahoraMs?: () => number;
  /** Called once for each series of reads that fail. */
  alFallar?: (error: unknown) => void;
}

/** @param leer where it fails, no step is known to rest */
export function createCircuitosEnDescanso(
  leer: () => Promise<PasosEnDescanso>,
  { ahoraMs = () => performance.now(), alFallar = () => undefined }: Opciones = {},
): () => Promise<CircuitosEnDescanso> {
  let leidosEnMs = -Infinity;
  let hastaMs = new Map<Paso, number>();
  let aPrueba: ReadonlySet<string> = new Set();
  let falla = false;
  let lectura: Promise<void> | null = null;

  const releer = async () => {
    const empezadaEnMs = ahoraMs();
    try {
      const leidos = await leer();
      // From when they were asked for: a rest that is thought longer than it is would turn away who is being served.
      hastaMs = new Map([...leidos.restos].map(([paso, restoMs]) => [paso, empezadaEnMs + restoMs]));
      aPrueba = leidos.aPrueba;
      falla = false;
    } catch (error) {
      if (!falla) alFallar(error);
      falla = true;
      hastaMs = new Map();
    }
    leidosEnMs = ahoraMs();
  };
  const circuitos: CircuitosEnDescanso = {
    descansoMs: (paso) => Math.max(0, (hastaMs.get(paso) ?? -Infinity) - ahoraMs()),
    esLaSonda: (codigo) => aPrueba.has(codigo),
  };

  return async () => {
    if (ahoraMs() - leidosEnMs >= CIRCUITOS_ABIERTOS_CADA_MS) {
      lectura ??= releer().finally(() => (lectura = null));
      await lectura;
    }
    return circuitos;
  };
}

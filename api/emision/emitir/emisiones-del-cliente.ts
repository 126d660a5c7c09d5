/**
 * Issuances under way of one client: it may not fill alone what the whole system may have open (ADR 43). The register
 * counts those that a worker has begun; of those that wait for a worker this process knows which it let start.
 */
import { RECUENTO_MS } from '../../../shared/emision/plazos.ts';

export interface EmisionesDelCliente {
  /** Whether this client (keyed hash) may have one more open; it then counts at once. */
  admitir(cliente: string): Promise<boolean>;
}

export interface Recuento {
  /** EN_PROCESO in the register. */
  porCliente: ReadonlyMap<string | null, number>;
  /** Open in Temporal, and not in the register yet. */
  sinRegistrar: number;
}

interface EmisionesDelClienteDeps {
  /** Of one client. */
  maximo: number;
  contar: () => Promise<Recuento>;
  /** Told of each that is not let start. */
  alRechazar: () => void;
  ahoraMs?: () => number;
}

export function createEmisionesDelCliente({
  maximo,
  contar,
  alRechazar,
  ahoraMs = () => performance.now(),
}: EmisionesDelClienteDeps): EmisionesDelCliente {
  let porCliente: Recuento['porCliente'] = new Map();
  /** Clients of what this process let start and no count has shown yet, from the first to the last. */
  let admitidas: string[] = [];
  let contadasEnMs = -Infinity;
  let recuento: Promise<void> | null = null;

  return {
    async admitir(cliente) {
      if (ahoraMs() - contadasEnMs >= RECUENTO_MS) recuento ??= recontar().finally(() => (recuento = null));
      // Only who would be refused waits for a newer count.
      if (!cabe(cliente) && recuento) await recuento;
      if (!cabe(cliente)) {
        alRechazar();
        return false;
      }
      admitidas.push(cliente);
      return true;
    },
  };

  function cabe(cliente: string): boolean {
    const sinContar = admitidas.filter((uno) => uno === cliente).length;
    // Until there is a first count it is waited for.
    return contadasEnMs !== -Infinity && (porCliente.get(cliente) ?? 0) + sinContar < maximo;
  }

  /** Where it fails, the last one stands: the bound of the whole system tells what happens then. */
  async function recontar(): Promise<void> {
    const anteriores = admitidas.length;
    try {
      const contadas = await contar();
      ({ porCliente } = contadas);
      // Of those before it, as many as wait for a worker: the last ones.
      admitidas = admitidas.slice(Math.max(0, anteriores - contadas.sinRegistrar));
    } catch {
      admitidas = admitidas.slice(-maximo);
    }
    contadasEnMs = ahoraMs();
  }
}

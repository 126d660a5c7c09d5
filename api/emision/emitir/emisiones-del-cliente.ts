/**
 * The issuances that one client has under way: no client may take up alone what the whole system may have open (ADR 43).
 * The register counts those that a worker has begun; of those that still wait for a worker, this process knows the ones
 * it started.
 */
import { RECUENTO_MS } from '../../../shared/emision/plazos.ts';

export interface EmisionesDelCliente {
  /** Whether this client (keyed hash) may have one more open; it then counts at once. */
  admitir(cliente: string): Promise<boolean>;
}

export interface RecuentoPorCliente {
  /** EN_PROCESO in the register. */
  porCliente: ReadonlyMap<string | null, number>;
  /** Open in Temporal, and not in the register yet. */
  sinRegistrar: number;
}

interface DependenciasDeRecuento {
  /** The most that one client may have. */
  maximo: number;
  contar: () => Promise<RecuentoPorCliente>;
  /** Called for each start that is refused. */
  alRechazar: () => void;
  ahoraMs?: () => number;
}

export function createEmisionesDelCliente({
  maximo,
  contar,
  alRechazar,
  ahoraMs = () => performance.now(),
}: DependenciasDeRecuento): EmisionesDelCliente {
  let porCliente: RecuentoPorCliente['porCliente'] = new Map();
  /** The client of each issuance that this process started and no count has shown yet, oldest first. */
  let admitidas: string[] = [];
  let contadasEnMs = -Infinity;
  let recuento: Promise<void> | null = null;

  return {
    async admitir(cliente) {
      if (ahoraMs() - contadasEnMs >= RECUENTO_MS) recuento ??= recontar().finally(() => (recuento = null));
      // Only a client that would be refused waits for a newer count.
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
    // The first count is waited for.
    return contadasEnMs !== -Infinity && (porCliente.get(cliente) ?? 0) + sinContar < maximo;
  }

  /** Where it fails, the last count stands, and the bound of the whole system decides. */
  async function recontar(): Promise<void> {
    const anteriores = admitidas.length;
    try {
      const contadas = await contar();
      ({ porCliente } = contadas);
      // Of those started before the count, the latest may still wait for a worker: as many as it found unregistered.
      admitidas = admitidas.slice(Math.max(0, anteriores - contadas.sinRegistrar));
    } catch {
      admitidas = admitidas.slice(-maximo);
    }
    contadasEnMs = ahoraMs();
  }
}

/**
 * Issuances under way in the whole system, by Temporal's count: what is accepted must be finished, so beyond a bound none
 * is accepted (ADR 37).
 */
import { RECUENTO_CADUCO_MS, RECUENTO_MS } from '../../shared/emision/plazos.ts';
import type { MetricasDeCarga } from '../http/metricas.ts';

export interface EmisionesAbiertas {
  /** Whether one more may start; what this process lets start counts at once, what others start in the next count. */
  admitir(): Promise<boolean>;
}

interface EmisionesAbiertasDeps {
  maximo: number;
  contar: () => Promise<number>;
  metricas: Pick<MetricasDeCarga, 'abiertas' | 'rechazada'>;
  ahoraMs?: () => number;
}

export function createEmisionesAbiertas({
  maximo,
  contar,
  metricas,
  ahoraMs = () => performance.now(),
}: EmisionesAbiertasDeps): EmisionesAbiertas {
  let contadas = 0;
  let admitidas = 0;
  let contadasEnMs = -Infinity;
  let recuento: Promise<void> | null = null;

  return {
    async admitir() {
      const edadMs = ahoraMs() - contadasEnMs;
      if (edadMs >= RECUENTO_MS) recuento ??= recontar().finally(() => (recuento = null));
      if (edadMs >= RECUENTO_CADUCO_MS) await recuento;
      if (contadas + admitidas >= maximo) {
        metricas.rechazada('emisiones');
        return false;
      }
      admitidas++;
      return true;
    },
  };

  async function recontar(): Promise<void> {
    const anteriores = admitidas;
    try {
      contadas = await contar();
      metricas.abiertas(contadas);
    } catch {
      // A count that is not to be had turns nobody away: where Temporal is down, the start itself says so.
      contadas = 0;
    }
    admitidas -= anteriores;
    contadasEnMs = ahoraMs();
  }
}

/**
 * Issuances under way in the whole system, by Temporal's count: what is accepted must be finished, so beyond a bound none
 * is accepted (ADR 37).
 */
import { RECUENTO_MS, SIN_RECUENTO_MS } from '../../../shared/emision/plazos.ts';
import type { MetricasDeCarga } from '../../http/servidor/metricas.ts';

export interface EmisionesAbiertas {
  /** Whether one more may start; what this process lets start counts at once, what others start in the next count. */
  admitir(): Promise<boolean>;
}

interface EmisionesAbiertasDeps {
  maximo: number;
  contar: () => Promise<number>;
  metricas: Pick<MetricasDeCarga, 'tope'>;
  /** Once for a series of counts that fail. */
  alFallar?: (error: unknown) => void;
  ahoraMs?: () => number;
}

export function createEmisionesAbiertas({
  maximo,
  contar,
  metricas,
  alFallar = () => undefined,
  ahoraMs = () => performance.now(),
}: EmisionesAbiertasDeps): EmisionesAbiertas {
  const rechazar = metricas.tope('emisiones');
  /** Until there is a first count it is waited for. */
  let contadas = Infinity;
  /** Since that count was asked for. */
  let admitidas = 0;
  let contadasEnMs = -Infinity;
  let fallaDesdeMs: number | null = null;
  let recuento: Promise<void> | null = null;

  return {
    async admitir() {
      if (ahoraMs() - contadasEnMs >= RECUENTO_MS) recuento ??= recontar().finally(() => (recuento = null));
      // Only what would be refused waits for a newer count.
      if (!cabe() && recuento) await recuento;
      if (!cabe()) {
        rechazar();
        return false;
      }
      admitidas++;
      return true;
    },
  };

  /** Where Temporal has not been able to count for long, nobody is turned away for it. */
  function cabe(): boolean {
    return contadas + admitidas < maximo || ahoraMs() - (fallaDesdeMs ?? Infinity) >= SIN_RECUENTO_MS;
  }

  async function recontar(): Promise<void> {
    const anteriores = admitidas;
    try {
      contadas = await contar();
      admitidas -= anteriores;
      fallaDesdeMs = null;
    } catch (error) {
      if (fallaDesdeMs === null) alFallar(error);
      if (contadas === Infinity) contadas = 0;
      fallaDesdeMs ??= ahoraMs();
    }
    contadasEnMs = ahoraMs();
  }
}

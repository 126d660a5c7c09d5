/**
 * Issuances under way in the whole system, by Temporal's count: what is accepted must be finished, so beyond a bound none
 * is accepted (ADR 37).
 */
import { RECUENTO_MS, SIN_RECUENTO_MS } from '../../../shared/emision/plazos.ts';
import type { MetricasDeCarga } from '../../http/servidor/metricas.ts';

export interface EmisionesAbiertas {
  /**
   * Whether one more may start. What this process starts counts at once, what others start counts from the next count on.
   */
  admitir(): Promise<boolean>;
  /** By the last count; 0 until there is one. */
  contadas(): number;
}

interface DependenciasDeRecuento {
  maximo: number;
  contar: () => Promise<number>;
  metricas: Pick<MetricasDeCarga, 'tope'>;
  /** Called once for each series of counts that fail. */
  alFallar?: (error: unknown) => void;
  ahoraMs?: () => number;
}

export function createEmisionesAbiertas({
  maximo,
  contar,
  metricas,
  alFallar = () => undefined,
  ahoraMs = () => performance.now(),
}: DependenciasDeRecuento): EmisionesAbiertas {
  const rechazar = metricas.tope('emisiones');
  /** By the last count; infinite until there is a first one, which is waited for. */
  let contadas = Infinity;
  /** Those that were let start since that count was asked for. */
  let admitidas = 0;
  let contadasEnMs = -Infinity;
  let fallaDesdeMs: number | null = null;
  let recuento: Promise<void> | null = null;

  return {
    async admitir() {
      if (ahoraMs() - contadasEnMs >= RECUENTO_MS) recuento ??= recontar().finally(() => (recuento = null));
      // Only a start that would be refused waits for a newer count.
      if (!cabe() && recuento) await recuento;
      if (!cabe()) {
        rechazar();
        return false;
      }
      admitidas++;
      return true;
    },
    contadas: () => (contadas === Infinity ? 0 : contadas),
  };

  /** Whether one more may be open. Where Temporal has failed to count for a long time, nobody is turned away for that. */
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

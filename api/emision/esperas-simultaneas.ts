/** Requests that wait for an issuance at once, in this process: beyond a bound the API sheds load before it falls over. */
import type { MetricasDeCarga } from '../http/metricas.ts';

export interface EsperasSimultaneas {
  /** @returns how to leave, once the wait is over; null where every place is taken */
  entrar(): (() => void) | null;
  enEspera(): number;
}

export function createEsperasSimultaneas(
  maximo: number,
  metricas: Pick<MetricasDeCarga, 'enEspera' | 'rechazada'>,
): EsperasSimultaneas {
  let enEspera = 0;
  return {
    enEspera: () => enEspera,

    entrar() {
      if (enEspera >= maximo) {
        metricas.rechazada('esperas');
        return null;
      }
      metricas.enEspera(++enEspera);
      return () => {
        metricas.enEspera(--enEspera);
      };
    },
  };
}

/** Requests that wait for an issuance at once, in this process: beyond a bound the API sheds load before it falls over. */
import type { MetricasDeCarga } from '../../http/servidor/metricas.ts';

export interface EsperasSimultaneas {
  /** @returns gives the place back, to be called once the wait is over; null where every place is taken */
  entrar(): (() => void) | null;
  enEspera(): number;
}

export function createEsperasSimultaneas(
  maximo: number,
  metricas: Pick<MetricasDeCarga, 'enEspera' | 'tope'>,
): EsperasSimultaneas {
  const rechazar = metricas.tope('esperas');
  let enEspera = 0;
  return {
    enEspera: () => enEspera,

    entrar() {
      if (enEspera >= maximo) {
        rechazar();
        return null;
      }
      metricas.enEspera(++enEspera);
      return () => {
        metricas.enEspera(--enEspera);
      };
    },
  };
}

/**
 * Requests that this process works on at once. One more is refused before anything is done for it: under a flood those
 * that were let in are still answered in time, and a refusal costs next to nothing (ADR 37).
 */
import { CONSULTAR_DE_NUEVO_S } from '../../shared/emision/plazos.ts';
import { FalloHttp } from './fallo-http.ts';
import type { MetricasDeCarga } from './metricas.ts';

/**
 * @returns how to leave, once the request is answered
 * @throws FalloHttp SERVICIO_NO_DISPONIBLE where there is no room
 */
export type EntrarAlServicio = () => () => void;

/** @param enEspera how many of those inside only wait for an issuance: they are no work */
export function createEntrarAlServicio(
  maximo: number,
  enEspera: () => number,
  metricas: Pick<MetricasDeCarga, 'rechazada'>,
): EntrarAlServicio {
  let dentro = 0;
  return () => {
    if (dentro - enEspera() >= maximo) {
      metricas.rechazada('peticiones');
      throw new FalloHttp(
        'SERVICIO_NO_DISPONIBLE',
        ['La petición no se aceptó: el servicio atiende tantas como puede a la vez. Envíela de nuevo.'],
        { cabeceras: { 'Retry-After': String(CONSULTAR_DE_NUEVO_S) } },
      );
    }
    dentro++;
    return () => {
      dentro--;
    };
  };
}

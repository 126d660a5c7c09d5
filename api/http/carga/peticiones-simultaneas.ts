/**
 * Requests that this process works on at once. One more is refused before anything is done for it: under a flood those
 * that were let in are still answered in time, and a refusal costs next to nothing (ADR 37).
 */
import { FALLOS_HTTP } from '../../../shared/nucleo/fallos.ts';
import type { IncomingMessage } from 'node:http';
import { CONSULTAR_DE_NUEVO_S } from '../../../shared/nucleo/plazos.ts';
import { FalloHttp } from '../peticion/fallo-http.ts';
import type { MetricasDeCarga } from '../servidor/metricas.ts';

/**
 * @returns how to leave, once the request is answered
 * @throws FalloHttp SERVICIO_NO_DISPONIBLE where there is no room
 */
export type EntrarAlServicio = (req: Pick<IncomingMessage, 'complete'>) => () => void;

/** @param enEspera how many of those inside hold a place to wait for an issuance: these have a bound of their own */
export function createAdmisionDePeticiones(
  maximo: number,
  enEspera: () => number,
  metricas: Pick<MetricasDeCarga, 'tope'>,
): EntrarAlServicio {
  const rechazar = metricas.tope('peticiones');
  const dentro = new Set<Pick<IncomingMessage, 'complete'>>();

  return (req) => {
    if (dentro.size - enEspera() >= maximo && enTrabajo() >= maximo) {
      rechazar();
      throw new FalloHttp(
        FALLOS_HTTP.SERVICIO_NO_DISPONIBLE,
        ['La petición no se aceptó: el servicio atiende tantas como puede a la vez. Envíela de nuevo.'],
        { cabeceras: { 'Retry-After': String(CONSULTAR_DE_NUEVO_S) } },
      );
    }
    dentro.add(req);
    return () => dentro.delete(req);
  };

  /** Without those whose body is still on its way: slow clients take no room from the others. */
  function enTrabajo(): number {
    let completas = 0;
    for (const { complete } of dentro) if (complete) completas++;
    return completas - enEspera();
  }
}

/** The API, as a part of a process. */
import { startApiService } from '../api/api-service.ts';
import { API, PROXIES } from '../api/configuracion.ts';
import { DOMINIOS } from '../api/dominios.ts';
import { exigirProxies } from '../api/http/servidor/app.ts';
import { leerConfiguracion, reunirFaltas } from '../shared/runtime/config.ts';
import { createTemporalClient } from '../shared/runtime/temporal/conexion.ts';
import type { Parte } from './parte.ts';

export const PARTE_API: Parte = {
  esWorker: false,
  secciones: [API, ...DOMINIOS.flatMap(({ secciones }) => secciones)],

  revisar(entorno, porHacer) {
    reunirFaltas([
      () => leerConfiguracion({ api: API }, entorno),
      () => {
        exigirProxies(leerConfiguracion({ proxies: PROXIES }, entorno).proxies.TRUST_PROXY);
      },
      ...DOMINIOS.map((dominio) => () => {
        dominio.revisar(entorno, porHacer);
      }),
    ]);
  },

  preparar() {
    const { api } = leerConfiguracion({ api: API });
    const dominios = DOMINIOS.map((dominio) => dominio.preparar());
    return {
      firmas: [],
      async empezar({ configuracion, nativa, comprobaciones, ...recursos }) {
        const { db, claves, logger } = recursos;
        const servicio = await startApiService({
          ...recursos,
          // What it starts on the worker's connection, the worker takes at once (eager start).
          clientDelWorker: nativa
            ? createTemporalClient(nativa, configuracion.temporal, claves.cifrado)
            : undefined,
          configuracion: { comun: configuracion.comun, api },
          dominios,
          comprobaciones: [
            {
              nombre: 'registro',
              comprobar: () => db.selectNoFrom((eb) => eb.lit(1).as('uno')).execute(),
            },
            // The worker's checks, which only warn: issuances go on, so whatever stands in front of the API must go on
            // sending to it.
            ...comprobaciones,
          ],
        });
        logger.info({ url: servicio.url }, nativa ? 'API and worker run' : 'the API listens');
        return { comprobaciones: [], detener: () => servicio.detener() };
      },
    };
  },
};

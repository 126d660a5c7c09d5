/** The codec server, as a part of a process: an HTTP server of its own beside the API's, for people instead of clients. */
import { startApiService } from '../api/api-service.ts';
import { CODEC } from '../api/codec/configuracion.ts';
import { createCodec } from '../api/codec/dominio.ts';
import { API } from '../api/configuracion.ts';
import { DOMINIOS } from '../api/dominios.ts';
import { leerConfiguracion } from '../shared/runtime/config.ts';
import { createColeccionDeMetricas } from '../shared/runtime/metrics.ts';
import { LOOPBACK, urlLocal } from '../shared/runtime/url-local.ts';
import type { Parte } from './parte.ts';

export const PARTE_CODEC: Parte = {
  esWorker: false,
  secciones: [API, CODEC],

  revisar(entorno) {
    leerConfiguracion({ api: API, codec: CODEC }, entorno);
  },

  preparar() {
    const propia = leerConfiguracion({ api: API, codec: CODEC });
    const { api, codec } = propia;
    return {
      firmas: [],
      async empezar({ configuracion, logger, db, claves, client, guarda, estaSola, coleccionDeMetricas }) {
        // Beside an embedded Temporal, whose UI is on loopback too: a browser takes only one host for one site.
        const comun = estaSola ? configuracion.comun : { ...configuracion.comun, HOST: LOOPBACK };
        const { dominio, identificar } = createCodec({
          url: new URL(codec.CODEC_URL ?? urlLocal(comun.HOST, codec.CODEC_PORT)).origin,
          configuracion: propia,
          enTemporal: DOMINIOS.flatMap(({ enTemporal }) => enTemporal ?? []),
          ...{ claves, logger },
        });
        const servicio = await startApiService({
          ...{ logger, db, claves, client, guarda, clientDelWorker: undefined },
          // Beside the API, whose metrics have the same names, it has a collection of its own.
          coleccionDeMetricas: estaSola ? coleccionDeMetricas : createColeccionDeMetricas(),
          configuracion: { comun, api: { ...api, PORT: codec.CODEC_PORT } },
          variableDelPuerto: 'CODEC_PORT',
          identificar,
          // Its clients are Temporal's UI and command line, and a browser.
          documentada: false,
          dominios: [dominio],
          comprobaciones: [
            {
              nombre: 'registro',
              comprobar: () => db.selectNoFrom((eb) => eb.lit(1).as('uno')).execute(),
            },
          ],
        });
        logger.info({ url: servicio.url }, 'the codec server listens');
        return { comprobaciones: [], detener: () => servicio.detener() };
      },
    };
  },
};

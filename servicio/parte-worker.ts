/** The worker, as a part of a process. */
import { createLectorDeCodigo } from '../shared/nucleo/ejecuciones/lector-de-codigo.ts';
import { leerConfiguracion, reunirFaltas } from '../shared/runtime/config.ts';
import { startHealthServer, type Comprobacion } from '../shared/runtime/health-server.ts';
import { WORKER } from '../worker/configuracion.ts';
import { DOMINIOS } from '../worker/dominios.ts';
import { medirColas } from '../worker/metricas-de-colas.ts';
import { mantenerProgramaciones } from '../worker/programaciones.ts';
import { startWorkerService } from '../worker/worker-service.ts';
import type { Parte } from './parte.ts';

export const PARTE_WORKER: Parte = {
  esWorker: true,
  secciones: [WORKER, ...DOMINIOS.flatMap(({ secciones }) => secciones)],

  revisar(entorno, porHacer) {
    reunirFaltas([
      () => leerConfiguracion({ worker: WORKER }, entorno),
      ...DOMINIOS.map((dominio) => () => {
        dominio.revisar(entorno, porHacer);
      }),
    ]);
  },

  preparar() {
    const { worker } = leerConfiguracion({ worker: WORKER });
    const preparados = DOMINIOS.map((dominio) => dominio.preparar());
    return {
      firmas: preparados.flatMap(({ firmas = [] }) => firmas),
      async empezar({ configuracion, nativa, estaSola, ...recursos }) {
        if (!nativa) throw new Error('a worker has a connection of its own');
        const { claves, client, coleccionDeMetricas, logger } = recursos;
        const dominios = preparados.map((dominio) => dominio.crear(recursos));
        for (const dominio of dominios) await dominio.antesDeServir?.();
        // Beside an API it has no version: nobody else serves its register.
        const version = estaSola ? worker.WORKER_VERSION : undefined;
        const colas = dominios.flatMap(({ colas }) => colas);
        medirColas(client, colas, coleccionDeMetricas);
        const trabajador = await startWorkerService({
          connection: nativa,
          namespace: configuracion.temporal.TEMPORAL_NAMESPACE,
          cifrado: claves.cifrado,
          colas,
          codigoDe: createLectorDeCodigo(dominios.flatMap(({ codigoDe }) => (codigoDe ? [codigoDe] : []))),
          coleccionDeMetricas,
          version,
        });
        const programaciones = mantenerProgramaciones(
          client,
          dominios.flatMap(({ programaciones = [] }) => programaciones),
          version ?? null,
          logger,
        );
        const servicios = dominios.flatMap((dominio) => dominio.empezarServicio?.() ?? []);
        await programaciones.primera;
        const comprobaciones: Comprobacion[] = [
          { nombre: 'worker', comprobar: () => trabajador.comprobar() },
          // No client depends on the readiness of a worker that runs alone: it may turn not ready without an issuance
          // waiting for that.
          ...servicios.flatMap(({ salud }) => (salud ? [{ ...salud, soloAvisa: !estaSola }] : [])),
        ];
        const salud = estaSola
          ? await startHealthServer({
              host: configuracion.comun.HOST,
              port: worker.WORKER_PORT,
              coleccionDeMetricas,
              comprobaciones,
              avisar: (parte, err) => {
                logger.warn({ parte, err }, 'not ready');
              },
            })
          : null;
        if (salud) logger.info({ url: salud.url, version }, 'the worker runs');
        return {
          fin: trabajador.fin,
          comprobaciones,
          async detener() {
            await Promise.all([programaciones.detener(), trabajador.detener()]);
            await salud?.close();
            for (const servicio of servicios) await servicio.detener();
          },
        };
      },
    };
  },
};

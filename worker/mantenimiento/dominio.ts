/** The worker's part of what is done for the register as a whole. */
import { conSuEjecucion } from '../../activities/ejecuciones/su-ejecucion.ts';
import { createActividadesDeRecifrado } from '../../activities/mantenimiento/actividades-de-recifrado.ts';
import { COLA_MANTENIMIENTO } from '../../shared/nucleo/ejecuciones/colas.ts';
import { createClavesEnTemporal } from '../../shared/motor/claves-en-temporal.ts';
import { createRegistroDeClaves } from '../../shared/registro/base/registro-de-claves.ts';
import { DOMINIOS } from '../../shared/registro/dominios.ts';
import type { DefinicionDelWorker } from '../dominio.ts';

export const MANTENIMIENTO: DefinicionDelWorker = {
  secciones: [],
  revisar: () => undefined,
  preparar: () => ({
    crear: ({ db, claves: { cifrado }, client }) => ({
      colas: [
        {
          nombre: COLA_MANTENIMIENTO,
          simultaneas: 1,
          // It goes on from its last heartbeat.
          paradaMs: 0,
          actividades: conSuEjecucion(
            createActividadesDeRecifrado({
              registro: createRegistroDeClaves(db, DOMINIOS, cifrado),
              claveActiva: cifrado.claveActiva,
              enTemporal: createClavesEnTemporal(client),
            }),
          ),
        },
      ],
    }),
  }),
};

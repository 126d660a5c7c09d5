/** The audit log's part of the API. */
import { createPruebasDeBitacora } from '../../shared/bitacora/pruebas.ts';
import { leerEnviadasPor } from '../../shared/registro/dominios.ts';
import type { DefinicionDelApi } from '../dominio.ts';
import { createRegistroQueResponde } from '../http/carga/registro-que-responde.ts';
import { rutasDeBitacora } from './rutas.ts';

export const BITACORA: DefinicionDelApi = {
  secciones: [],
  revisar: () => undefined,
  preparar: () => ({
    crear: ({ db, claves: { huella }, logger }) => ({
      rutas: rutasDeBitacora({
        huella,
        ...createRegistroQueResponde()({
          ...createPruebasDeBitacora(db, { huella, logger }),
          enviadasPor: leerEnviadasPor(db),
        }),
      }),
    }),
  }),
};

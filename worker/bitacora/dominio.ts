/** The audit log's part of the worker: the service that keeps the log, and what may be asked of it. */
import { createActividadesDeBitacora } from '../../activities/bitacora/actividades-de-bitacora.ts';
import { conSuEjecucion } from '../../activities/ejecuciones/su-ejecucion.ts';
import { BITACORA as VARIABLES } from '../../shared/bitacora/configuracion.ts';
import {
  COLA_BITACORA,
  PROGRAMACION_VERIFICACION,
  RESUMEN_VERIFICACION,
  WORKFLOW_VERIFICACION,
} from '../../shared/bitacora/contrato.ts';
import { createMetricasDeBitacora } from '../../shared/bitacora/metricas.ts';
import { startServicioDeBitacora } from '../../shared/bitacora/servicio-de-bitacora.ts';
import { DIA_MS } from '../../shared/nucleo/plazos.ts';
import { compararDominios } from '../../shared/registro/dominios.ts';
import { leerConfiguracion } from '../../shared/runtime/config.ts';
import type { DefinicionDelWorker, DominioDelWorker, RecursosDelWorker } from '../dominio.ts';
import {
  leerConfiguracionDeBitacora,
  revisarBitacora,
  type ConfiguracionDeBitacora,
} from './configuracion.ts';

/** When in the day the log is verified, by UTC: 3 o'clock in Lima, after retention. */
export const VERIFICACION_A_LAS_MS = 8 * 3_600_000;
/** A verification reads the whole log: one at a time. */
const SIMULTANEAS = 1;
/** What a stop cuts short begins again: it only read. */
const PARADA_MS = 5_000;

export const BITACORA: DefinicionDelWorker = {
  secciones: [VARIABLES],
  revisar: (entorno) => {
    revisarBitacora(entorno);
  },
  preparar(entorno) {
    const { bitacora } = leerConfiguracion({ bitacora: VARIABLES }, entorno);
    const configuracion = leerConfiguracionDeBitacora(bitacora);
    return {
      firmas: configuracion.clavesPublicas,
      crear: (recursos) => createBitacora(configuracion, recursos),
    };
  },
};

function createBitacora(
  configuracion: ConfiguracionDeBitacora,
  { db, claves, coleccionDeMetricas, logger }: RecursosDelWorker,
): DominioDelWorker {
  const dependencias = {
    ...configuracion,
    db,
    claves,
    logger,
    metricas: createMetricasDeBitacora(coleccionDeMetricas),
    deDominios: compararDominios(db, claves),
  };
  return {
    colas: [
      {
        nombre: COLA_BITACORA,
        simultaneas: SIMULTANEAS,
        paradaMs: PARADA_MS,
        actividades: conSuEjecucion(createActividadesDeBitacora(dependencias)),
      },
    ],
    programaciones: [
      {
        id: PROGRAMACION_VERIFICACION,
        workflow: WORKFLOW_VERIFICACION,
        cola: COLA_BITACORA,
        // No checkpoints but those of the worker's own witness.
        orden: [],
        cadaMs: DIA_MS,
        faseMs: VERIFICACION_A_LAS_MS,
        recuperacionMs: DIA_MS,
        resumen: RESUMEN_VERIFICACION,
      },
    ],
    empezarServicio() {
      const servicio = startServicioDeBitacora(dependencias);
      return {
        salud: { nombre: 'bitacora', comprobar: () => servicio.comprobar() },
        detener: () => servicio.detener(),
      };
    },
  };
}

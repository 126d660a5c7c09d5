/** Runs one Temporal worker a task queue, over one connection and one bundle of workflows. */
import type { LectorDeCodigo } from '../shared/nucleo/ejecuciones/lector-de-codigo.ts';
import { Runtime, Worker, type NativeConnection, type WorkerDeploymentOptions } from '@temporalio/worker';
import { ENTRE_LATIDOS_MS } from '../shared/nucleo/plazos.ts';
import type { Registry } from 'prom-client';
import type { Cifrado } from '../shared/runtime/claves/cifrado.ts';
import { createDataConverter } from '../shared/runtime/temporal/codec.ts';
import { vigilarAjenos } from './ajenos.ts';
import { createTramoDeActividad } from '../activities/ejecuciones/tramo-de-actividad.ts';
import type { Cola } from './dominio.ts';
import { DESPLIEGUE } from './despliegue.ts';
import { createLugares, type Compuerta } from './lugares.ts';
import { abrirPaquete } from './paquete.ts';

/** Some 120 kB of heap a cached run, and more of what is around it; beyond these the oldest is replayed from its history when it goes on. */
const RUNS_EN_MEMORIA = 500;

/**
 * Polls at once, of a queue and kind of task: few where there is nothing to do, and as many as Temporal asks for where work waits.
 * At most so many tasks come in vain where a gate closes meanwhile.
 */
const POLLERS = { type: 'autoscaling', minimum: 1, initial: 5, maximum: 10 } as const;

/** How long after its grace a stop is forced: what still runs is left to another worker. */
const PARADA_FORZADA_MS = 2_000;

export interface OpcionesDeWorker {
  connection: NativeConnection;
  namespace: string;
  cifrado: Cifrado;
  /** The queues of all domains; those of one name are one. */
  colas: readonly Cola[];
  coleccionDeMetricas: Registry;
  /** The codigo that a workflow id names, of whatever domain; absent: none does. */
  codigoDe?: LectorDeCodigo;
  /** Absent: it has no version, and takes the runs for which no version is current. */
  version?: string | undefined;
}

export interface WorkerService {
  /** Rejects where a worker does not run. */
  comprobar(): Promise<void>;
  /** Ends when all workers have stopped; rejects where one died. */
  fin: Promise<void>;
  /** Takes no new work, lets what runs finish, and ends. */
  detener(): Promise<void>;
}

export async function startWorkerService(opciones: OpcionesDeWorker): Promise<WorkerService> {
  const { connection, namespace, cifrado, colas, coleccionDeMetricas, version } = opciones;
  const ajenos = vigilarAjenos(coleccionDeMetricas);
  const { codigoDe = () => null } = opciones;
  const workflowBundle = await abrirPaquete(Runtime.instance().logger);
  const workers = await Promise.all(
    reunirColas(colas).map(({ nombre, actividades, simultaneas, paradaMs, compuerta, porSegundo }) =>
      Worker.create({
        connection,
        namespace,
        taskQueue: nombre,
        activities: actividades,
        dataConverter: createDataConverter(cifrado),
        activityTaskPollerBehavior: POLLERS,
        ...(porSegundo !== undefined && { maxTaskQueueActivitiesPerSecond: porSegundo }),
        sinks: ajenos.sinks,
        interceptors: { activity: [createTramoDeActividad(codigoDe), ...ajenos.interceptors.activity] },
        ...(compuerta
          ? soloActividades(simultaneas, compuerta)
          : {
              workflowBundle,
              maxCachedWorkflows: RUNS_EN_MEMORIA,
              maxConcurrentActivityTaskExecutions: simultaneas,
              workflowTaskPollerBehavior: POLLERS,
            }),
        maxHeartbeatThrottleInterval: ENTRE_LATIDOS_MS,
        shutdownGraceTime: paradaMs,
        // A write that waits for the register would hold the stop for ever; the next worker makes it.
        shutdownForceTime: paradaMs + PARADA_FORZADA_MS,
        ...(version !== undefined && { workerDeploymentOptions: opcionesDeVersion(version) }),
      }),
    ),
  );
  const fin = Promise.all(workers.map((worker) => worker.run())).then(() => undefined);
  // Whoever awaits `fin` hears of it; before anybody does, it must not count as unhandled.
  fin.catch(() => undefined);
  return {
    fin,
    comprobar() {
      const detenido = workers.find((worker) => worker.getState() !== 'RUNNING');
      return detenido
        ? Promise.reject(new Error(`the worker of ${detenido.options.taskQueue} is ${detenido.getState()}`))
        : Promise.resolve();
    },
    async detener() {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      // Told to stop, a worker that ends badly (the register is down, a write had to be cut) loses nothing: it is retried.
      await fin.catch((error: unknown) => {
        Runtime.instance().logger.warn('the stop was forced; what ran goes on in another worker', { error });
      });
    },
  };
}

/** Of workflows and local activities there are none: what is fixed for them is never used. */
function soloActividades(simultaneas: number, compuerta: Compuerta) {
  const ninguno = { type: 'fixed-size', numSlots: 1 } as const;
  return {
    tuner: {
      activityTaskSlotSupplier: createLugares(simultaneas, compuerta),
      workflowTaskSlotSupplier: ninguno,
      localActivityTaskSlotSupplier: ninguno,
      nexusTaskSlotSupplier: ninguno,
    },
  };
}

function opcionesDeVersion(buildId: string): WorkerDeploymentOptions {
  return {
    version: { deploymentName: DESPLIEGUE, buildId },
    useWorkerVersioning: true,
    // Workflows that may run for hours say otherwise.
    defaultVersioningBehavior: 'PINNED',
  };
}

/**
 * Makes one queue of those of one name.
 * @throws Error where two domains have an activity of the same name on it, or it has a gate or a rate, which one domain sets
 */
export function reunirColas(colas: readonly Cola[]): Cola[] {
  return [...Map.groupBy(colas, ({ nombre }) => nombre)].map(([nombre, suyas]) => {
    const nombres = suyas.flatMap(({ actividades }) => Object.keys(actividades));
    const repetida = nombres.find((uno, i) => nombres.indexOf(uno) !== i);
    if (repetida !== undefined)
      throw new Error(`two domains have an activity ${repetida} on the queue ${nombre}`);
    const [{ compuerta, porSegundo } = {}] = suyas;
    if (suyas.length > 1 && suyas.some((una) => una.compuerta ?? una.porSegundo))
      throw new Error(`the queue ${nombre} has a gate or a rate, and so is of one domain`);
    return {
      nombre,
      actividades: Object.assign({}, ...suyas.map(({ actividades }) => actividades)) as object,
      simultaneas: suyas.reduce((suma, { simultaneas }) => suma + simultaneas, 0),
      paradaMs: Math.max(...suyas.map(({ paradaMs }) => paradaMs)),
      ...(compuerta && { compuerta }),
      ...(porSegundo !== undefined && { porSegundo }),
    };
  });
}

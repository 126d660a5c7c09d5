/** A worker with the real workflow whose activities each run brings along; the caller gives the server. */
import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundle } from '@temporalio/worker';
import { Registry } from 'prom-client';
import {
  COLA_EMISION,
  COLAS_DE_LA_PKI,
  PASOS,
  WORKFLOW_EMISION,
  workflowId,
  type EntradaDeRun,
  type EntradaEmision,
  type ReferenciaEmision,
} from '../../../shared/emision/contrato.ts';
import type { ResultadoEmision } from '../../../shared/emision/emision.ts';
import { FALLOS, type FalloDeEmision, type TipoFallo } from '../../../shared/emision/fallos.ts';
import { vigilarAjenos } from '../../../worker/ajenos.ts';
import { ACTIVIDADES, type FakeActividades } from '../emision/fake-actividades.ts';
import { createDataConverter } from '../../../shared/runtime/temporal/codec.ts';
import { CLAVES_DE_PRUEBA } from '../emision/claves-de-prueba.ts';
import { hasta } from '../hasta.ts';
import { abrirEntorno, type SIN_MEMORIA } from './entorno-de-prueba.ts';
import { entradaDePrueba } from '../emision/entrada-de-prueba.ts';

const dataConverter = createDataConverter(CLAVES_DE_PRUEBA.cifrado);

export class Ejecucion {
  readonly handle: WorkflowHandle;
  readonly entrada: EntradaEmision;

  constructor(handle: WorkflowHandle, entrada: EntradaEmision) {
    this.handle = handle;
    this.entrada = entrada;
  }

  /** As the register gets it. */
  async entradaDeRun(): Promise<EntradaDeRun> {
    const { startTime } = await this.handle.describe();
    return { ...this.entrada, inicio: startTime.toISOString() };
  }

  resultado(): Promise<ResultadoEmision> {
    return this.handle.result() as Promise<ResultadoEmision>;
  }

  /** The failure that the run closed with, as the API reads it. */
  async fallo(): Promise<FalloDeEmision> {
    const error: unknown = await this.resultado().catch((motivo: unknown) => motivo);
    if (!(error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure))
      throw new Error('the run did not close as Failed', { cause: error });
    const { type, message, nonRetryable, details } = error.cause;
    const fallo = details?.[0] as FalloDeEmision;
    expect({ type, message, nonRetryable }).toEqual({
      type: fallo.tipo,
      message: FALLOS[fallo.tipo].titulo,
      nonRetryable: true,
    });
    return fallo;
  }

  /** Until the server keeps an event of this kind. */
  async hastaElEvento(atributos: 'activityTaskCancelRequestedEventAttributes'): Promise<void> {
    await hasta(`an event with ${atributos}`, async () => {
      const { events } = await this.handle.fetchHistory();
      return events?.some((evento) => evento[atributos]);
    });
  }

  /** Until the activity that waits for its next attempt shows this as its last failure, as the API reads it. */
  async hastaElUltimoFallo(tipo: TipoFallo): Promise<void> {
    await hasta(`an attempt that failed by ${tipo}`, async () => {
      const { raw } = await this.handle.describe();
      return raw.pendingActivities?.some(
        ({ lastFailure }) => lastFailure?.applicationFailureInfo?.type === tipo,
      );
    });
  }

  /** Until the server has heard of failures and counts this attempt as the next. */
  async hastaElIntento(intento: number): Promise<void> {
    await hasta(`attempt ${intento} to be the next`, async () => {
      const { raw } = await this.handle.describe();
      return raw.pendingActivities?.some(({ attempt }) => (attempt ?? 0) >= intento);
    });
  }
}

export class BancoDeEmision {
  readonly entorno: TestWorkflowEnvironment;
  /** Of its worker. */
  readonly metricas = new Registry();
  readonly #vigia = vigilarAjenos(this.metricas);
  readonly #workflowBundle: WorkflowBundle;
  readonly #memoria: Partial<typeof SIN_MEMORIA>;
  readonly #porCodigo = new Map<string, FakeActividades>();
  /** Ends the worker that runs. */
  #detener: () => Promise<void> = () => Promise.resolve();

  private constructor(
    entorno: TestWorkflowEnvironment,
    workflowBundle: WorkflowBundle,
    memoria: Partial<typeof SIN_MEMORIA>,
  ) {
    this.entorno = entorno;
    this.#memoria = memoria;
    this.#workflowBundle = workflowBundle;
  }

  /** @param memoria SIN_MEMORIA for a worker that replays each task */
  static async abrir(
    servidor: () => Promise<TestWorkflowEnvironment>,
    memoria: Partial<typeof SIN_MEMORIA> = {},
  ): Promise<BancoDeEmision> {
    const [entorno, bundle] = await abrirEntorno(servidor);
    const banco = new BancoDeEmision(entorno, bundle, memoria);
    await banco.#arrancar();
    return banco;
  }

  async cerrar(): Promise<void> {
    await this.#detener();
    await this.entorno.teardown();
  }

  /** Does something while no worker runs. */
  async sinWorker(mientras: () => void): Promise<void> {
    await this.#detener();
    mientras();
    await this.#arrancar();
  }

  async #arrancar(): Promise<void> {
    const activities = ACTIVIDADES.map((actividad) => [
      actividad,
      (primero: EntradaEmision | ReferenciaEmision, ...otros: unknown[]) => {
        const { codigoSolicitudTramite } = 'solicitud' in primero ? primero.solicitud.solicitud : primero;
        return this.#porCodigo.get(codigoSolicitudTramite)?.responder(actividad, [primero, ...otros]);
      },
    ]) as [string, () => unknown][];
    const crear = (taskQueue: string, workflows = {}) =>
      Worker.create({
        connection: this.entorno.nativeConnection,
        taskQueue,
        dataConverter,
        activities: Object.fromEntries(activities),
        ...this.#memoria,
        ...workflows,
        ...this.#vigia,
      });
    const workers = await Promise.all([
      crear(COLA_EMISION, { workflowBundle: this.#workflowBundle }),
      ...PASOS.map((paso) => crear(COLAS_DE_LA_PKI[paso])),
    ]);
    const fin = Promise.all(workers.map((worker) => worker.run()));
    this.#detener = async () => {
      for (const worker of workers) worker.shutdown();
      await fin;
    };
  }

  async iniciar(actividades: FakeActividades): Promise<Ejecucion> {
    return this.iniciarComo(actividades, (codigo, entrada) =>
      this.entorno.client.workflow.start(WORKFLOW_EMISION, {
        workflowId: workflowId(codigo),
        taskQueue: COLA_EMISION,
        args: [entrada],
      }),
    );
  }

  /** Started as the test does it. */
  async iniciarComo(
    actividades: FakeActividades,
    empezar: (codigo: string, entrada: EntradaEmision) => Promise<WorkflowHandle>,
  ): Promise<Ejecucion> {
    const codigo = `SOL-${randomUUID().slice(0, 8)}`;
    const entrada = entradaDePrueba(codigo);
    this.#porCodigo.set(codigo, actividades);
    return new Ejecucion(await empezar(codigo, entrada), entrada);
  }
}

/** What a real activity throws. */
export function falloDeActividad(
  tipo: string,
  opciones: { nonRetryable?: boolean; nextRetryDelay?: number; detalles?: unknown } = {},
): ApplicationFailure {
  const { detalles = [`detalle de ${tipo}`], ...resto } = opciones;
  return ApplicationFailure.create({ type: tipo, message: tipo, details: [detalles], ...resto });
}

/** The answer of an activity that fails. */
export function lanzar(error: Error): () => never {
  return () => {
    throw error;
  };
}

/** An activity that a test holds: `llamada` resolves once it was called, `seguir` lets it answer. */
export function detenida<T>() {
  const llamada = Promise.withResolvers<undefined>();
  const respuesta = Promise.withResolvers<T>();
  return {
    actividad: () => {
      llamada.resolve(undefined);
      return respuesta.promise;
    },
    llamada: llamada.promise,
    seguir: respuesta.resolve,
    fallar: respuesta.reject,
  };
}

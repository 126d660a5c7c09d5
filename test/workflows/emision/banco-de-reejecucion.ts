/** A worker with both workflows whose activities are in memory; a test says what becomes of each codigo. */
import { randomUUID } from 'node:crypto';
import { Client, type WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundle } from '@temporalio/worker';
import {
  COLA_EMISION,
  COLAS_DE_LA_PKI,
  PASOS,
  type EntradaEmision,
  type ReferenciaEmision,
} from '../../../shared/emision/contrato.ts';
import type { TipoFallo } from '../../../shared/emision/fallos.ts';
import {
  WORKFLOW_REEJECUCION,
  workflowIdDeReejecucion,
  type ActividadesDeReejecucion,
  type EntradaReejecucion,
  type Preparacion,
} from '../../../shared/emision/reejecucion.ts';
import { createDataConverter } from '../../../shared/runtime/temporal/codec.ts';
import { ACTIVIDADES, FakeActividades } from '../../support/emision/fake-actividades.ts';
import { CLAVES_DE_PRUEBA } from '../../support/emision/claves-de-prueba.ts';
import { abrirEntorno } from '../../support/temporal/entorno-de-prueba.ts';
import { entradaDePrueba } from '../../support/emision/entrada-de-prueba.ts';

const dataConverter = createDataConverter(CLAVES_DE_PRUEBA.cifrado);

/** A bulk re-run under test: what its workflow asked of the register. */
export class Masiva {
  readonly entrada: EntradaReejecucion;
  readonly handle: WorkflowHandle;
  /** How often the order and its end were recorded. */
  registros = 0;
  fines = 0;
  readonly preparados: string[] = [];
  /** Each codigo whose outcome was asked for, with why its run was turned away. */
  readonly resultados = new Map<string, TipoFallo | null>();

  constructor(entrada: EntradaReejecucion, handle: WorkflowHandle) {
    this.entrada = entrada;
    this.handle = handle;
  }
}

interface Orden {
  codigos: string[];
  /** By default every codigo may run. */
  preparar?: (codigo: string) => Preparacion | Promise<Preparacion>;
}

export function lista(codigo: string): Preparacion {
  return { tipo: 'LISTA', entrada: entradaDePrueba(codigo) };
}

/** As many codigos that no other test has. */
export function codigosNuevos(cuantos: number): string[] {
  const prefijo = randomUUID().slice(0, 8);
  return Array.from({ length: cuantos }, (_, indice) => `${prefijo}-${indice}`);
}

export class BancoDeReejecucion {
  readonly entorno: TestWorkflowEnvironment;
  /** What the issuance of a codigo does; by default all goes well. */
  readonly emisiones = new Map<string, FakeActividades>();
  /** Reads what the worker encrypts. */
  readonly client: Client;
  readonly #bundle: WorkflowBundle;
  readonly #masivas = new Map<string, { masiva: Masiva; preparar: NonNullable<Orden['preparar']> }>();
  #parar: () => Promise<void> = () => Promise.resolve();

  private constructor(entorno: TestWorkflowEnvironment, bundle: WorkflowBundle) {
    this.entorno = entorno;
    this.client = new Client({ connection: entorno.connection, dataConverter });
    this.#bundle = bundle;
  }

  static async abrir(servidor: () => Promise<TestWorkflowEnvironment>): Promise<BancoDeReejecucion> {
    const [entorno, bundle] = await abrirEntorno(servidor);
    const banco = new BancoDeReejecucion(entorno, bundle);
    await banco.arrancarWorker();
    return banco;
  }

  async cerrar(): Promise<void> {
    await this.pararWorker();
    await this.entorno.teardown();
  }

  async arrancarWorker(): Promise<void> {
    const crear = (taskQueue: string, workflows = {}) =>
      Worker.create({
        connection: this.entorno.nativeConnection,
        taskQueue,
        activities: { ...this.#actividadesDeEmision(), ...this.#actividadesDeReejecucion() },
        dataConverter,
        ...workflows,
      });
    const workers = await Promise.all([
      crear(COLA_EMISION, { workflowBundle: this.#bundle }),
      ...PASOS.map((paso) => crear(COLAS_DE_LA_PKI[paso])),
    ]);
    const fin = Promise.all(workers.map((worker) => worker.run()));
    this.#parar = async () => {
      for (const worker of workers) worker.shutdown();
      await fin;
    };
  }

  pararWorker(): Promise<void> {
    return this.#parar();
  }

  async iniciar({ codigos, preparar = lista }: Orden): Promise<Masiva> {
    const entrada: EntradaReejecucion = {
      reejecucionId: randomUUID(),
      codigos,
      motivo: 'la PKI estuvo caída',
      solicitante: { usuarioEjecutor: 'soporte', ipCliente: '10.0.0.1', correlationId: randomUUID() },
      solicitadaEn: '2026-11-22T10:00:00Z',
    };
    const workflowId = workflowIdDeReejecucion(entrada.reejecucionId);
    const masiva = new Masiva(entrada, this.client.workflow.getHandle(workflowId));
    this.#masivas.set(entrada.reejecucionId, { masiva, preparar });
    await this.client.workflow.start(WORKFLOW_REEJECUCION, {
      workflowId,
      taskQueue: COLA_EMISION,
      args: [entrada],
      memo: { codigos },
    });
    return masiva;
  }

  #actividadesDeEmision(): Record<string, (...a: unknown[]) => unknown> {
    return Object.fromEntries(
      ACTIVIDADES.map((actividad) => [
        actividad,
        (...argumentos: unknown[]) => {
          const primero = argumentos[0] as EntradaEmision | ReferenciaEmision;
          const { codigoSolicitudTramite } = 'solicitud' in primero ? primero.solicitud.solicitud : primero;
          return (this.emisiones.get(codigoSolicitudTramite) ?? new FakeActividades()).responder(
            actividad,
            argumentos,
          );
        },
      ]),
    );
  }

  #actividadesDeReejecucion(): ActividadesDeReejecucion {
    const de = (reejecucionId: string) => {
      const hallada = this.#masivas.get(reejecucionId);
      if (!hallada) throw new Error('no test began this bulk re-run');
      return hallada;
    };
    return {
      registrarReejecucion({ reejecucionId }) {
        de(reejecucionId).masiva.registros += 1;
        return Promise.resolve();
      },
      prepararReejecucion({ reejecucionId }, codigo) {
        const { masiva, preparar } = de(reejecucionId);
        masiva.preparados.push(codigo);
        return Promise.resolve(preparar(codigo));
      },
      registrarResultadoDeReejecucion(reejecucionId, codigo, rechazo) {
        de(reejecucionId).masiva.resultados.set(codigo, rechazo);
        return Promise.resolve();
      },
      registrarFinDeReejecucion(reejecucionId) {
        de(reejecucionId).masiva.fines += 1;
        return Promise.resolve();
      },
    };
  }
}

/** What the API asks of Temporal for an issuance; every call has a deadline. */
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import {
  COLA_EMISION,
  CONSULTA_DETALLE,
  WORKFLOW_EMISION,
  workflowId,
  type DetalleEmision,
  type EntradaEmision,
  type MemoEmision,
} from '../../../shared/emision/contrato.ts';
import { esTipoFallo, type FalloDeEmision, type TipoFallo } from '../../../shared/emision/fallos.ts';
import { memoDe } from '../../../shared/emision/memo.ts';
import { atributosDeInicio } from '../../../shared/emision/atributos.ts';
import { prioridadDe } from '../../../shared/emision/prioridad.ts';
import type { MotorEmision } from '../../../shared/motor/emision/motor.ts';
import { LLAMADA_TEMPORAL_MS } from '../../../shared/nucleo/plazos.ts';
import { CONSULTA_MS } from '../../../shared/emision/plazos.ts';
import { resumenDeEmision } from '../../../shared/emision/textos-para-operadores.ts';
import { createComprobacionDeTemporal } from '../../../shared/motor/comprobacion.ts';
import { EMISIONES_ABIERTAS } from '../../../shared/motor/emision/ejecuciones.ts';
import { createMotorEmision } from '../../../shared/motor/emision/motor-de-temporal.ts';
import { createConAtributos, type ConAtributos } from '../../../shared/motor/atributos.ts';
import { memoPropio } from '../../../shared/motor/emision/memo-propio.ts';
import { esCargaRechazada } from '../../../shared/nucleo/ejecuciones/carga-rechazada.ts';
import { abrirFallo } from '../../../shared/runtime/temporal/carga-de-temporal.ts';
import { estadoGrpc, falloDeParte, type EstadoGrpc } from '../../../shared/runtime/temporal/estados-grpc.ts';
import { describirWorkflow, estaAbierta } from '../../../shared/runtime/temporal/run.ts';
import { createClaseDeLlamadas, llamarATemporal } from './llamada-a-temporal.ts';

/** A long poll has no other end of its own: its limit, or whoever cuts it. */
const SON_EL_PLAZO: readonly unknown[] = ['DEADLINE_EXCEEDED', 'CANCELLED'] satisfies EstadoGrpc[];

export interface RunEnCurso {
  runId: string;
  abierta: boolean;
  inicio: Date;
  memo: MemoEmision | undefined;
  /** Type of the failure of the pending step's last attempt; null where none has failed. */
  ultimoFallo: TipoFallo | null;
}

/** CERRADA: the run ended, or its time was cut short by a reset: look at the register and at describe(). */
export type FinDeRun = { tipo: 'CERRADA'; fallo: FalloDeEmision | null } | { tipo: 'PLAZO' };

export interface MotorTemporal extends MotorEmision {
  /**
   * @param esPrimera the register holds nothing of the codigo: no earlier run of it may be known either
   * @returns false where the id is taken: a run is open, one completed, or, for the first, any run is known
   */
  iniciar(entrada: EntradaEmision, esPrimera: boolean): Promise<boolean>;
  enCurso(codigo: string): Promise<RunEnCurso | null>;
  /** The run's own account of its steps; null where it does not answer in time (no worker, paused, closed). */
  detalle(codigo: string): Promise<DetalleEmision | null>;
  /** Waits for the codigo's latest run, until `limite` (epoch ms) or `corte` at most. */
  esperar(codigo: string, limite: number, corte: AbortSignal): Promise<FinDeRun>;
  /**
   * How many issuances are open, those too that no worker has begun. Temporal counts and lists ten times a second for all
   * who ask.
   */
  contarAbiertas(): Promise<number>;
  /** Whether a workflow can be started now. */
  comprobar(): Promise<void>;
}

/**
 * @param clientDelWorker shares its connection with a worker of this process, which then takes a start's first task at
 * once. It does nothing else: a call on the SDK's native connection cannot be cut, so each client that hung up would
 * leave its long poll behind.
 */
export function createMotorTemporal(
  client: Client,
  clientDelWorker?: Client,
  conAtributos: ConAtributos = createConAtributos(),
): MotorTemporal {
  const deInicios = clientDelWorker ?? client;
  const iniciarEnTemporal = createClaseDeLlamadas(deInicios);
  // What is read of one run comes from the same part of Temporal, whoever asks for it.
  const leerDeTemporal = createClaseDeLlamadas(client);
  // Lists have a store of their own, which may fail by itself.
  const listarEnTemporal = createClaseDeLlamadas(client);
  const describir = (codigo: string) =>
    leerDeTemporal(() => describirWorkflow(client, workflowId(codigo), LLAMADA_TEMPORAL_MS));
  const delRegistro = createMotorEmision(client);
  const comprobar = createComprobacionDeTemporal(client, COLA_EMISION);

  return {
    describir: (codigo) => leerDeTemporal(() => delRegistro.describir(codigo)),
    cerradas: (codigo, pagina) => listarEnTemporal(() => delRegistro.cerradas(codigo, pagina)),
    leerHistoria: (codigo, runId) => leerDeTemporal(() => delRegistro.leerHistoria(codigo, runId)),

    async iniciar(entrada, esPrimera) {
      try {
        await iniciarEnTemporal(() =>
          conAtributos(atributosDeInicio(entrada), (opciones) =>
            deInicios.workflow.start(WORKFLOW_EMISION, {
              ...opciones,
              workflowId: workflowId(entrada.solicitud.solicitud.codigoSolicitudTramite),
              taskQueue: COLA_EMISION,
              args: [esPrimera ? { ...entrada, esPrimera } : entrada],
              memo: { ...memoDe(entrada) },
              workflowIdConflictPolicy: 'FAIL',
              workflowIdReusePolicy: esPrimera ? 'REJECT_DUPLICATE' : 'ALLOW_DUPLICATE_FAILED_ONLY',
              requestEagerStart: clientDelWorker !== undefined,
              priority: prioridadDe(entrada, false),
              staticSummary: resumenDeEmision(entrada),
            }),
          ),
        );
        return true;
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
        throw error;
      }
    },

    async enCurso(codigo) {
      const descrita = await describir(codigo);
      if (!descrita) return null;
      return {
        runId: descrita.runId,
        abierta: estaAbierta(descrita),
        inicio: descrita.startTime,
        memo: memoPropio(descrita.memo),
        ultimoFallo: await ultimoFalloDe(client, descrita),
      };
    },

    async detalle(codigo) {
      try {
        const detalle = await client.withDeadline(Date.now() + CONSULTA_MS, () =>
          client.workflow.getHandle(workflowId(codigo)).query<DetalleEmision>(CONSULTA_DETALLE),
        );
        return esCargaRechazada(detalle) ? null : detalle;
      } catch {
        // Whatever the reason, describe() and the register answer instead.
        return null;
      }
    },

    async esperar(codigo, limite, corte) {
      // The SDK hears of an abort only while a call is under way.
      if (corte.aborted) return { tipo: 'PLAZO' };
      try {
        await client.withAbortSignal(corte, () =>
          client.withDeadline(limite, () => client.workflow.getHandle(workflowId(codigo)).result()),
        );
        return { tipo: 'CERRADA', fallo: null };
      } catch (error) {
        if (error instanceof WorkflowFailedError) return { tipo: 'CERRADA', fallo: falloRegistradoEn(error) };
        // The run may be gone altogether: it ended long ago, or an operator deleted it.
        if (error instanceof WorkflowNotFoundError) return { tipo: 'CERRADA', fallo: null };
        if (SON_EL_PLAZO.includes(estadoGrpc(error))) return { tipo: 'PLAZO' };
        throw falloDeParte('Temporal', error);
      }
    },

    async contarAbiertas() {
      // Its failure is not counted as Temporal's: the store that counts may fail by itself.
      const { count } = await client.withDeadline(Date.now() + CONSULTA_MS, () =>
        client.workflow.count(EMISIONES_ABIERTAS),
      );
      return count;
    },

    comprobar: () => llamarATemporal(client, comprobar),
  };
}

/** A run that failed by itself says why; one that was terminated or reset does not. */
function falloRegistradoEn({ cause }: WorkflowFailedError): FalloDeEmision | null {
  if (!(cause instanceof ApplicationFailure) || !esTipoFallo(cause.type)) return null;
  const fallo: unknown = cause.details?.[0];
  const esPropio = fallo !== undefined && !esCargaRechazada(fallo);
  return esPropio ? (fallo as FalloDeEmision) : { tipo: cause.type, paso: null, detalles: [] };
}

/** How the last attempt of the step that is under way failed. */
async function ultimoFalloDe(
  { options: { loadedDataConverter, namespace } }: Client,
  { raw, workflowId }: WorkflowExecutionDescription,
): Promise<TipoFallo | null> {
  for (const { lastFailure } of raw.pendingActivities ?? []) {
    if (lastFailure?.timeoutFailureInfo) return 'TIEMPO_PKI_AGOTADO';
    const lugar = { type: 'activity', namespace, workflowId, isLocal: false } as const;
    const tipo = (await abrirFallo(loadedDataConverter, lastFailure, lugar))?.type;
    if (esTipoFallo(tipo)) return tipo;
  }
  return null;
}

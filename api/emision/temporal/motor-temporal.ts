/** What the API asks of Temporal for an issuance; every call has a deadline. */
import {
  isGrpcCancelledError,
  isGrpcDeadlineError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  type Client,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import proto from '@temporalio/proto';
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
import type { MotorEmision } from '../../../shared/motor/emision/motor.ts';
import { LLAMADA_TEMPORAL_MS } from '../../../shared/nucleo/plazos.ts';
import { CONSULTA_MS } from '../../../shared/emision/plazos.ts';
import { ServicioNoDisponible } from '../../../shared/nucleo/servicio-no-disponible.ts';
import { RESUMEN_EMISION } from '../../../shared/emision/textos-para-operadores.ts';
import { createComprobacionDeTemporal } from '../../../shared/motor/comprobacion.ts';
import { createMotorEmision } from '../../../shared/motor/emision/motor-de-temporal.ts';
import { memoPropio } from '../../../shared/motor/emision/memo-propio.ts';
import { esCargaRechazada } from '../../../shared/nucleo/ejecuciones/carga-rechazada.ts';
import { abrirFallo } from '../../../shared/runtime/temporal/carga-de-temporal.ts';
import { describirWorkflow, estaAbierta } from '../../../shared/runtime/temporal/run.ts';
import { createGuardaDeParte } from '../../http/carga/parte-caida.ts';
import { llamarATemporal } from './llamada-a-temporal.ts';

const { PENDING_ACTIVITY_STATE_SCHEDULED: ACTIVIDAD_EN_ESPERA } =
  proto.temporal.api.enums.v1.PendingActivityState;

const ABIERTAS = `WorkflowType = '${WORKFLOW_EMISION}' AND CloseTime IS NULL`;

export interface RunEnCurso {
  runId: string;
  abierta: boolean;
  inicio: Date;
  memo: MemoEmision | undefined;
  /** Type of the failure of the pending step's last attempt; null where none has failed. */
  ultimoFallo: TipoFallo | null;
  /** An open circuit held the pending step's last attempt back, and no other has begun. */
  retenida: boolean;
}

/** CERRADA: the run ended, or its time was cut short by a reset: look at the register and at describe(). */
export type FinDeRun = { tipo: 'CERRADA'; fallo: FalloDeEmision | null } | { tipo: 'PLAZO' };

export interface MotorTemporal extends MotorEmision {
  /**
   * @param esPrimera the register holds nothing of the codigo: no earlier run of it may be known either
   * @returns false where the id is taken: a run is open, one completed, or, for the first, any run is known
   */
  iniciar(entrada: EntradaEmision, esPrimera: boolean): Promise<boolean>;
  /** @param corte ends the call; it then fails */
  enCurso(codigo: string, corte?: AbortSignal): Promise<RunEnCurso | null>;
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
export function createMotorTemporal(client: Client, clientDelWorker?: Client): MotorTemporal {
  const pedir = createGuardaDeParte({
    parte: 'Temporal',
    noResponde: (error) => error instanceof ServicioNoDisponible,
  });
  const pedirle = <T>(llamada: () => Promise<T>, corte?: AbortSignal) =>
    pedir(() => llamarATemporal(client, llamada), corte);
  const describir = (codigo: string, corte?: AbortSignal) =>
    pedirle(() => describirWorkflow(client, workflowId(codigo), LLAMADA_TEMPORAL_MS), corte);
  const delRegistro = createMotorEmision(client);
  const comprobar = createComprobacionDeTemporal(client, COLA_EMISION);

  return {
    describir: (codigo) => pedirle(() => delRegistro.describir(codigo)),
    cerradas: (codigo, pagina) => pedirle(() => delRegistro.cerradas(codigo, pagina)),
    leerHistoria: (codigo, runId) => pedirle(() => delRegistro.leerHistoria(codigo, runId)),

    async iniciar(entrada, esPrimera) {
      const quien = clientDelWorker ?? client;
      try {
        await pedir(() =>
          llamarATemporal(quien, () =>
            quien.workflow.start(WORKFLOW_EMISION, {
              workflowId: workflowId(entrada.solicitud.solicitud.codigoSolicitudTramite),
              taskQueue: COLA_EMISION,
              args: [esPrimera ? { ...entrada, esPrimera } : entrada],
              memo: { ...memoDe(entrada) },
              workflowIdConflictPolicy: 'FAIL',
              workflowIdReusePolicy: esPrimera ? 'REJECT_DUPLICATE' : 'ALLOW_DUPLICATE_FAILED_ONLY',
              requestEagerStart: clientDelWorker !== undefined,
              staticSummary: RESUMEN_EMISION,
            }),
          ),
        );
        return true;
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
        throw error;
      }
    },

    async enCurso(codigo, corte) {
      const descrita = corte
        ? await client.withAbortSignal(corte, () => describir(codigo, corte))
        : await describir(codigo);
      if (!descrita) return null;
      const { ultimoFallo, enEspera } = await pasoPendienteDe(client, descrita);
      return {
        runId: descrita.runId,
        abierta: estaAbierta(descrita),
        inicio: descrita.startTime,
        memo: memoPropio(descrita.memo),
        ultimoFallo,
        retenida: enEspera && ultimoFallo === 'CIRCUITO_ABIERTO',
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
        if (isGrpcDeadlineError(error) || isGrpcCancelledError(error)) return { tipo: 'PLAZO' };
        throw new ServicioNoDisponible('Temporal', { cause: error });
      }
    },

    async contarAbiertas() {
      // Its failure is not counted as Temporal's: the store that counts may fail by itself.
      const { count } = await client.withDeadline(Date.now() + CONSULTA_MS, () =>
        client.workflow.count(ABIERTAS),
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

/** The step that is under way: how its last attempt failed, and whether it waits for the next one. */
async function pasoPendienteDe(
  { options: { loadedDataConverter, namespace } }: Client,
  { raw, workflowId }: WorkflowExecutionDescription,
): Promise<{ ultimoFallo: TipoFallo | null; enEspera: boolean }> {
  for (const { lastFailure, state } of raw.pendingActivities ?? []) {
    const enEspera = state === ACTIVIDAD_EN_ESPERA;
    if (lastFailure?.timeoutFailureInfo) return { ultimoFallo: 'TIEMPO_PKI_AGOTADO', enEspera };
    const lugar = { type: 'activity', namespace, workflowId, isLocal: false } as const;
    const tipo = (await abrirFallo(loadedDataConverter, lastFailure, lugar))?.type;
    if (esTipoFallo(tipo)) return { ultimoFallo: tipo, enEspera };
  }
  return { ultimoFallo: null, enEspera: false };
}

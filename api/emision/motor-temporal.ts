/** What the API asks of Temporal for an issuance; every call has a deadline. */
import {
  isGrpcCancelledError,
  isGrpcDeadlineError,
  isGrpcServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
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
} from '../../shared/emision/contrato.ts';
import { esTipoFallo, type FalloDeEmision, type TipoFallo } from '../../shared/emision/fallos.ts';
import { memoDe } from '../../shared/emision/memo.ts';
import type { MotorEmision } from '../../shared/emision/motor.ts';
import { CONSULTA_MS, LLAMADA_TEMPORAL_MS } from '../../shared/emision/plazos.ts';
import { ServicioNoDisponible } from '../../shared/emision/servicio-emision.ts';
import { RESUMEN_EMISION } from '../../shared/emision/textos-para-operadores.ts';
import { describirWorkflow, estaAbierta } from '../../shared/runtime/temporal-run.ts';

interface RunEnCurso {
  runId: string;
  abierta: boolean;
  inicio: Date;
  memo: MemoEmision | undefined;
  /** Type of the failure of the pending step's last attempt; null where none has failed. */
  ultimoFallo: TipoFallo | null;
}

/** CERRADA: the run ended, or its time was cut short by a reset: look at the register and at describe(). */
type Espera = { tipo: 'CERRADA'; fallo: FalloDeEmision | null } | { tipo: 'PLAZO' };

export interface MotorTemporal extends MotorEmision {
  /** @returns false where the id is taken: a run is open, or it completed */
  iniciar(entrada: EntradaEmision): Promise<boolean>;
  enCurso(codigo: string): Promise<RunEnCurso | null>;
  /** The run's own account of its steps; null where it does not answer in time (no worker, paused, closed). */
  detalle(codigo: string): Promise<DetalleEmision | null>;
  /** Waits for the codigo's latest run, until `limite` (epoch ms) or `parada` at most. */
  esperar(codigo: string, limite: number, parada: AbortSignal): Promise<Espera>;
  comprobar(): Promise<void>;
}

/** @param compartido the client shares its connection with a worker, which then takes a start's first task at once */
export function createMotorTemporal(client: Client, compartido: boolean): MotorTemporal {
  const conPlazo = async <T>(llamada: () => Promise<T>, ms = LLAMADA_TEMPORAL_MS): Promise<T> => {
    try {
      return await client.withDeadline(Date.now() + ms, llamada);
    } catch (error) {
      if (isGrpcServiceError(error) || (error instanceof Error && isGrpcServiceError(error.cause)))
        throw new ServicioNoDisponible('Temporal', { cause: error });
      throw error;
    }
  };
  const describir = (codigo: string) =>
    conPlazo(() => describirWorkflow(client, workflowId(codigo), LLAMADA_TEMPORAL_MS));

  return {
    async describir(codigo) {
      const descrita = await describir(codigo);
      return descrita && { runId: descrita.runId, abierta: estaAbierta(descrita) };
    },

    async iniciar(entrada) {
      try {
        await conPlazo(() =>
          client.workflow.start(WORKFLOW_EMISION, {
            workflowId: workflowId(entrada.solicitud.solicitud.codigoSolicitudTramite),
            taskQueue: COLA_EMISION,
            args: [entrada],
            memo: { ...memoDe(entrada) },
            workflowIdConflictPolicy: 'FAIL',
            workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
            requestEagerStart: compartido,
            staticSummary: RESUMEN_EMISION,
          }),
        );
        return true;
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
        throw error;
      }
    },

    async enCurso(codigo) {
      const descrita = await describir(codigo);
      return (
        descrita && {
          runId: descrita.runId,
          abierta: estaAbierta(descrita),
          inicio: descrita.startTime,
          memo: descrita.memo as MemoEmision | undefined,
          ultimoFallo: ultimoFalloDe(descrita),
        }
      );
    },

    async detalle(codigo) {
      try {
        return await client.withDeadline(Date.now() + CONSULTA_MS, () =>
          client.workflow.getHandle(workflowId(codigo)).query<DetalleEmision>(CONSULTA_DETALLE),
        );
      } catch {
        // Whatever the reason, describe() and the register answer instead.
        return null;
      }
    },

    async esperar(codigo, limite, parada) {
      const corte = new AbortController();
      const cortar = () => {
        corte.abort();
      };
      parada.addEventListener('abort', cortar);
      if (parada.aborted) cortar();
      try {
        await client.withAbortSignal(corte.signal, () =>
          client.withDeadline(limite, () => client.workflow.getHandle(workflowId(codigo)).result()),
        );
        return { tipo: 'CERRADA', fallo: null };
      } catch (error) {
        if (error instanceof WorkflowFailedError) return { tipo: 'CERRADA', fallo: falloRegistradoEn(error) };
        if (esPlazoVencido(error)) return { tipo: 'PLAZO' };
        throw new ServicioNoDisponible('Temporal', { cause: error });
      } finally {
        parada.removeEventListener('abort', cortar);
      }
    },

    async comprobar() {
      await conPlazo(() =>
        client.connection.withDeadline(Date.now() + LLAMADA_TEMPORAL_MS, () =>
          client.workflowService.getSystemInfo({}),
        ),
      );
    },
  };
}

/** grpc-js says DEADLINE_EXCEEDED, the worker's native connection CANCELLED. */
function esPlazoVencido(error: unknown): boolean {
  return isGrpcDeadlineError(error) || isGrpcCancelledError(error);
}

/** A run that failed by itself says why; one that was terminated or reset does not. */
function falloRegistradoEn({ cause }: WorkflowFailedError): FalloDeEmision | null {
  if (!(cause instanceof ApplicationFailure) || !esTipoFallo(cause.type)) return null;
  const fallo = cause.details?.[0] as FalloDeEmision | undefined;
  return fallo ?? { tipo: cause.type, paso: null, detalles: [] };
}

function ultimoFalloDe({ raw }: WorkflowExecutionDescription): TipoFallo | null {
  for (const { lastFailure } of raw.pendingActivities ?? []) {
    if (lastFailure?.timeoutFailureInfo) return 'TIEMPO_PKI_AGOTADO';
    const tipo = lastFailure?.applicationFailureInfo?.type;
    if (esTipoFallo(tipo)) return tipo;
  }
  return null;
}

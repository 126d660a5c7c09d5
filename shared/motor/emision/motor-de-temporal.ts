/** What the register asks of Temporal, each call within a deadline. */
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { workflowId } from '../../emision/contrato.ts';
import { dentroDelPlazo, listarRuns } from '../llamadas.ts';
import type { ComienzoDeRun, MotorEmision } from './motor.ts';
import { LLAMADA_TEMPORAL_MS } from '../../nucleo/plazos.ts';
import { estadoGrpc } from '../../runtime/temporal/estados-grpc.ts';
import { describirWorkflow, estaAbierta } from '../../runtime/temporal/run.ts';
import { interpretarHistoria } from './historia.ts';
import { memoPropio } from './memo-propio.ts';

/** Started, and its first task scheduled and started. A pause, a reset or other options leave one more. */
const EVENTOS_HASTA_LA_PRIMERA_TAREA = 3;

export function createMotorEmision(client: Client): MotorEmision {
  return {
    async describir(codigo) {
      const descrita = await describirWorkflow(client, workflowId(codigo), LLAMADA_TEMPORAL_MS);
      return (
        descrita && {
          runId: descrita.runId,
          abierta: estaAbierta(descrita),
          memo: memoPropio(descrita.memo),
          comienzo: comienzoDe(descrita),
        }
      );
    },

    async cerradas(codigo, pagina) {
      const cerradas = `WorkflowId = ${enConsulta(workflowId(codigo))} AND CloseTime IS NOT NULL`;
      const { runs, siguiente } = await listarRuns(client, cerradas, pagina);
      return { runIds: runs.map(({ execution }) => execution?.runId ?? ''), siguiente };
    },

    async leerHistoria(codigo, runId) {
      const historia = await dentroDelPlazo(client, () =>
        client.workflow.getHandle(workflowId(codigo), runId).fetchHistory(),
      ).catch((error: unknown) => {
        if (estadoGrpc(error) === 'NOT_FOUND') return null;
        throw error;
      });
      return (
        historia &&
        interpretarHistoria(
          { namespace: client.options.namespace, workflowId: workflowId(codigo), runId },
          historia.events ?? [],
          client.options.loadedDataConverter,
        )
      );
    },
  };
}

function comienzoDe({
  runId,
  startTime,
  executionTime,
  historyLength,
  raw: { workflowExecutionInfo },
}: WorkflowExecutionDescription): ComienzoDeRun {
  // A delay shows in the moment of its first task.
  const sinDemora = executionTime?.getTime() === startTime.getTime();
  return {
    en: startTime,
    esDeUnInicio: sinDemora && workflowExecutionInfo?.firstRunId === runId,
    estaEnSuPrimeraTarea: historyLength <= EVENTOS_HASTA_LA_PRIMERA_TAREA,
  };
}

/** A text of a visibility query: codigos are any printable text. */
function enConsulta(texto: string): string {
  return `'${texto.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

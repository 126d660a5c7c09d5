/** Runs a maintenance workflow where the worker is, over Temporal, so that it works alike with PGlite and PostgreSQL. */
import { CLAVES, COMUN } from '../../shared/runtime/secciones.ts';
import { TARGET } from './configuration.ts';
import { setTimeout as pause } from 'node:timers/promises';
import {
  ApplicationFailure,
  CancelledFailure,
  TerminatedFailure,
  WorkflowContinuedAsNewError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  type Client,
} from '@temporalio/client';
import { COLA_MANTENIMIENTO } from '../../shared/nucleo/ejecuciones/colas.ts';
import { LLAMADA_TEMPORAL_MS } from '../../shared/nucleo/plazos.ts';
import { AJENOS } from '../../shared/nucleo/ejecuciones/ajeno.ts';
import { esCargaRechazada } from '../../shared/nucleo/ejecuciones/carga-rechazada.ts';
import { leerRespuestaDeEjecucion, workflowIdDeOrden } from '../../shared/nucleo/ejecuciones/orden.ts';
import { abrirParaLeer, type OrigenDeDatos } from '../../shared/registro/base/base-de-datos.ts';
import { compararClaves } from '../../shared/registro/base/claves-del-registro.ts';
import { abrirClaves, type Claves } from '../../shared/runtime/claves/claves.ts';
import { leerConfiguracion } from '../../shared/runtime/config.ts';
import { conectarCliente, createTemporalClient } from '../../shared/runtime/temporal/conexion.ts';
import {
  describeRaw,
  missingKeyIn,
  stuckOrder,
  whyNotToFollow,
  type StandingOrder,
} from './standing-order.ts';
import { addressOf, inWords } from './temporal-of-commands.ts';

/** A worker that runs takes a task at once; one that starts or is busy, within this. */
const SIN_WORKER_MS = 15_000;

/** Events of a history whose first task nobody has taken. */
const EVENTOS_SIN_TOMAR = 2;

export interface MaintenanceOrder {
  workflow: string;
  queue?: string;
  /** Tells apart orders of one workflow that are not the same work. */
  kind?: string;
  /** For operators; no personal data. */
  summary: string;
  /** At least one: a run without a sealed input is nobody's (ADR 44). */
  args: [unknown, ...unknown[]];
}

/** @throws Error whose message says in Spanish what is missing: a server, a worker; or how the run failed */
export async function runWorkflow<R>(order: MaintenanceOrder): Promise<R> {
  const {
    comun,
    claves: origen,
    destino,
  } = leerConfiguracion({
    comun: COMUN,
    claves: CLAVES,
    destino: TARGET,
  });
  const address = addressOf(destino);
  const direccion = { ...destino, TEMPORAL_ADDRESS: address };
  const claves = abrirClaves({ ...comun, ...origen });
  if (comun.DATABASE_URL) await compareKeys(comun, claves);
  const connection = conectarCliente(direccion);
  try {
    return await orderAndWait<R>(createTemporalClient(connection, direccion, claves.cifrado), address, order);
  } catch (error) {
    throw forWhoOrdered(error, address);
  } finally {
    await connection.close();
  }
}

async function orderAndWait<R>(client: Client, address: string, order: MaintenanceOrder): Promise<R> {
  const { workflow, queue = COLA_MANTENIMIENTO, kind, summary, args } = order;
  const temporal = { address, namespace: client.options.namespace };
  const workflowId = workflowIdDeOrden(kind === undefined ? workflow : `${workflow}/${kind}`);
  const { standing, isOurs } = await client.withDeadline(Date.now() + LLAMADA_TEMPORAL_MS, async () => {
    try {
      const handle = await client.workflow.start(workflow, {
        workflowId,
        taskQueue: queue,
        args,
        // Tells under which key the run began (shared/motor/claves-en-temporal.ts).
        memo: { orden: workflow },
        staticSummary: summary,
      });
      return { standing: { workflowId, runId: handle.firstExecutionRunId, since: '' }, isOurs: true };
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      // Whoever orders it while it runs follows that run.
      const { runId, since } = await describeRaw(client, workflowId);
      const running = { workflowId, runId, since };
      const why = await whyNotToFollow(client, running, { workflow, queue });
      if (why !== null) throw stuckOrder(running, why, temporal);
      return { standing: running, isOurs: false };
    }
  });
  if (!isOurs) console.error(`Ya corría, desde ${standing.since}: se espera a que termine.`);
  // None of these workflows continues as new; the report of a run that did would not name this one.
  const handle = client.workflow.getHandle(workflowId, standing.runId, { followRuns: false });
  const result: unknown = await Promise.race([
    handle.result(),
    untilNobodyTakesIt(client, standing, isOurs, temporal),
  ]).catch(async (error: unknown) => {
    // If it stayed, it would stand in the way of an order that can be read.
    if (error instanceof UnreadableOrder) await handle.terminate('los workers no la podían leer');
    throw error;
  });
  if (esCargaRechazada(result)) throw new Error(FOREIGN_RESULT);
  const report = leerRespuestaDeEjecucion(result, standing.runId, workflow);
  if (!report) throw new Error(OTHER_RUN);
  return report.respuesta as R;
}

const NOT_TO_BE_BELIEVED =
  'No lo crea; avise a operaciones (docs/operacion.md, «Cerrar Temporal en producción»).';
const FOREIGN_RESULT = `Temporal entregó un resultado que no es de este servicio: alguien más alcanza Temporal o atiende sus colas. ${NOT_TO_BE_BELIEVED}`;
const OTHER_RUN = `Temporal entregó el informe de otra ejecución, no de la que se pidió: alguien más alcanza Temporal, o la atendió un worker de una versión anterior. ${NOT_TO_BE_BELIEVED}`;

/** With PGlite only the service may open the register; then its keys are those of the same folder. */
async function compareKeys(origin: OrigenDeDatos, claves: Claves): Promise<void> {
  const db = await abrirParaLeer(origin);
  try {
    await compararClaves(db, claves);
  } finally {
    await db.destroy();
  }
}

/** What the activity or the workflow itself said. */
function rootOf(error: Error): Error {
  return error.cause instanceof Error ? rootOf(error.cause) : error;
}

/** An order of ours that no worker can read. */
class UnreadableOrder extends Error {}

async function untilNobodyTakesIt(
  client: Client,
  order: StandingOrder,
  isOurs: boolean,
  temporal: { address: string; namespace: string },
): Promise<never> {
  await pause(SIN_WORKER_MS, undefined, { ref: false });
  const { workflowId, runId } = order;
  const { attempt, events } = await describeRaw(client, workflowId, runId);
  // A task that fails is given out again and again.
  if (attempt > 1) {
    if (!isOurs)
      throw stuckOrder(
        order,
        'no avanza: los workers no la pueden leer. Revise que todos tengan en CLAVES_CIFRADO la clave con que se pidió, o que no la haya puesto alguien más que alcanza Temporal (docs/operacion.md, «Claves»)',
        temporal,
      );
    throw new UnreadableOrder(
      'Los workers no pueden leer la orden: revise que todos tengan en CLAVES_CIFRADO la primera clave de aquí, reinícielos y repítala (docs/operacion.md, «Claves»). La orden se retiró de Temporal; nada se hizo.',
    );
  }
  if (events <= EVENTOS_SIN_TOMAR) {
    if (!isOurs)
      throw stuckOrder(
        order,
        'sigue sin que un worker la atienda: revise que el servicio o un worker esté en marcha, y se hará',
        temporal,
      );
    throw new Error(
      'Ningún worker atendió la orden: revise que el servicio o un worker esté en marcha. La orden queda en Temporal y se hará cuando lo esté.',
    );
  }
  return new Promise<never>(() => undefined);
}

/** How it went wrong, for whoever gave the order. */
function forWhoOrdered(error: unknown, address: string): unknown {
  const key = missingKeyIn(error);
  if (key !== null)
    return new Error(
      `Temporal entregó algo cifrado bajo la clave «${key}», que no está en el CLAVES_CIFRADO de aquí: use las mismas claves que los workers y repita la orden (docs/operacion.md, «Claves»). Si ningún proceso suyo la tiene, alguien más alcanza Temporal.`,
      { cause: error },
    );
  if (error instanceof WorkflowContinuedAsNewError) return new Error(OTHER_RUN, { cause: error });
  if (error instanceof WorkflowFailedError) return ofTheRun(rootOf(error));
  return inWords(error, address);
}

function ofTheRun(error: Error): Error {
  if (error instanceof ApplicationFailure && AJENOS.some((tipo) => tipo === error.type))
    return new Error(FOREIGN_RESULT, { cause: error });
  if (error instanceof TerminatedFailure || error instanceof CancelledFailure)
    return new Error(
      'Alguien terminó o canceló la orden en Temporal antes de que acabara: repítala, si no fue usted.',
      { cause: error },
    );
  return error;
}

/** Runs a maintenance workflow where the worker is, over Temporal, so that it works alike with PGlite and PostgreSQL. */
import { setTimeout as pause } from 'node:timers/promises';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { COLA_EMISION } from '../../shared/emision/contrato.ts';
import { workflowIdDeOrden } from '../../shared/emision/mantenimiento.ts';
import { LLAMADA_TEMPORAL_MS } from '../../shared/emision/plazos.ts';
import { esCargaRechazada } from '../../shared/nucleo/carga-rechazada.ts';
import { abrirParaLeer, type OrigenDeDatos } from '../../shared/registro/base-de-datos.ts';
import { compararClaves } from '../../shared/registro/claves-del-registro.ts';
import { abrirClaves, type Claves } from '../../shared/runtime/claves.ts';
import { leerConfiguracion } from '../../shared/runtime/config.ts';
import { conectarCliente, createTemporalClient } from '../../shared/runtime/temporal.ts';
import { addressOf, inWords } from './temporal-of-commands.ts';

/** A worker that runs takes a task at once; one that starts or is busy, within this. */
const SIN_WORKER_MS = 15_000;

/** Events of a history whose first task nobody has taken. */
const EVENTOS_SIN_TOMAR = 2;

export interface MaintenanceOrder {
  workflow: string;
  queue?: string;
  /** Orders of one workflow that are not the same work. */
  kind?: string;
  /** For operators; no personal data. */
  summary: string;
  args?: unknown[];
}

/** @throws Error whose message says in Spanish what is missing: a server, a worker; or how the run failed */
export async function runWorkflow<R>({
  workflow,
  queue = COLA_EMISION,
  kind,
  summary,
  args = [],
}: MaintenanceOrder): Promise<R> {
  const { comun, claves: origen, destino } = leerConfiguracion(['comun', 'claves', 'destino']);
  const address = addressOf(destino);
  const direccion = { ...destino, TEMPORAL_ADDRESS: address };
  const claves = abrirClaves({ ...comun, ...origen });
  if (comun.DATABASE_URL) await compareKeys(comun, claves);
  const connection = conectarCliente(direccion);
  const client = createTemporalClient(connection, direccion, claves.cifrado);
  try {
    const handle = await client.withDeadline(Date.now() + LLAMADA_TEMPORAL_MS, () =>
      client.workflow.start(workflow, {
        workflowId: workflowIdDeOrden(kind === undefined ? workflow : `${workflow}/${kind}`),
        taskQueue: queue,
        args,
        // Tells under which key the run began (shared/motor/claves-en-temporal.ts).
        memo: { orden: workflow },
        // Whoever orders it while it runs follows that run.
        workflowIdConflictPolicy: 'USE_EXISTING',
        staticSummary: summary,
      }),
    );
    const result: unknown = await Promise.race([handle.result(), untilNobodyTakesIt(handle)]);
    if (esCargaRechazada(result))
      throw new Error(
        'Temporal entregó un resultado que no es de este servicio: alguien más alcanza Temporal o atiende sus colas. No lo crea; avise a operaciones (docs/operacion.md, «Cerrar Temporal en producción»).',
      );
    return result as R;
  } catch (error) {
    if (error instanceof WorkflowFailedError) throw rootOf(error);
    throw inWords(error, address);
  } finally {
    await connection.close();
  }
}

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

async function untilNobodyTakesIt(handle: WorkflowHandle): Promise<never> {
  await pause(SIN_WORKER_MS, undefined, { ref: false });
  const { historyLength, raw } = await handle.describe();
  // A task that fails is given out again and again.
  if ((raw.pendingWorkflowTask?.attempt ?? 0) > 1)
    throw new Error(
      'Los workers no pueden leer la orden: revise que todos tengan en CLAVES_CIFRADO la primera clave de aquí (docs/operacion.md, «Claves»). La orden queda en Temporal y se hará cuando puedan.',
    );
  if (historyLength <= EVENTOS_SIN_TOMAR)
    throw new Error(
      'Ningún worker atendió la orden: revise que el servicio o un worker esté en marcha. La orden queda en Temporal y se hará cuando lo esté.',
    );
  return new Promise<never>(() => undefined);
}

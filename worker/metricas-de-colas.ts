/** What waits in Temporal for a worker, by queue, as Temporal's matching service counts it; asked when the metrics are read. */
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { Gauge, type Registry } from 'prom-client';
import type { Cola } from './dominio.ts';

const { TaskQueueType } = proto.temporal.api.enums.v1;

/** Who reads the metrics is not kept waiting: what was not told within these is not shown. */
const PLAZO_MS = 1_000;
/** The two gauges, and readers at the same time, share one round of questions. */
const MISMA_LECTURA_MS = 1_000;

const TIPOS = {
  workflow: TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
  activity: TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
};

interface Atraso {
  cola: string;
  tipo: string;
  tareas: number;
  edadS: number;
}

export function medirColas(
  client: Client,
  colas: readonly Pick<Cola, 'nombre' | 'compuerta'>[],
  coleccionDeMetricas: Registry,
): void {
  const porLeer = colas.flatMap(({ nombre: cola, compuerta }) =>
    // A queue with a gate has activities only.
    (compuerta ? (['activity'] as const) : (['workflow', 'activity'] as const)).map((tipo) => ({
      cola,
      tipo,
    })),
  );
  const leer = compartida(() => leerAtrasos(client, porLeer));
  const mostrar = (opciones: { name: string; help: string }, valor: (atraso: Atraso) => number) =>
    new Gauge({
      ...opciones,
      labelNames: ['cola', 'tipo'],
      registers: [coleccionDeMetricas],
      async collect() {
        this.reset();
        for (const atraso of await leer()) {
          const { cola, tipo } = atraso;
          this.set({ cola, tipo }, valor(atraso));
        }
      },
    });
  mostrar(
    { name: 'temporal_queue_backlog', help: 'Tasks that wait in Temporal for a worker' },
    ({ tareas }) => tareas,
  );
  mostrar(
    { name: 'temporal_queue_backlog_age_seconds', help: 'Age of the oldest of them' },
    ({ edadS }) => edadS,
  );
}

async function leerAtrasos(
  client: Client,
  porLeer: readonly { cola: string; tipo: keyof typeof TIPOS }[],
): Promise<Atraso[]> {
  const { namespace } = client.options;
  const atrasos = await Promise.all(
    porLeer.map(async ({ cola, tipo }): Promise<Atraso[]> => {
      try {
        const { stats } = await client.withDeadline(Date.now() + PLAZO_MS, () =>
          client.workflowService.describeTaskQueue({
            namespace,
            taskQueue: { name: cola },
            taskQueueType: TIPOS[tipo],
            reportStats: true,
          }),
        );
        const tareas = Number(stats?.approximateBacklogCount ?? 0);
        return [{ cola, tipo, tareas, edadS: Number(stats?.approximateBacklogAge?.seconds ?? 0) }];
      } catch {
        // Absent, and not nought, where Temporal does not say.
        return [];
      }
    }),
  );
  return atrasos.flat();
}

function compartida<T>(leer: () => Promise<T>): () => Promise<T> {
  let ultima: { enMs: number; leida: Promise<T> } | null = null;
  return () => {
    const ahoraMs = performance.now();
    if (ultima === null || ahoraMs - ultima.enMs >= MISMA_LECTURA_MS)
      ultima = { enMs: ahoraMs, leida: leer() };
    return ultima.leida;
  };
}

/** What a call to Temporal tells of the run that it is about. */
import { AlwaysOnSampler, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { WorkflowNotFoundError } from '@temporalio/client';
import { TRAMOS_DEL_CLIENTE } from '../../../shared/runtime/temporal/tramos-del-cliente.ts';
import { registrarTrazas, type Trazas } from '../../../shared/runtime/trazas/proveedor.ts';

const WORKFLOW_ID = 'emision/83740659';
const ENTRADA = { workflowExecution: { workflowId: WORKFLOW_ID } };

const exportador = new InMemorySpanExporter();
let trazas: Trazas;
beforeAll(() => {
  trazas = registrarTrazas(new AlwaysOnSampler(), [new SimpleSpanProcessor({ exporter: exportador })]);
});
beforeEach(() => {
  exportador.reset();
});
afterAll(() => trazas.detener());

const OPERACIONES = ['describe', 'query', 'signal', 'cancel', 'terminate'] as const;

/** Each takes more than this of its call, of which none of them reads anything else. */
function llamar(operacion: (typeof OPERACIONES)[number], next: () => Promise<unknown>): Promise<unknown> {
  const interceptar = TRAMOS_DEL_CLIENTE[operacion] as unknown as (
    entrada: typeof ENTRADA,
    next: () => Promise<unknown>,
  ) => Promise<unknown>;
  return interceptar(ENTRADA, next);
}

it.each(OPERACIONES)('%s of a run that Temporal knows tells its id', async (operacion) => {
  await llamar(operacion, () => Promise.resolve());

  expect(exportador.getFinishedSpans()).toMatchObject([
    { name: `Temporal ${operacion}`, attributes: { 'temporal.workflow.id': WORKFLOW_ID } },
  ]);
});

it.each(OPERACIONES)(
  '%s of one that it does not know tells no id, which may be anybody’s',
  async (operacion) => {
    const llamada = llamar(operacion, () =>
      Promise.reject(new WorkflowNotFoundError('none', WORKFLOW_ID, undefined)),
    );

    await expect(llamada).rejects.toThrow(WorkflowNotFoundError);
    const [tramo] = exportador.getFinishedSpans();
    expect(tramo?.attributes).toEqual({ 'error.type': 'WorkflowNotFoundError' });
  },
);

/**
 * Somebody reaches Temporal who holds none of the keys: what he puts in the place of inputs, results and failures is
 * believed by nobody, and loses and doubles nothing. Every kind of it: test/workflows/ejecuciones/cargas-ajenas.test.ts.
 */
import { jest } from '@jest/globals';
import { Client } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { COLA_EMISION, WORKFLOW_EMISION, workflowId } from '../../../shared/emision/contrato.ts';
import { enCorto } from '../../support/forma-corta.ts';
import { Stack, solicitudNueva, type Respuesta } from '../../support/servidores/stack.ts';

jest.setTimeout(120_000);

const NAMESPACE = 'default';
const PASOS = ['paso1', 'paso2'] as const;

/** An issuance that went well. */
const ORIGEN = 'ORIGEN';

function estado({ sobre }: Respuesta): string | undefined {
  return sobre.data?.transaccion.estado;
}

describe.each(enCorto([false, true], 1))('with an adapter that repeats its answers: %s', (idempotente) => {
  let stack: Stack;
  /** Reaches Temporal, and has no key. */
  let falsario: Client;

  beforeAll(async () => {
    stack = await Stack.start({
      // Time to act while a step runs.
      SIMULADOR_LATENCIA_MS: '1500',
      SIMULADOR_IDEMPOTENTE: String(idempotente),
      PKI_ADAPTER_IDEMPOTENTE: String(idempotente),
      // A refused result is asked for again after one attempt’s time.
      PKI_TIMEOUT_MS: '4000',
    });
    falsario = new Client({ connection: stack.client.connection });
    await stack.emitir(solicitudNueva(ORIGEN));
  }, 180_000);
  afterAll(() => stack.stop());

  /** What a forger may put in the place of an activity's result. */
  const resultados: Record<string, (codigo: string) => Promise<Payload[]>> = {
    'an empty set in clear': () => Promise.resolve(enClaro({ certificados: [] })),
    'a text for operators in clear': () => Promise.resolve(enClaro('▸ Paso 1')),
    'another issuance’s sealed result': () => resultadosDe(ORIGEN),
    'its own sealed input': entradaDeActividadDe,
  };
  /** What stands in the place of a failure's sealed attributes. */
  const atributos: Record<string, Payload | null> = {
    none: null,
    'a text for operators, marked as the version before’s': {
      metadata: {
        encoding: Buffer.from('json/plain'),
        'sealed-without-place': new Uint8Array([1]),
      },
      data: Buffer.from('"▸ Paso 1"'),
    },
  };

  /** What the activities of a run answered, as Temporal keeps it. */
  async function resultadosDe(codigo: string): Promise<Payload[]> {
    const { events } = await stack.workflow(codigo).fetchHistory();
    const ultimo = (events ?? []).findLast(({ activityTaskCompletedEventAttributes: una }) => una);
    return ultimo?.activityTaskCompletedEventAttributes?.result?.payloads ?? [];
  }

  /** What the last activity of a run was given, as Temporal keeps it. */
  async function entradaDeActividadDe(codigo: string): Promise<Payload[]> {
    const { events } = await stack.workflow(codigo).fetchHistory();
    const ultima = (events ?? []).findLast(({ activityTaskScheduledEventAttributes: una }) => una);
    return ultima?.activityTaskScheduledEventAttributes?.input?.payloads ?? [];
  }

  /** Ends the activity that is under way, in the place of its worker. */
  async function completarPor(codigo: string, payloads: Payload[]): Promise<void> {
    await falsario.workflowService.respondActivityTaskCompletedById({
      namespace: NAMESPACE,
      workflowId: workflowId(codigo),
      activityId: await actividadPendiente(codigo),
      result: { payloads },
    });
  }

  async function actividadPendiente(codigo: string): Promise<string> {
    const { pendingActivities } = (await stack.workflow(codigo).describe()).raw;
    return pendingActivities?.[0]?.activityId ?? '';
  }

  describe.each(PASOS)('an issuance in %s whose activity is ended by a forger', (paso) => {
    it.each(Object.keys(resultados))('with %s completes all the same, and is issued once', async (que) => {
      const codigo = `${paso}-${Object.keys(resultados).indexOf(que)}-${String(idempotente)}`;
      const enEspera = stack.emitir(solicitudNueva(codigo));
      await stack.hastaLlamada(codigo, paso);

      await completarPor(codigo, (await resultados[que]?.(codigo)) ?? []);

      expect([(await enEspera).estadoHttp, estado(await enEspera)]).toEqual([201, 'COMPLETADO']);
      expect(await stack.emisiones(codigo)).toMatchObject({ emisiones: 1, certificados: 3 });
    });

    it.each(Object.keys(atributos))(
      'with a clear refusal, attributes: %s, completes all the same, and is issued once',
      async (cuales) => {
        const type = 'CIUDADANO_NO_ENCONTRADO';
        const codigo = `${paso}-F${Object.keys(atributos).indexOf(cuales)}-${String(idempotente)}`;
        const enEspera = stack.emitir(solicitudNueva(codigo));
        await stack.hastaLlamada(codigo, paso);

        await falsario.workflowService.respondActivityTaskFailedById({
          namespace: NAMESPACE,
          workflowId: workflowId(codigo),
          activityId: await actividadPendiente(codigo),
          failure: {
            message: 'falso',
            encodedAttributes: atributos[cuales] ?? null,
            applicationFailureInfo: { type, nonRetryable: true, details: { payloads: enClaro(['falso']) } },
          },
        });

        expect([(await enEspera).estadoHttp, estado(await enEspera)]).toEqual([201, 'COMPLETADO']);
        expect(await stack.emisiones(codigo)).toMatchObject({ emisiones: 1, certificados: 3 });
      },
    );
  });

  it.each(Object.keys(resultados))(
    'a step 2 that is ended with %s and cut short at once keeps the citizen’s lock until the true answer settles it',
    async (que) => {
      const codigo = `CORTADA-${Object.keys(resultados).indexOf(que)}-${String(idempotente)}`;
      const solicitud = solicitudNueva(codigo);
      const enEspera = stack.emitir(solicitud);
      await stack.hastaLlamada(codigo, 'paso2');
      await completarPor(codigo, (await resultados[que]?.(codigo)) ?? []);
      await stack.workflow(codigo).terminate('cortada');
      expect(estado(await enEspera)).toBe('FALLIDO');

      const rival = solicitudNueva(`${codigo}-R`, solicitud.solicitud.numeroDocumento);
      const { estadoHttp: respuestaAlRival } = await stack.emitir(rival);

      expect(respuestaAlRival).toBe(409);
      await stack.hasta('to be settled', async () => (await stack.emitir(solicitud)).estadoHttp < 300);
      expect(await stack.emisiones(codigo)).toMatchObject({ emisiones: 1, certificados: 3 });
    },
  );

  it('an end that the SDK itself cannot read holds the run until an operator terminates it; nothing is lost', async () => {
    const codigo = `SIN-CARGA-${String(idempotente)}`;
    const solicitud = solicitudNueva(codigo);
    const enEspera = stack.emitir(solicitud);
    await stack.hastaLlamada(codigo, 'paso2');
    await completarPor(codigo, []);
    await stack.hasta(
      'the answer to be kept',
      async () => (await stack.emisiones(codigo)).certificados === 3,
    );

    await stack.workflow(codigo).terminate('su historia no se puede leer');

    expect(estado(await enEspera)).toBe('FALLIDO');
    await stack.hasta('to be settled', async () => (await stack.emitir(solicitud)).estadoHttp < 300);
    expect(await stack.emisiones(codigo)).toMatchObject({ emisiones: 1, certificados: 3 });
  });

  it('a run that a forger starts issues nothing, and its codigo stays free', async () => {
    const codigo = `INICIADA-${String(idempotente)}`;
    const solicitud = solicitudNueva(codigo);
    const { events } = await stack.workflow(ORIGEN).fetchHistory();
    const entradaAjena = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads as Payload[];

    for (const payloads of [
      enClaro({ solicitud, contexto: {}, generacion: 1, huellaCiudadano: 'x' }),
      entradaAjena,
      enClaro('▸ Paso 1'),
      [],
    ]) {
      await falsario.workflowService.startWorkflowExecution({
        namespace: NAMESPACE,
        workflowId: workflowId(codigo),
        workflowType: { name: WORKFLOW_EMISION },
        taskQueue: { name: COLA_EMISION },
        input: { payloads },
        requestId: crypto.randomUUID(),
      });
      await expect(stack.workflow(codigo).result()).rejects.toMatchObject({
        cause: { type: 'EJECUCION_AJENA' },
      });
    }

    expect((await stack.consultar(codigo)).estadoHttp).toBe(404);
    expect((await stack.emisiones(codigo)).llamadas).toEqual({ paso1: 0, paso2: 0 });
    expect((await stack.emitir(solicitud)).estadoHttp).toBe(201);
  });
});

function enClaro(valor: unknown): Payload[] {
  return [defaultPayloadConverter.toPayload(valor)];
}

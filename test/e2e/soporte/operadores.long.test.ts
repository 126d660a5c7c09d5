/** What an operator may do to a running issuance in Temporal's UI, and what is left of it afterwards. */
import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { Stack, solicitudNueva, type Respuesta } from '../../support/servidores/stack.ts';

let stack: Stack;

beforeAll(async () => {
  // Each step takes this long: time to act while it runs.
  stack = await Stack.start({ SIMULADOR_LATENCIA_MS: '1200' });
}, 180_000);

afterAll(() => stack.stop());

// An issuance here takes seconds, and a step that an operator met some more.
jest.setTimeout(60_000);

const PASOS = ['paso1', 'paso2'] as const;

function series({ sobre }: Respuesta): string[] {
  return (sobre.data?.certificados ?? []).map(({ numeroSerie }) => numeroSerie);
}

function estado({ sobre }: Respuesta): string | undefined {
  return sobre.data?.transaccion.estado;
}

/** Runs again from the codigo's first workflow task, as `temporal workflow reset` does. */
async function reset(codigo: string, hastaEl: 'principio' | 'paso2'): Promise<void> {
  const { events } = await stack.workflow(codigo).fetchHistory();
  const tareas = (events ?? []).filter(({ workflowTaskCompletedEventAttributes: tarea }) => tarea);
  const tarea = hastaEl === 'principio' ? tareas[0] : tareas.at(-1);
  await stack.client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: stack.workflow(codigo).workflowId },
    reason: 'prueba',
    workflowTaskFinishEventId: tarea?.eventId ?? null,
    requestId: randomUUID(),
  });
}

describe.each(PASOS)('an operator acts on an issuance in %s', (paso) => {
  test('by terminate: it is FALLIDO, and the same request issues once', async () => {
    const codigo = `TERMINADA-${paso}`;
    const solicitud = solicitudNueva(codigo);
    const enEspera = stack.emitir(solicitud);
    await stack.hastaLlamada(codigo, paso);

    await stack.workflow(codigo).terminate('prueba');

    const respuesta = await enEspera;
    expect([respuesta.estadoHttp, estado(respuesta)]).toEqual([500, 'FALLIDO']);
    const consulta = await stack.consultar(codigo);
    expect([consulta.estadoHttp, consulta.sobre.success, estado(consulta)]).toEqual([200, true, 'FALLIDO']);
    // In step 2 the PKI may have issued: until that is settled the citizen stays locked.
    const deOtroCodigo = solicitudNueva(`OTRA-${paso}`, solicitud.solicitud.numeroDocumento);
    const otra = await stack.emitir(deOtroCodigo);
    expect(otra.sobre.error?.tipo).toBe(paso === 'paso2' ? 'CIUDADANO_EN_PROCESO' : undefined);
    const repetida = await stack.emitir(solicitud);
    expect(repetida.estadoHttp).toBe(201);
    expect(await stack.emisiones(codigo)).toMatchObject({ emisiones: 1, certificados: 3 });
  });

  test('by cancel: it is FALLIDO and says so, and the same request issues once', async () => {
    const codigo = `CANCELADA-${paso}`;
    const solicitud = solicitudNueva(codigo);
    const enEspera = stack.emitir(solicitud);
    await stack.hastaLlamada(codigo, paso);

    await stack.workflow(codigo).cancel();

    const respuesta = await enEspera;
    expect([respuesta.estadoHttp, estado(respuesta)]).toEqual([500, 'FALLIDO']);
    expect(respuesta.sobre.error?.titulo).toContain('canceló');
    const llamadas = (await stack.emisiones(codigo)).llamadas;
    const repetida = await stack.emitir(solicitud);
    expect([repetida.estadoHttp, series(repetida).length]).toEqual([201, 3]);
    const despues = await stack.emisiones(codigo);
    expect(despues.emisiones).toBe(1);
    // What the PKI answered before the cancel took effect was kept: it is not asked again.
    expect(despues.llamadas[paso]).toBe(llamadas[paso]);
  });

  test('by a reset to the beginning: the client that waits gets the certificates, issued once', async () => {
    const codigo = `REINICIADA-${paso}`;
    const enEspera = stack.emitir(solicitudNueva(codigo));
    await stack.hastaLlamada(codigo, paso);

    await reset(codigo, 'principio');

    const respuesta = await enEspera;
    expect([respuesta.estadoHttp, series(respuesta).length]).toEqual([201, 3]);
    expect((await stack.emisiones(codigo)).emisiones).toBe(1);
  });

  test('by a pause of the activity: it is EN_PROCESO until it goes on, then issued once', async () => {
    const codigo = `PAUSADA-${paso}`;
    const enEspera = stack.emitir(solicitudNueva(codigo));
    await stack.hastaLlamada(codigo, paso);
    const { pendingActivities = [] } = (await stack.workflow(codigo).describe()).raw;
    const actividad = {
      namespace: 'default',
      execution: { workflowId: stack.workflow(codigo).workflowId },
      type: pendingActivities?.[0]?.activityType?.name ?? null,
    };

    await stack.client.workflowService.pauseActivity({ ...actividad, identity: 'operador' });
    expect(estado(await stack.consultar(codigo))).toBe('EN_PROCESO');
    await stack.client.workflowService.unpauseActivity({ ...actividad, identity: 'operador' });

    expect((await enEspera).estadoHttp).toBe(201);
    expect((await stack.emisiones(codigo)).emisiones).toBe(1);
  });
});

test('a run that was terminated while nobody waited is FALLIDO to who asks, once it has written nothing for a while', async () => {
  const codigo = 'TERMINADA-A-SOLAS';
  stack.emitir(solicitudNueva(codigo)).catch(() => undefined);
  await stack.hastaLlamada(codigo, 'paso1');
  await stack.matar('api');
  await stack.workflow(codigo).terminate('prueba');
  await stack.arrancar('api');

  expect(estado(await stack.hastaEstado(codigo, 'FALLIDO'))).toBe('FALLIDO');
});

test('a reset of a completed issuance answers the stored certificates and asks nothing of the PKI', async () => {
  const codigo = 'REINICIADA-COMPLETA';
  const solicitud = solicitudNueva(codigo);
  const emitida = await stack.emitir(solicitud);
  const antes = await stack.emisiones(codigo);

  for (const punto of ['principio', 'paso2'] as const) {
    await reset(codigo, punto);
    await stack.workflow(codigo).result();
  }

  expect(await stack.emisiones(codigo)).toEqual(antes);
  const repetida = await stack.emitir(solicitud);
  expect([repetida.estadoHttp, series(repetida)]).toEqual([200, series(emitida)]);
});

test('a workflow that is paused is EN_PROCESO and completes when it goes on', async () => {
  const codigo = 'PAUSADA-ENTERA';
  const enEspera = stack.emitir(solicitudNueva(codigo));
  await stack.hastaLlamada(codigo, 'paso1');
  const { workflowId } = stack.workflow(codigo);

  await stack.client.workflowService.pauseWorkflowExecution({
    namespace: 'default',
    workflowId,
    identity: 'operador',
    reason: 'prueba',
    requestId: randomUUID(),
  });
  expect(estado(await stack.consultar(codigo))).toBe('EN_PROCESO');
  await stack.client.workflowService.unpauseWorkflowExecution({
    namespace: 'default',
    workflowId,
    identity: 'operador',
    reason: 'prueba',
    requestId: randomUUID(),
  });

  expect((await enEspera).estadoHttp).toBe(201);
  expect((await stack.emisiones(codigo)).emisiones).toBe(1);
});

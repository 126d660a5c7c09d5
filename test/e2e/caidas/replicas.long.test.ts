/** Two replicas of API and worker on one PostgreSQL and one Temporal; and what holds when Temporal has forgotten. */
import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { workflowId } from '../../../shared/emision/contrato.ts';
import type { Behaviour, Call } from '../../../simulator/pki/faults/behaviour.ts';
import { Stack, solicitudNueva, type Pedido } from '../../support/servidores/stack.ts';

jest.setTimeout(90_000);

const POR_OFICINA = 12;
const conducta = new Map<string, (call: Call) => Behaviour>();
let stack: Stack;

beforeAll(async () => {
  stack = await Stack.start(
    { LIMITE_OFICINA_POR_MINUTO: String(POR_OFICINA), LIMITE_CLIENTE_POR_MINUTO: '2000' },
    {
      replicas: true,
      conducta: (call) => conducta.get(call.codigoSolicitudTramite)?.(call) ?? {},
    },
  );
}, 240_000);
afterAll(() => stack.stop());

let oficina = 0;
/** Through the second API, from an office of its own. */
const porLaOtra = () => ({
  api: 'api2' as const,
  cabeceras: { 'X-Office-Code': `OFICINA-${String(++oficina)}` },
});

/** The PKI holds step 2 of it until the test lets it go on. */
function retenida(codigo: string, documento?: string) {
  const puerta = Promise.withResolvers<undefined>();
  conducta.set(codigo, ({ paso }) => (paso === 2 ? { before: () => puerta.promise } : {}));
  return {
    solicitud: solicitudNueva(codigo, documento),
    soltar: () => {
      puerta.resolve(undefined);
    },
  };
}

describe('two replicas', () => {
  test('let the same X-Request-ID join through the other API, and another one conflict', async () => {
    const { solicitud, soltar } = retenida('REPETIDA');
    const requestId = randomUUID();
    const primera = stack.emitir(solicitud, requestId);
    await stack.hastaLlamada('REPETIDA', 'paso2');

    const adjunta = stack.emitir(solicitud, requestId, porLaOtra());
    await stack.hasta('it to be waited with', async () =>
      (await (await fetch(`${stack.url('api2')}/metrics`)).text()).includes('http_waiting_requests 1'),
    );
    const ajena = await stack.emitir(solicitud, randomUUID(), porLaOtra());
    soltar();

    expect([(await primera).estadoHttp, (await adjunta).estadoHttp, ajena.estadoHttp]).toEqual([
      201, 201, 409,
    ]);
    expect(ajena.sobre.error?.tipo).toBe('SOLICITUD_EN_PROCESO');
    expect((await stack.emitir(solicitud, randomUUID(), porLaOtra())).estadoHttp).toBe(200);
    expect((await stack.emisiones('REPETIDA')).emisiones).toBe(1);
  });

  test("hold the citizen's lock and the X-Request-ID against the other API", async () => {
    const documento = '61000001';
    const requestId = randomUUID();
    const { solicitud, soltar } = retenida('CANDADO-1', documento);
    const primera = stack.emitir(solicitud, requestId);
    await stack.hastaLlamada('CANDADO-1', 'paso2');

    const respuestas = await Promise.all([
      stack.emitir(solicitudNueva('CANDADO-2', documento), randomUUID(), porLaOtra()),
      stack.emitir(solicitudNueva('CANDADO-3'), requestId, porLaOtra()),
    ]);
    soltar();

    expect(respuestas.map(({ sobre }) => sobre.error?.tipo)).toEqual([
      'CIUDADANO_EN_PROCESO',
      'PETICION_REUTILIZADA',
    ]);
    expect((await primera).estadoHttp).toBe(201);
  });

  test('let an office no more than its limit, both together', async () => {
    const cabeceras = { 'X-Office-Code': 'COMPARTIDA' };
    const respuestas = await Promise.all(
      Array.from({ length: POR_OFICINA + 4 }, (_, i) =>
        stack.emitir(solicitudNueva(`LIMITE-${String(i)}`), randomUUID(), {
          api: i % 2 === 0 ? 'api' : 'api2',
          cabeceras,
        }),
      ),
    );

    const estados = respuestas.map(({ estadoHttp }) => estadoHttp);
    expect(estados.filter((estado) => estado === 201)).toHaveLength(POR_OFICINA);
    expect(estados.filter((estado) => estado === 429)).toHaveLength(4);
  });

  test('issue once for fifty requests that come at once over both', async () => {
    const { solicitud, soltar } = retenida('CINCUENTA');
    const estados: number[] = [];

    const envios = Array.from({ length: 50 }, async (_, i) => {
      const { estadoHttp } = await stack.emitir(solicitud, randomUUID(), {
        api: i % 2 === 0 ? 'api' : 'api2',
        cabeceras: { 'X-Office-Code': `CINCUENTA-${String(i)}` },
      });
      estados.push(estadoHttp);
    });
    await stack.hasta('all but one to be answered', () => Promise.resolve(estados.length === 49));
    soltar();
    await Promise.all(envios);

    expect(estados).toEqual([...Array<number>(49).fill(409), 201]);
    expect((await stack.emisiones('CINCUENTA')).emisiones).toBe(1);
  });

  test('go on in the one worker where the other dies in step 2', async () => {
    const codigos = Array.from({ length: 6 }, (_, i) => `RELEVO-${String(i)}`);
    const retenidas = codigos.map((codigo) => retenida(codigo));
    const enEspera = retenidas.map(({ solicitud }) => stack.emitir(solicitud, randomUUID(), porLaOtra()));
    await Promise.all(codigos.map((codigo) => stack.hastaLlamada(codigo, 'paso2')));

    await stack.matar('worker2');
    for (const { soltar } of retenidas) soltar();

    expect((await Promise.all(enEspera)).map(({ estadoHttp }) => estadoHttp)).toEqual(codigos.map(() => 201));
    for (const codigo of codigos) expect((await stack.emisiones(codigo)).emisiones).toBe(1);
    await stack.arrancar('worker2');
  });
});

describe('many re-runs at once', () => {
  interface Avance {
    reejecucionId: string;
    estado: string;
    total: number;
    porEstado: Record<string, number>;
  }
  const deSoporte = async (pedido: Pick<Pedido, 'metodo' | 'ruta' | 'cuerpo'>) => {
    const { estadoHttp, sobre } = await stack.pedir({ ...pedido, cliente: 'soporte' });
    return { estadoHttp, data: sobre.data as unknown as Avance };
  };
  const oficina = 'AFECTADA';
  const codigos = Array.from({ length: 12 }, (_, i) => `MASIVA-${String(i)}`);

  test('run all that an outage left, as support saw before, though all workers are killed', async () => {
    for (const codigo of codigos)
      conducta.set(codigo, ({ paso }) => (paso === 2 ? { refusal: 'CIUDADANO_NO_ENCONTRADO' } : {}));
    for (const codigo of codigos)
      await stack.emitir(solicitudNueva(codigo), undefined, { cabeceras: { 'X-Office-Code': oficina } });

    const { data: lista } = await deSoporte({
      ruta: `solicitudes?estado=FALLIDO&tipoError=CIUDADANO_NO_ENCONTRADO&oficina=${oficina}`,
    });
    expect(lista).toMatchObject({ fallidas: { total: codigos.length }, siguiente: null });

    const filtro = { tipoError: 'CIUDADANO_NO_ENCONTRADO', oficina };
    const orden = { metodo: 'POST', ruta: 'reejecuciones' } as const;
    const motivo = 'La PKI ya conoce a los ciudadanos';
    const simulada = await deSoporte({ ...orden, cuerpo: { filtro, motivo, simular: true } });
    expect([simulada.estadoHttp, simulada.data.total]).toEqual([200, codigos.length]);
    expect((await stack.emisiones('MASIVA-0')).llamadas.paso2).toBe(1);

    // The cause is gone, and step 2 takes so long that the workers die in the middle of it all.
    for (const codigo of codigos)
      conducta.set(codigo, ({ paso }) => (paso === 2 ? { delayBeforeMs: 300 } : {}));
    const iniciada = await deSoporte({ ...orden, cuerpo: { filtro, motivo } });
    expect(iniciada.estadoHttp).toBe(201);
    await stack.hastaLlamada('MASIVA-3', 'paso2', 2);
    await Promise.all([stack.matar('worker'), stack.matar('worker2')]);
    await Promise.all([stack.arrancar('worker'), stack.arrancar('worker2')]);

    const consulta = () => deSoporte({ ruta: `reejecuciones/${iniciada.data.reejecucionId}` });
    await stack.hasta(
      'the bulk re-run to end',
      async () => (await consulta()).data.estado === 'TERMINADA',
      60_000,
    );
    expect((await consulta()).data).toMatchObject({
      total: codigos.length,
      porEstado: { COMPLETADO: codigos.length },
    });
    for (const codigo of codigos)
      expect(await stack.emisiones(codigo)).toMatchObject({ emisiones: 1, llamadas: { paso1: 1 } });
  });
});

describe('when Temporal has forgotten the workflow', () => {
  async function olvidar(codigo: string): Promise<void> {
    const { runId } = await stack.workflow(codigo).describe();
    await stack.hasta(`Temporal to forget ${codigo}`, async () => {
      try {
        await stack.client.workflowService.deleteWorkflowExecution({
          namespace: 'default',
          workflowExecution: { workflowId: workflowId(codigo), runId },
        });
        await stack.workflow(codigo).describe();
        return false;
      } catch {
        return true;
      }
    });
  }

  test('a completed one answers 200 to its repeat and 409 to another request, from the register', async () => {
    const solicitud = solicitudNueva('OLVIDADA');
    const emitida = await stack.emitir(solicitud, randomUUID(), porLaOtra());
    await olvidar('OLVIDADA');

    const repetida = await stack.emitir(solicitud, randomUUID(), porLaOtra());
    const ajena = await stack.emitir(solicitudNueva('OLVIDADA'), randomUUID(), porLaOtra());

    expect([emitida.estadoHttp, repetida.estadoHttp, ajena.estadoHttp]).toEqual([201, 200, 409]);
    expect(repetida.sobre.data?.certificados).toEqual(emitida.sobre.data?.certificados);
    expect(ajena.sobre).toMatchObject({ data: null, error: { tipo: 'CODIGO_REUTILIZADO' } });
    expect((await stack.consultar('OLVIDADA')).sobre.data?.transaccion.estado).toBe('COMPLETADO');
    expect((await stack.emisiones('OLVIDADA')).emisiones).toBe(1);
  });

  test('a failed one runs again with its kept solicitudPkiId, the citizen corrected', async () => {
    const codigo = 'OLVIDADA-FALLIDA';
    conducta.set(codigo, ({ paso }) => (paso === 2 ? { refusal: 'CIUDADANO_NO_ENCONTRADO' } : {}));
    const solicitud = solicitudNueva(codigo);
    const fallida = await stack.emitir(solicitud, randomUUID(), porLaOtra());
    await olvidar(codigo);
    conducta.delete(codigo);

    const corregida = { ...solicitud, ciudadano: { ...solicitud.ciudadano, nombres: 'Corregida' } };
    const emitida = await stack.emitir(corregida, randomUUID(), porLaOtra());

    expect([fallida.estadoHttp, emitida.estadoHttp]).toEqual([404, 201]);
    expect((await stack.emisiones(codigo)).llamadas).toEqual({ paso1: 1, paso2: 2 });
  });

  test('one that was open is closed, and its citizen is free', async () => {
    const documento = '61000002';
    const codigo = 'OLVIDADA-ABIERTA';
    conducta.set(codigo, ({ paso }) => (paso === 1 ? { outage: 'SERVICIO_NO_DISPONIBLE' } : {}));
    await stack.emitir(solicitudNueva(codigo, documento), randomUUID(), {
      cabeceras: { 'X-Office-Code': 'ABIERTA', Prefer: 'wait=1' },
    });
    await stack.workflow(codigo).terminate();
    await olvidar(codigo);

    const otra = await stack.emitir(solicitudNueva(`${codigo}-2`, documento), randomUUID(), porLaOtra());

    expect(otra.estadoHttp).toBe(201);
    const { sobre } = await stack.consultar(codigo);
    expect(sobre).toMatchObject({
      data: { transaccion: { estado: 'FALLIDO' } },
      error: { tipo: 'ERROR_INTERNO' },
    });
  });
});

/** Processes killed with -9 while an issuance runs: nothing is lost, nothing is issued twice. */
import { jest } from '@jest/globals';
import { Stack, solicitudNueva } from '../../support/servidores/stack.ts';

// A worker that died is noticed by its missing heartbeat, and a new one takes some seconds to start.
jest.setTimeout(120_000);

const LATENCIA_MS = '1200';

describe('with an adapter that keeps its promises', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await Stack.start({ SIMULADOR_LATENCIA_MS: LATENCIA_MS });
  }, 180_000);
  afterAll(() => stack.stop());

  test.each(['paso1', 'paso2'] as const)(
    'an issuance whose worker dies in %s is issued once',
    async (paso) => {
      const codigo = `WORKER-${paso}`;
      const enEspera = stack.emitir(solicitudNueva(codigo));
      await stack.hastaLlamada(codigo, paso);

      await stack.matar('worker');
      await stack.arrancar('worker');

      expect((await enEspera).estadoHttp).toBe(201);
      expect(await stack.emisiones(codigo)).toMatchObject({ emisiones: 1, certificados: 3 });
    },
  );

  test('an issuance whose worker dies between the steps does not do step 1 again, and is issued once', async () => {
    const codigo = 'WORKER-ENTRE-PASOS';
    const enEspera = stack.emitir(solicitudNueva(codigo));
    await stack.hasta('step 1 to be done', async () => {
      const { sobre } = await stack.consultar(codigo);
      return sobre.data?.pasosProceso.paso1GeneracionClaves.estado === 'COMPLETADO';
    });

    await stack.matar('worker');
    await stack.arrancar('worker');

    expect((await enEspera).estadoHttp).toBe(201);
    expect(await stack.emisiones(codigo)).toMatchObject({ emisiones: 1, llamadas: { paso1: 1 } });
  });

  test('an issuance goes on where the API dies while its client waits, whose repeat gets the certificates', async () => {
    const codigo = 'API';
    const solicitud = solicitudNueva(codigo);
    const enEspera = stack.emitir(solicitud).then(
      () => 'answered',
      () => 'cut off',
    );
    await stack.hastaLlamada(codigo, 'paso1');

    await stack.matar('api');
    expect(await enEspera).toBe('cut off');
    await stack.arrancar('api');
    await stack.hastaEstado(codigo, 'COMPLETADO');

    expect((await stack.emitir(solicitud)).estadoHttp).toBe(200);
    expect((await stack.emisiones(codigo)).emisiones).toBe(1);
  });

  test('a request that comes while no worker runs is EN_PROCESO until one starts', async () => {
    const codigo = 'SIN-WORKER';
    const solicitud = solicitudNueva(codigo);
    await stack.matar('worker');
    const enEspera = stack.emitir(solicitud);

    const { sobre: sinWorker } = await stack.hastaEstado(codigo, 'EN_PROCESO');
    const otraPeticion = await stack.emitir(solicitud);
    expect(otraPeticion.sobre).toMatchObject({
      error: { tipo: 'SOLICITUD_EN_PROCESO' },
      data: { transaccion: { estado: 'EN_PROCESO' } },
    });
    await stack.arrancar('worker');

    const emitida = await enEspera;
    expect(emitida.estadoHttp).toBe(201);
    expect(emitida.sobre.data?.transaccion.fechaInicio).toBe(sinWorker.data?.transaccion.fechaInicio);
  });

  test('a failed codigo that is accepted again while no worker runs is EN_PROCESO, not its old failure', async () => {
    const codigo = 'OTRA-VEZ-SIN-WORKER';
    const solicitud = solicitudNueva(codigo, '99991404');
    expect((await stack.emitir(solicitud)).estadoHttp).toBe(404);
    await stack.matar('worker');
    const enEspera = stack.emitir(solicitud);

    await stack.hastaEstado(codigo, 'EN_PROCESO');
    await stack.arrancar('worker');

    expect((await enEspera).estadoHttp).toBe(404);
    expect((await stack.consultar(codigo)).sobre.data?.transaccion.estado).toBe('FALLIDO');
  });

  test('no process dies where PostgreSQL ends every connection again and again, and it is issued once', async () => {
    const codigo = 'SIN-CONEXIONES';
    const enEspera = stack.emitir(solicitudNueva(codigo));
    for (const paso of ['paso1', 'paso2'] as const) {
      await stack.hastaLlamada(codigo, paso);
      await stack.cortarConexiones();
    }

    await enEspera;
    await stack.hastaEstado(codigo, 'COMPLETADO');

    expect((await stack.emisiones(codigo)).emisiones).toBe(1);
    expect([await stack.detener('api'), await stack.detener('worker')]).toEqual([0, 0]);
    await Promise.all([stack.arrancar('api'), stack.arrancar('worker')]);
  });

  test('a client that waits while the API stops is told that the work goes on, and the API ends well', async () => {
    const codigo = 'API-DETENIDA';
    const enEspera = stack.emitir(solicitudNueva(codigo));
    await stack.hastaLlamada(codigo, 'paso1');

    const salida = stack.detener('api');

    const { estadoHttp: http, sobre } = await enEspera;
    expect([http, sobre.data?.transaccion.estado]).toEqual([503, 'EN_PROCESO']);
    expect(await salida).toBe(0);
    await stack.arrancar('api');
    await stack.hastaEstado(codigo, 'COMPLETADO');
  });

  test('a PKI that dies in step 2 is asked again under the same key, and gives what it had issued, once', async () => {
    const codigo = 'PKI';
    const enEspera = stack.emitir(solicitudNueva(codigo));
    await stack.hastaLlamada(codigo, 'paso2');

    await stack.matar('simulador');
    await stack.arrancar('simulador');

    expect((await enEspera).estadoHttp).toBe(201);
    expect((await stack.emisiones(codigo)).emisiones).toBe(1);
  });
});

describe('with an adapter that does its work again at every call', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await Stack.start({
      SIMULADOR_LATENCIA_MS: LATENCIA_MS,
      SIMULADOR_IDEMPOTENTE: 'false',
      PKI_ADAPTER_IDEMPOTENTE: 'false',
      PKI_TIMEOUT_MS: '2000',
      SIMULADOR_TARDIO_MS: '3000',
    });
  }, 180_000);
  afterAll(() => stack.stop());

  test('an issuance whose worker dies in step 2 is FALLIDO and uncertain, and never sent again', async () => {
    const codigo = 'INCIERTA';
    const solicitud = solicitudNueva(codigo);
    void stack.emitir(solicitud);
    await stack.hastaLlamada(codigo, 'paso2');

    await stack.matar('worker');
    await stack.arrancar('worker');

    const { sobre } = await stack.hastaEstado(codigo, 'FALLIDO');
    expect(sobre.error?.errores.map(({ detalleError }) => detalleError).join()).toMatch(
      /No se sabe si la PKI/,
    );
    const repetida = await stack.emitir(solicitud);
    expect([repetida.estadoHttp, repetida.sobre.error?.tipo]).toEqual([409, 'SOLICITUD_NO_REEJECUTABLE']);
    expect((await stack.emisiones(codigo)).llamadas.paso2).toBe(1);
  });

  test('an issuance whose step 2 is answered too late is FALLIDO at once, and its citizen stays locked', async () => {
    const codigo = 'TARDIA';
    const tardia = solicitudNueva(codigo, '99992504');

    const respuesta = await stack.emitir(tardia);

    expect([respuesta.estadoHttp, respuesta.sobre.data?.transaccion.estado]).toEqual([504, 'FALLIDO']);
    expect((await stack.emisiones(codigo)).llamadas.paso2).toBe(1);
    const otra = await stack.emitir(solicitudNueva('TARDIA-OTRA', '99992504'));
    expect(otra.sobre.error?.tipo).toBe('CIUDADANO_EN_PROCESO');
  });

  test('an issuance that meets no trouble completes', async () => {
    expect((await stack.emitir(solicitudNueva('SERENA'))).estadoHttp).toBe(201);
  });
});

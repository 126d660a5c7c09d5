/** Prefer (RFC 7240) at the wire, the answer to it, and clients that do not stay for theirs. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request, type ClientRequest } from 'node:http';
import { Registry } from 'prom-client';
import { EXITOS } from '../../../../shared/nucleo/fallos.ts';
import { ApiDePrueba, BASE, RUTA_POST } from '../../../support/api/api-de-prueba.ts';
import { enProceso } from '../../../support/api/fake-servicio-emision.ts';
import {
  CONTEXTO,
  fila,
  MotorQueTarda,
  servicioDeEmision,
  SUYA,
} from '../../../support/api/servicio-de-emision.ts';
import { solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';
import { hasta } from '../../../support/hasta.ts';

let api: ApiDePrueba;
beforeAll(async () => {
  api = await ApiDePrueba.iniciar();
});
beforeEach(() => {
  api.servicio.esperas.length = 0;
});
afterAll(() => api.detener());

describe('Prefer', () => {
  const NADA = { maximoMs: null, asincrona: false };
  const ASINCRONA = { maximoMs: 0, asincrona: true };
  it.each([
    ['respond-async', ASINCRONA],
    ['RESPOND-Async', ASINCRONA],
    ['respond-async=""', ASINCRONA],
    ['respond-async; q=1;', ASINCRONA],
    ['handling=lenient, respond-async , return=minimal', ASINCRONA],
    ['respond-async, respond-async', ASINCRONA],
    ['wait=0', { maximoMs: 0, asincrona: false }],
    ['wait=5', { maximoMs: 5_000, asincrona: false }],
    ['Wait = "5"', { maximoMs: 5_000, asincrona: false }],
    ['wait=5, wait=9', { maximoMs: 5_000, asincrona: false }],
    ['wait=99999999999', { maximoMs: 2 ** 31 * 1_000, asincrona: false }],
    [`wait=${'9'.repeat(400)}`, { maximoMs: 2 ** 31 * 1_000, asincrona: false }],
    ['respond-async, wait=5', { maximoMs: 5_000, asincrona: true }],
    ['wait=5; a="x, y", respond-async', { maximoMs: 5_000, asincrona: true }],
    ['', NADA],
    [',,;=,"', NADA],
    ['wait', NADA],
    ['wait=', NADA],
    ['wait=-1', NADA],
    ['wait=1.5', NADA],
    ['wait=1e3', NADA],
    ['wait=0x10', NADA],
    ['wait=x, wait=5', NADA],
    ['wait=5 6', NADA],
    ['respond-async=no', NADA],
    ['no-respond-async', NADA],
    ['a="wait=5, respond-async"', NADA],
    ['a="\\", respond-async', NADA],
    ['"respond-async"', NADA],
    ['\u00e9=1, wait=\u00e9', NADA],
  ])('%s', async (prefer, esperado) => {
    const { estadoHttp } = await api.emitir(solicitudDePrueba(), { Prefer: prefer });

    expect(estadoHttp).toBe(EXITOS.INICIADO);
    expect(api.servicio.esperas).toMatchObject([esperado]);
  });

  it('may come as several headers', async () => {
    await api.emitir(solicitudDePrueba(), { Prefer: ['respond-async', 'wait=7'] });
    expect(api.servicio.esperas).toMatchObject([{ maximoMs: 7_000, asincrona: true }]);
  });

  it('of 16 kB that would keep a backtracking reader for ever is read', async () => {
    for (const largo of [`"${'\\"'.repeat(7_000)}`, 'a='.repeat(7_000), `wait${' '.repeat(14_000)}x`])
      await api.emitir(solicitudDePrueba(), { Prefer: largo });
    expect(api.servicio.esperas).toHaveLength(3);
  });
});

describe('Preference-Applied', () => {
  it.each([
    ['wait=5', 'wait=5'],
    ['wait=-1', undefined],
    // Answered by the result itself.
    ['respond-async', undefined],
  ])('to %s is %s in an answer with the certificates', async (prefer, aplicada) => {
    const { cabeceras } = await api.emitir(solicitudDePrueba(), { Prefer: prefer });
    expect(cabeceras['preference-applied']).toBe(aplicada);
  });

  it('is not in the answer to a request at fault', async () => {
    const { estadoHttp, cabeceras } = await api.emitir('{}', { Prefer: 'wait=5' });
    expect([estadoHttp, cabeceras['preference-applied']]).toEqual([400, undefined]);
  });
});

describe('an accepted request', () => {
  beforeAll(() => {
    api.servicio.responder = (vista) => ({
      tipo: 'ACEPTADA',
      vista: enProceso(vista),
      reintentarEnS: 5,
    });
  });

  it('is 202 with its transaction, where to follow it, and no error', async () => {
    const respuesta = await api.emitir(solicitudDePrueba('SOL/1'), { Prefer: 'respond-async' });

    expect(respuesta.estadoHttp).toBe(EXITOS.ACEPTADO);
    expect(respuesta.sobre).toMatchObject({
      success: true,
      message: 'Solicitud aceptada: la emisión está en proceso',
      data: { transaccion: { codigoSolicitudTramite: 'SOL/1', estado: 'EN_PROCESO' } },
    });
    expect(respuesta.sobre).not.toHaveProperty('error');
    expect(respuesta.cabeceras).toMatchObject({
      location: `${BASE}/solicitudes/SOL%2F1`,
      'retry-after': '5',
      'preference-applied': 'respond-async',
    });
  });

  it('says that it was also waited for', async () => {
    const { cabeceras } = await api.emitir(solicitudDePrueba(), { Prefer: 'respond-async, wait=007' });
    expect(cabeceras['preference-applied']).toBe('wait=7, respond-async');
  });
});

describe('a client that hangs up', () => {
  const EN_CURSO = fila(SUYA, 'EN_PROCESO');
  let metricas: Registry;
  let conServicio: ApiDePrueba;
  let motor: MotorQueTarda;

  beforeEach(async () => {
    metricas = new Registry();
    motor = new MotorQueTarda();
    const servicio = servicioDeEmision({
      motor: motor.motor,
      registro: {
        conciliar: (codigo) => Promise.resolve(codigo === 'SOL-1' && motor.iniciadas[0] ? EN_CURSO : null),
      },
      esperaSincronaMs: 60_000,
      metricas,
    });
    conServicio = await ApiDePrueba.iniciar({ servicio, coleccionDeMetricas: metricas });
  });
  afterEach(async () => {
    motor.cerrar();
    await conServicio.detener();
  });

  async function enviar(codigo: string, requestId: string = randomUUID()): Promise<ClientRequest> {
    const cliente = request({
      host: '127.0.0.1',
      port: conServicio.puerto,
      method: 'POST',
      path: RUTA_POST,
      headers: { ...(await conServicio.cabeceras()), 'X-Request-ID': requestId },
    });
    cliente.end(JSON.stringify(solicitudDePrueba(codigo)));
    return cliente;
  }

  it('leaves its issuance running and nothing else, and no word of an error', async () => {
    const clientes = await Promise.all(Array.from({ length: 30 }, (_, i) => enviar(`COLGADA-${i}`)));
    await hasta('all to be waited with', () => motor.pendientes === 30);

    const colgados = clientes.map((cliente) => once(cliente, 'error'));
    for (const cliente of clientes) cliente.destroy(new Error('hung up'));
    await Promise.all(colgados);
    const contada = `http_requests_total{route="${RUTA_POST}",method="POST",status="sin_respuesta"} 30`;
    await hasta('each to be counted', async () => (await metricas.metrics()).includes(contada));

    expect(motor.iniciadas).toHaveLength(30);
    expect(motor.pendientes).toBe(0);
    expect(await metricas.metrics()).toContain('http_waiting_requests 0');
    expect(conServicio.bitacora.filter(({ level }) => Number(level) > 30)).toEqual([]);
  });

  it('and comes again joins its issuance', async () => {
    const cliente = await enviar('SOL-1', CONTEXTO.requestId);
    await hasta('it to be waited with', () => motor.pendientes === 1);
    const colgado = once(cliente, 'error');
    cliente.destroy(new Error('hung up'));
    await colgado;

    const repetida = await conServicio.emitir(SUYA, {
      'X-Request-ID': CONTEXTO.requestId,
      Prefer: 'respond-async',
    });
    expect(repetida.estadoHttp).toBe(EXITOS.ACEPTADO);
    expect(motor.iniciadas).toHaveLength(1);
  });
});

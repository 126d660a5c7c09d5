/** How many requests a client and an office may send in a minute. */
import { jest } from '@jest/globals';
import { Registry } from 'prom-client';
import { createMedidorDeExcesos } from '../../../../api/http/servidor/metricas.ts';
import { BASE, detallesDe, RUTA_POST, type Respuesta } from '../../../support/api/api-de-prueba.ts';
import { conMiembro, solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';
import { consultarComo, iniciar, limitador } from './limitador-de-prueba.ts';

/** What the answer says of the limit that is nearest to its end. */
function limiteDe({ cabeceras }: Respuesta): (string | undefined)[] {
  return ['limit', 'remaining', 'reset', 'policy'].map(
    (nombre) => cabeceras[`ratelimit-${nombre}`] as string | undefined,
  );
}

/** From 1 to 60: how many, the machine's speed decides. */
const SEGUNDOS: unknown = expect.stringMatching(/^([1-9]|[1-5]\d|60)$/);

describe('the limit of a client', () => {
  it('shows on every answer how much is left, and refuses what is beyond by 429', async () => {
    const api = await iniciar(limitador({ cliente: 2 }));
    await api.emitir(solicitudDePrueba('X'));
    const ultima = await api.consultar('NO-HAY');
    const rechazada = await api.consultar('X');

    expect([ultima.estadoHttp, ...limiteDe(ultima)]).toEqual([
      404,
      '2',
      '0',
      SEGUNDOS,
      '2;w=60;comment="cliente"',
    ]);
    expect([rechazada.estadoHttp, ...limiteDe(rechazada)]).toEqual([
      429,
      '2',
      '0',
      SEGUNDOS,
      '2;w=60;comment="cliente"',
    ]);
    expect(rechazada.sobre.error?.tipo).toBe('LIMITE_EXCEDIDO');
    expect(rechazada.cabeceras['retry-after']).toBe(rechazada.cabeceras['ratelimit-reset']);
    expect(detallesDe(rechazada)).toEqual([
      'Authorization: el cliente envió más de 2 peticiones en un minuto (límite por cliente); ' +
        `puede volver a enviar en ${String(rechazada.cabeceras['retry-after'])} s`,
    ]);
    expect(api.servicio.consultadas).toEqual(['NO-HAY']);
  });

  it('ends with its minute', async () => {
    const api = await iniciar(limitador({ cliente: 1 }));
    await api.consultar('X');
    expect((await api.consultar('X')).estadoHttp).toBe(429);
    const despues = Date.now() + 60_001;
    const token = { iat: Math.floor(Date.now() / 1000), exp: Math.floor(despues / 1000) + 300 };
    jest.spyOn(Date, 'now').mockReturnValue(despues);
    expect((await consultarComo(api, token)).estadoHttp).toBe(404);
  });

  it('is each client’s own: client_id, else azp, else the subject', async () => {
    const api = await iniciar(limitador({ cliente: 1 }));
    const quienes = [
      { client_id: 'uno' },
      { client_id: undefined, azp: 'dos' },
      { client_id: undefined, sub: 'tres' },
      // A subject is not the client of the same name.
      { client_id: undefined, sub: 'uno' },
    ];
    for (const quien of quienes) expect((await consultarComo(api, quien)).estadoHttp).toBe(404);
    for (const quien of quienes) expect((await consultarComo(api, quien)).estadoHttp).toBe(429);
    expect((await consultarComo(api, { client_id: 'dos', sub: 'otro' })).estadoHttp).toBe(429);
  });

  it('is asked after token and scope, and before headers and body', async () => {
    const api = await iniciar(limitador({ cliente: 1 }));
    const sinToken = await api.pedir({ metodo: 'POST', ruta: RUTA_POST, cuerpo: '{' });
    const sinPermiso = await consultarComo(api, { scope: 'certificados:emitir' });
    expect([sinToken.estadoHttp, sinPermiso.estadoHttp]).toEqual([401, 403]);
    expect(limiteDe(sinPermiso)).toEqual([undefined, undefined, undefined, undefined]);

    const conFaltas = await api.emitir('{', { 'X-Request-ID': 'x' });
    expect([conFaltas.estadoHttp, ...limiteDe(conFaltas).slice(0, 2)]).toEqual([400, '1', '0']);
    expect((await api.emitir('{', { 'X-Request-ID': 'x' })).estadoHttp).toBe(429);
    expect((await consultarComo(api, { scope: 'certificados:emitir' })).estadoHttp).toBe(403);
  });

  it('does not hold for what needs no token', async () => {
    const api = await iniciar(limitador({ cliente: 1 }));
    await api.consultar('X');
    for (const ruta of ['/health/live', '/health/live', '/metrics', '/openapi.json']) {
      const { estadoHttp, cabeceras } = await api.pedirTexto({ ruta });
      expect([estadoHttp, cabeceras['ratelimit-limit']]).toEqual([200, undefined]);
    }
  });

  it('refuses a body of any length without reading it first', async () => {
    const api = await iniciar(limitador({ cliente: 1 }));
    await api.consultar('X');
    expect((await api.emitir(Buffer.alloc(5_000_000, 'x'))).estadoHttp).toBe(429);
  });
});

describe('the limit of an office', () => {
  it('counts issuances of one client, and of no other client or office', async () => {
    const api = await iniciar(limitador({ oficina: 2 }));
    const emitirComo = async (cliente: string, oficina: string) =>
      api.emitir(solicitudDePrueba(), {
        Authorization: `Bearer ${await api.emisor.token({ client_id: cliente })}`,
        'X-Office-Code': oficina,
      });
    const primera = await emitirComo('uno', 'LIMA');
    await emitirComo('uno', 'LIMA');
    const rechazada = await emitirComo('uno', 'LIMA');

    expect(limiteDe(primera)).toEqual(['2', '1', SEGUNDOS, '2;w=60;comment="oficina"']);
    expect(rechazada.estadoHttp).toBe(429);
    expect(detallesDe(rechazada)).toEqual([
      expect.stringMatching(
        /^X-Office-Code: el cliente envió más de 2 peticiones en un minuto para esta oficina \(límite por cliente y oficina\); puede volver a enviar en \d+ s$/,
      ),
    ]);
    expect((await emitirComo('dos', 'LIMA')).estadoHttp).toBe(201);
    expect((await emitirComo('uno', 'CUSCO')).estadoHttp).toBe(201);
  });

  it('does not count what has faults', async () => {
    const api = await iniciar(limitador({ oficina: 1 }));
    const faltas: [unknown, Record<string, string>][] = [
      ['{', {}],
      [{}, {}],
      [conMiembro(solicitudDePrueba(), 'ciudadano.nombres', 7), {}],
      [solicitudDePrueba(), { 'X-Channel': '' }],
      [solicitudDePrueba(), { 'Content-Type': 'text/plain' }],
    ];
    for (const [cuerpo, cabeceras] of faltas) {
      const respuesta = await api.emitir(cuerpo, cabeceras);
      expect([respuesta.estadoHttp, limiteDe(respuesta)[3]]).toEqual([400, '1000;w=60;comment="cliente"']);
    }
    expect((await api.emitir(solicitudDePrueba())).estadoHttp).toBe(201);
    expect((await api.emitir(solicitudDePrueba())).estadoHttp).toBe(429);
  });

  it('does not count readings', async () => {
    const api = await iniciar(limitador({ oficina: 1 }));
    for (const codigo of ['X', 'Y']) {
      const respuesta = await api.pedir({
        ruta: `${BASE}/solicitudes/${codigo}`,
        cabeceras: { ...(await api.cabeceras()) },
      });
      expect([respuesta.estadoHttp, limiteDe(respuesta)[3]]).toEqual([404, '1000;w=60;comment="cliente"']);
    }
  });

  it('does not count a header that names no office', async () => {
    const api = await iniciar(limitador({ oficina: 1 }));
    for (const oficina of [undefined, '', 'x'.repeat(51), ['A', 'B'], ['A', 'B']]) {
      const respuesta = await api.emitir(solicitudDePrueba(), { 'X-Office-Code': oficina });
      expect([respuesta.estadoHttp, limiteDe(respuesta)[3]]).toEqual([400, '1000;w=60;comment="cliente"']);
    }
  });

  it('is not used up by a client that is beyond its own', async () => {
    const api = await iniciar(limitador({ cliente: 1, oficina: 3 }));
    const emitirComo = async (cliente: string) =>
      api.emitir(solicitudDePrueba(), {
        Authorization: `Bearer ${await api.emisor.token({ client_id: cliente })}`,
      });
    for (const esperado of [201, 429, 429, 429]) expect((await emitirComo('uno')).estadoHttp).toBe(esperado);
    expect((await emitirComo('dos')).estadoHttp).toBe(201);
  });
});

it('counts what it refuses, by limit', async () => {
  const coleccionDeMetricas = new Registry();
  const medirExceso = createMedidorDeExcesos(coleccionDeMetricas);
  const api = await iniciar(limitador({ cliente: 3, oficina: 1 }, { medirExceso }), { coleccionDeMetricas });
  for (let i = 0; i < 5; i++) await api.emitir(solicitudDePrueba());
  const { texto } = await api.pedirTexto({ ruta: '/metrics' });
  expect(texto).toContain('http_rate_limited_total{limite="oficina"} 2');
  expect(texto).toContain('http_rate_limited_total{limite="cliente"} 2');
});

import { createServer, type AddressInfo, type Server } from 'node:net';
import { jest } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import {
  createLimitadorDePeticiones,
  type LimitarPeticion,
} from '../../../../api/http/carga/limites-de-peticiones.ts';
import { createMedidorDeExcesos } from '../../../../api/http/servidor/metricas.ts';
import { abrirRegistro } from '../../../../shared/registro/dominios.ts';
import { abrirPool } from '../../../../shared/registro/base/base-de-datos.ts';
import {
  ApiDePrueba,
  BASE,
  detallesDe,
  RUTA_POST,
  type Respuesta,
} from '../../../support/api/api-de-prueba.ts';
import { startPostgres, type TestPostgres } from '../../../support/servidores/postgres.ts';
import { CLAVES_DE_PRUEBA } from '../../../support/emision/fake-claves.ts';
import { conMiembro, solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';

type Opciones = Parameters<typeof createLimitadorDePeticiones>[0];

function limitador(
  porMinuto: Partial<Opciones['porMinuto']>,
  cambios: Partial<Opciones> = {},
): LimitarPeticion {
  return createLimitadorDePeticiones({
    porMinuto: { cliente: 1_000, oficina: 1_000, ...porMinuto },
    almacen: null,
    huella: CLAVES_DE_PRUEBA.huella,
    medirExceso: () => undefined,
    logger: pino({ level: 'silent' }),
    ...cambios,
  });
}

/** What the answer says of the limit that is nearest to its end. */
function limiteDe({ cabeceras }: Respuesta): (string | undefined)[] {
  return ['limit', 'remaining', 'reset', 'policy'].map(
    (nombre) => cabeceras[`ratelimit-${nombre}`] as string | undefined,
  );
}

/** From 1 to 60: how many, the machine's speed decides. */
const SEGUNDOS: unknown = expect.stringMatching(/^([1-9]|[1-5]\d|60)$/);

const apis: ApiDePrueba[] = [];
async function iniciar(limitarPeticion: LimitarPeticion, cambios = {}): Promise<ApiDePrueba> {
  const api = await ApiDePrueba.iniciar({ limitarPeticion, ...cambios });
  apis.push(api);
  return api;
}
afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(apis.splice(0).map((api) => api.detener()));
});

const consultarComo = async (api: ApiDePrueba, reclamos: Record<string, unknown>) =>
  api.pedir({
    ruta: `${BASE}/solicitudes/X`,
    cabeceras: { authorization: `Bearer ${await api.emisor.token(reclamos)}` },
  });

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

describe('over PostgreSQL', () => {
  const PLAZOS = { conexiones: 3, conexionMs: 5_000, sentenciaMs: 5_000 };
  let postgres: TestPostgres;
  let url: string;
  const pools: ReturnType<typeof abrirPool>[] = [];
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  beforeEach(async () => {
    url = await postgres.createDatabase();
    const db = await abrirRegistro({ DATABASE_URL: url, DATA_DIR: '' });
    await db.destroy();
  });
  afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.end())));
  afterAll(() => postgres.stop());

  function abrir() {
    const pool = abrirPool(url, PLAZOS);
    pools.push(pool);
    return pool;
  }

  async function iniciarDos(porMinuto: Partial<Opciones['porMinuto']>): Promise<[ApiDePrueba, ApiDePrueba]> {
    return [
      await iniciar(limitador(porMinuto, { almacen: abrir() })),
      await iniciar(limitador(porMinuto, { almacen: abrir() })),
    ];
  }

  it('two replicas share one count, whatever comes at once', async () => {
    const replicas = await iniciarDos({ cliente: 20 });
    const respuestas = await Promise.all(
      replicas.flatMap((api) => Array.from({ length: 15 }, () => api.consultar('X'))),
    );
    const estadosHttp = respuestas.map(({ estadoHttp }) => estadoHttp);
    expect(estadosHttp.filter((estado) => estado === 404)).toHaveLength(20);
    expect(estadosHttp.filter((estado) => estado === 429)).toHaveLength(10);
  });

  it('two replicas share the count of an office', async () => {
    const [una, otra] = await iniciarDos({ oficina: 2 });
    expect((await una.emitir(solicitudDePrueba())).estadoHttp).toBe(201);
    expect((await otra.emitir(solicitudDePrueba())).estadoHttp).toBe(201);
    expect((await una.emitir(solicitudDePrueba())).estadoHttp).toBe(429);
    expect((await otra.emitir(solicitudDePrueba())).estadoHttp).toBe(429);
  });

  it('asks the database once for a request, and no more once a key is used up', async () => {
    const pool = abrir();
    const sentencias: string[] = [];
    const almacen = {
      query: (text: string, values: unknown[]) => {
        sentencias.push(text);
        return pool.query(text, values);
      },
    };
    const api = await iniciar(limitador({ cliente: 3 }, { almacen }));
    for (let i = 0; i < 3; i++) await api.consultar('X');
    expect(sentencias).toHaveLength(3);
    for (let i = 0; i < 5; i++) expect((await api.consultar('X')).estadoHttp).toBe(429);
    expect(sentencias).toHaveLength(3);
  });

  it('keeps neither client nor subject nor office in clear, and takes names of any length', async () => {
    const api = await iniciar(limitador({}, { almacen: abrir() }));
    const largo = 'x'.repeat(2_000);
    await consultarComo(api, { client_id: undefined, sub: '45678912' });
    await consultarComo(api, { client_id: largo });
    await api.emitir(solicitudDePrueba(), { 'X-Office-Code': 'Cañete' });
    const { rows } = await abrir().query<{ key: string }>('select * from limites');
    expect(rows).toHaveLength(4);
    expect(rows.map(({ key }) => key.replace(/[0-9a-f]{64}$/, '·')).sort()).toEqual([
      'cliente:·',
      'cliente:·',
      'cliente:·',
      'oficina:·',
    ]);
  });

  it('removes the rows of windows long past', async () => {
    jest.useFakeTimers({
      doNotFake: ['nextTick', 'setImmediate', 'clearImmediate', 'queueMicrotask', 'performance', 'hrtime'],
    });
    try {
      const pool = abrir();
      const borradas = Promise.withResolvers<undefined>();
      const almacen = {
        query: async (text: string, values: unknown[]) => {
          const respuesta = await pool.query(text, values);
          if (text.startsWith('DELETE')) borradas.resolve(undefined);
          return respuesta;
        },
      };
      await pool.query('insert into limites values ($1, 1, $2), ($3, 1, $4)', [
        'vieja',
        Date.now() - 2 * 3_600_000,
        'viva',
        Date.now() + 60_000,
      ]);
      limitador({}, { almacen });
      jest.advanceTimersByTime(5 * 60_000);
      await borradas.promise;
      const { rows } = await pool.query<{ key: string }>('select key from limites');
      expect(rows).toEqual([{ key: 'viva' }]);
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('a database that does not answer', () => {
  /** Accepts, and says nothing. */
  let mudo: Server;
  let conexiones: number;
  beforeEach(async () => {
    conexiones = 0;
    mudo = createServer(() => {
      conexiones += 1;
    });
    await new Promise<void>((listo) => mudo.listen(0, '127.0.0.1', listo));
  });
  afterEach(() => {
    mudo.close();
  });

  it('delays its first requests for a bounded time; then each process counts in memory', async () => {
    const { port } = mudo.address() as AddressInfo;
    const plazos = { conexiones: 3, conexionMs: 200, sentenciaMs: 200 };
    const pool = abrirPool(`postgres://nadie@127.0.0.1:${port}/nada`, plazos);
    const avisos: unknown[] = [];
    const logger = pino({ level: 'warn' }, { write: (linea) => void avisos.push(JSON.parse(linea)) });
    const api = await iniciar(limitador({ cliente: 5 }, { almacen: pool, logger }));

    const primeras = await Promise.all([1, 2, 3].map(() => api.consultar('X')));
    expect(primeras.map(({ estadoHttp }) => estadoHttp)).toEqual([404, 404, 404]);
    const intentadas = conexiones;
    // Not a second goes by, however slow the machine.
    jest.spyOn(performance, 'now').mockReturnValue(0);

    const siguientes = [await api.consultar('X'), await api.consultar('X'), await api.consultar('X')];
    expect(siguientes.map(({ estadoHttp }) => estadoHttp)).toEqual([404, 404, 429]);
    expect(conexiones).toBe(intentadas);
    expect(avisos).toEqual([expect.objectContaining({ msg: expect.stringMatching(/in memory/) as unknown })]);
    await pool.end();
  });

  it('is asked again after a rest', async () => {
    let preguntas = 0;
    const almacen = {
      query: () => {
        preguntas += 1;
        return Promise.reject(new Error('connection refused'));
      },
    };
    const api = await iniciar(limitador({}, { almacen }));
    const reloj = jest.spyOn(performance, 'now').mockReturnValue(0);
    for (let i = 0; i < 5; i++) expect((await api.consultar('X')).estadoHttp).toBe(404);
    expect(preguntas).toBe(3);
    reloj.mockReturnValue(1_001);
    await api.consultar('X');
    expect(preguntas).toBe(4);
  });
});

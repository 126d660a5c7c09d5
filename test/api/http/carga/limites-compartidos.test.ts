/** The limits that replicas share over PostgreSQL, and a database that does not answer. */
import { createServer, type AddressInfo, type Server } from 'node:net';
import { jest } from '@jest/globals';
import { pino } from 'pino';
import { abrirRegistro } from '../../../../shared/registro/dominios.ts';
import { abrirPool } from '../../../../shared/registro/base/base-de-datos.ts';
import type { ApiDePrueba } from '../../../support/api/api-de-prueba.ts';
import { startPostgres, type LocalPostgres } from '../../../../scripts/topology/postgres.ts';
import { solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';
import { type Opciones, consultarComo, iniciar, limitador } from './limitador-de-prueba.ts';

describe('over PostgreSQL', () => {
  const PLAZOS = { conexiones: 3, conexionMs: 5_000, sentenciaMs: 5_000 };
  let postgres: LocalPostgres;
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
    const codigos = respuestas.map(({ estadoHttp }) => estadoHttp);
    expect(codigos.filter((codigo) => codigo === 404)).toHaveLength(20);
    expect(codigos.filter((codigo) => codigo === 429)).toHaveLength(10);
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
    // Not a second goes by, however slow the machine.
    jest.spyOn(performance, 'now').mockReturnValue(0);
    const { port } = mudo.address() as AddressInfo;
    const plazos = { conexiones: 3, conexionMs: 200, sentenciaMs: 200 };
    const pool = abrirPool(`postgres://nadie@127.0.0.1:${port}/nada`, plazos);
    const avisos: unknown[] = [];
    const logger = pino({ level: 'warn' }, { write: (linea) => void avisos.push(JSON.parse(linea)) });
    const api = await iniciar(limitador({ cliente: 5 }, { almacen: pool, logger }));

    const primeras = await Promise.all([1, 2, 3].map(() => api.consultar('X')));
    expect(primeras.map(({ estadoHttp }) => estadoHttp)).toEqual([404, 404, 404]);
    const intentadas = conexiones;

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

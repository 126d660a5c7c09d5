/** What a PostgreSQL that is stopped, killed or frozen does to whoever asks it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { BaseSinRespuesta } from '../../../../shared/nucleo/base-sin-respuesta.ts';
import { abrirPool } from '../../../../shared/registro/base/base-de-datos.ts';
import { conexionesQueAvisan } from '../../../../shared/registro/base/conexiones.ts';
import { startPostgres, type LocalPostgres } from '../../../../scripts/topology/postgres.ts';

interface Tablas {
  filas: { codigo: string };
}

let postgres: LocalPostgres;
/** Not by way of what is tested. */
let testigo: pg.Pool;
let url: string;
let db: Kysely<Tablas>;

beforeAll(async () => {
  postgres = await startPostgres();
}, 60_000);
afterAll(() => postgres.stop());
beforeEach(async () => {
  url = await postgres.createDatabase();
  testigo = abrirPool(url, { conexiones: 1, conexionMs: 5_000, sentenciaMs: 5_000 });
  await testigo.query('create table filas (codigo text)');
});
afterEach(async () => {
  await Promise.all([testigo.end(), db.destroy()]);
});

function abrir({ conexiones = 1, conexionMs = 5_000, sentenciaMs = 5_000 } = {}): void {
  const limites = { conexiones, conexionMs, sentenciaMs };
  db = new Kysely({
    dialect: new PostgresDialect({ pool: conexionesQueAvisan(abrirPool(url, limites), limites) }),
  });
}

const preguntar = () => sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
const pidDe = async () => (await preguntar()).rows[0]?.pid ?? 0;

/** How it failed; by what, where it was not for want of an answer. */
const falloDe = (pregunta: Promise<unknown>) =>
  pregunta.then(
    () => 'CONTESTADA',
    (error: unknown) => (error instanceof BaseSinRespuesta ? error.motivo : error),
  );

const postmaster = () =>
  Number(readFileSync(join(postgres.cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);

/** These processes stand still while something is done. */
async function congelados<T>(pids: number[], hacer: () => Promise<T>): Promise<T> {
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    return await hacer();
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
}

describe('a database that is not there', () => {
  it('stopped, gives no connection, whatever its socket says', async () => {
    abrir();
    await preguntar();
    await postgres.shutDown();
    try {
      // The first may hear of it by the connection that it had.
      await falloDe(preguntar());
      expect(await falloDe(preguntar())).toBe('CONEXION');
    } finally {
      await postgres.startAgain();
    }
    expect(await falloDe(preguntar())).toBe('CONTESTADA');
  });

  it('killed beneath a statement, breaks its connection', async () => {
    abrir({ conexiones: 2 });
    const pid = await pidDe();
    const lenta = falloDe(sql`select pg_sleep(4)`.execute(db));
    // It does not live to say why.
    process.kill(pid, 'SIGSTOP');
    await postgres.kill();
    process.kill(pid, 'SIGKILL');
    try {
      expect(await lenta).toBe('CONEXION');
    } finally {
      await postgres.startAgain();
    }
  });

  it('frozen, gives no connection in time', async () => {
    abrir({ conexionMs: 300 });
    expect(await congelados([postmaster()], () => falloDe(preguntar()))).toBe('PLAZO');
    expect(await falloDe(preguntar())).toBe('CONTESTADA');
  });
});

it('a pool that is used up by others gives no connection in time', async () => {
  abrir({ conexionMs: 300 });
  await db.connection().execute(async () => {
    expect(await falloDe(preguntar())).toBe('PLAZO');
  });
});

describe('a connection that does not answer in time', () => {
  it('is told by that, and is not used again, nor asked to roll back', async () => {
    abrir({ sentenciaMs: 1_000 });
    const pid = await pidDe();
    await congelados([pid], async () => {
      const enviadas = jest.spyOn(pg.Client.prototype, 'query');
      const transaccion = db.transaction().execute(async (tx) => {
        await sql`insert into filas values ('A')`.execute(tx);
      });
      expect(await falloDe(transaccion)).toBe('PLAZO');
      const textos = enviadas.mock.calls.map(([consulta]) => (consulta as unknown as { text: string }).text);
      expect(textos).toContain('begin');
      expect(textos).not.toContain('rollback');
      enviadas.mockRestore();
      expect(await pidDe()).not.toBe(pid);
    });
    expect((await testigo.query('select from filas')).rowCount).toBe(0);
  });

  it.each([
    ['our deadline', ''],
    ['one that DATABASE_URL brings', 'query_timeout=100'],
  ])('by %s, whose late `begin` is done after all, swallows nothing of another', async (_cual, deLaUrl) => {
    url += `${url.includes('?') ? '&' : '?'}${deLaUrl}`;
    abrir({ sentenciaMs: 500 });
    const pid = await pidDe();
    await congelados([pid], async () => {
      expect(await falloDe(db.transaction().execute(() => Promise.resolve()))).toBe('PLAZO');
    });

    await db.insertInto('filas').values({ codigo: 'A' }).execute();

    expect((await testigo.query('select from filas')).rowCount).toBe(1);
  });
});

it('a connection that the server ended is told by that at its next use', async () => {
  abrir();
  const fallo = await db.connection().execute(async (una) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(una);
    await testigo.query('select pg_terminate_backend($1, 5000)', [rows[0]?.pid]);
    await new Promise((listo) => setImmediate(listo));
    return falloDe(sql`select 1`.execute(una));
  });
  // By the server's own word where it came with the statement, else by the broken connection.
  expect([expect.objectContaining({ code: '57P01' }) as unknown, 'CONEXION']).toContainEqual(fallo);
});

describe('what is no silence stays what it is', () => {
  it.each([
    ['an answer of the database', () => sql`select nada from filas`.execute(db), { code: '42703' }],
    [
      'its refusal to go on for so long',
      () => sql`set local statement_timeout = 50; select pg_sleep(4)`.execute(db),
      { code: '57014' },
    ],
    [
      'a value that cannot be sent',
      () => sql`select ${{ toPostgres: () => BigInt('x') }}`.execute(db),
      { name: 'SyntaxError' },
    ],
  ])('%s', async (_caso, preguntarMal, esperado) => {
    abrir();
    expect(await falloDe(preguntarMal())).toMatchObject(esperado);
    expect(await falloDe(preguntar())).toBe('CONTESTADA');
  });

  it('a refusal to let somebody in', async () => {
    url = url.replace('postgres@', 'nadie@');
    abrir();
    expect(await falloDe(preguntar())).toMatchObject({ code: '28000' });
  });
});

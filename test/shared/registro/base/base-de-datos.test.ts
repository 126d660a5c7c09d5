/** The database of the register: opened, migrated, lost, found again. One file, since each that asks both databases starts a PostgreSQL. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect, PostgresDialect, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import { RateLimiterPostgres } from 'rate-limiter-flexible';
import { DOMINIOS, type BaseDeDatos } from '../../../../shared/registro/dominios.ts';
import { abrirRegistro } from '../../../../shared/registro/dominios.ts';
import {
  abrirParaLeer,
  abrirPool,
  type OrigenDeDatos,
} from '../../../../shared/registro/base/base-de-datos.ts';
import { BaseInalcanzable } from '../../../../shared/registro/base/base-inalcanzable.ts';
import { migracionesDe } from '../../../../shared/registro/base/base-de-datos.ts';
import { cifrarColumna } from '../../../../shared/registro/emision/filas/columnas-cifradas.ts';
import { createRegistro } from '../../../../shared/registro/emision/registro.ts';
import { createRegistroDeSoporte } from '../../../../shared/registro/emision/registro-de-soporte.ts';
import { startPostgres, type LocalPostgres } from '../../../../scripts/topology/postgres.ts';
import { createFakeMotor } from '../../../support/registro/fake-motor.ts';
import { CLAVES, entradaDePrueba, ORDEN, TABLAS } from '../../../support/registro/registro-de-prueba.ts';
import { GUARDA_CONFIADA } from '../../../support/registro/guarda-confiada.ts';

const ejecutar = promisify(execFile);
const MODULO = new URL('../../../../shared/registro/dominios.ts', import.meta.url).href;

/** Opens, migrates and closes in a process of its own. */
const abrirEnOtroProceso = (origen: { DATABASE_URL: string; DATA_DIR: string }) =>
  ejecutar(process.execPath, [
    '--input-type=module',
    '--eval',
    `import { abrirRegistro } from ${JSON.stringify(MODULO)};
     await (await abrirRegistro(${JSON.stringify(origen)})).destroy();`,
  ]);

const tablas = async (db: BaseDeDatos) => {
  const { rows } = await sql<{ table_name: string }>`
    select table_name from information_schema.tables where table_schema = 'public'`.execute(db);
  return rows.map(({ table_name }) => table_name);
};

const aplicadas = async (db: BaseDeDatos) => {
  const { rows } = await sql<{ name: string }>`select name, timestamp from kysely_migration`.execute(db);
  return rows;
};

/** The database as the version before left it, open; `conDatos` fills it with rows of its own. */
const abrirComoAntes = async ({ DATABASE_URL, DATA_DIR }: OrigenDeDatos, conDatos: string[]) => {
  const db: BaseDeDatos = new Kysely({
    dialect: DATABASE_URL
      ? new PostgresDialect({ pool: new pg.Pool({ connectionString: DATABASE_URL }) })
      : new PGliteDialect({ pglite: await PGlite.create(join(DATA_DIR, 'registro')) }),
  });
  const { error } = await new Migrator({ db, provider: migracionesDe(DOMINIOS) }).migrateTo('0001-inicial');
  if (error) throw new Error('the first migration failed', { cause: error });
  for (const codigo of conDatos) await insertarComoAntes(db, codigo);
  return db;
};

/** A failed and uncertain issuance, by the columns of the first migration. */
const insertarComoAntes = async (db: BaseDeDatos, codigo: string) => {
  const { cifrado } = CLAVES;
  const { solicitud, contexto, huellaSolicitud } = entradaDePrueba(codigo);
  await sql`insert into solicitudes (codigo, generacion, estado, run_id, huella_solicitud, huella_ciudadano, request_id,
      resultado_incierto, oficina, cuerpo, contexto, fallo_tipo, fallo_paso, fallo_detalles, registro_auditoria_id,
      aceptada_en, fecha_inicio, fecha_fin)
    values (${codigo}, 1, 'FALLIDO', 'R0', ${huellaSolicitud}, ${`ciudadano de ${codigo}`}, 'P0', true, 'OF-001',
      ${cifrarColumna(cifrado, solicitud, 'solicitudes.cuerpo', codigo)},
      ${cifrarColumna(cifrado, contexto, 'solicitudes.contexto', codigo)},
      'TIEMPO_PKI_AGOTADO', 2, null, ${randomUUID()}, now(), now(), now())`.execute(db);
  await sql`insert into pasos (codigo, generacion, paso, clave_idempotencia, estado, intentos, envios_sin_aclarar)
    values (${codigo}, 1, 1, ${randomUUID()}, 'COMPLETADO', 1, '[]'),
      (${codigo}, 1, 2, ${randomUUID()}, 'FALLIDO', 1, '["R0"]')`.execute(db);
};

const aceptarEn = (db: BaseDeDatos) =>
  createRegistro({
    db,
    claves: CLAVES,
    motor: createFakeMotor(),
    guarda: GUARDA_CONFIADA,
    adaptadorIdempotente: true,
  }).registrarSolicitud(entradaDePrueba(), 'R1');

describe('the database of the register', () => {
  let postgres: LocalPostgres;
  let carpeta: string;

  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres.stop());
  beforeEach(() => {
    carpeta = mkdtempSync(join(tmpdir(), 'base-'));
  });
  afterEach(() => {
    rmSync(carpeta, { recursive: true, force: true });
  });

  const origenes = {
    PGlite: () => Promise.resolve({ DATA_DIR: carpeta }),
    PostgreSQL: async () => ({ DATABASE_URL: await postgres.createDatabase(), DATA_DIR: carpeta }),
  };

  describe.each(['PGlite', 'PostgreSQL'] as const)('%s', (nombre) => {
    it('is migrated once, and what it holds is there at the next start', async () => {
      const origen = await origenes[nombre]();
      const primera = await abrirRegistro(origen);
      const migraciones = await aplicadas(primera);
      await aceptarEn(primera);
      await primera.destroy();

      const segunda = await abrirRegistro(origen);

      expect(await aplicadas(segunda)).toEqual(migraciones);
      expect(await tablas(segunda)).toEqual(expect.arrayContaining([...TABLAS]));
      expect(await segunda.selectFrom('solicitudes').select('codigo').execute()).toEqual([
        { codigo: 'SOL-1' },
      ]);
      await segunda.destroy();
    });

    it('takes over what the version before wrote, and support can work with it', async () => {
      const origen = await origenes[nombre]();
      await (await abrirComoAntes(origen, ['SOL-1'])).destroy();

      const db = await abrirRegistro(origen);

      const dependencias = {
        db,
        claves: CLAVES,
        motor: createFakeMotor(),
        guarda: GUARDA_CONFIADA,
        adaptadorIdempotente: true,
      };
      const registro = createRegistro(dependencias);
      const soporte = createRegistroDeSoporte(dependencias);
      expect(await registro.leer('SOL-1')).toMatchObject({
        resultadoIncierto: true,
        resolucion: null,
        reejecucionId: null,
        peticion: { solicitud: entradaDePrueba('SOL-1').solicitud },
      });
      await soporte.resolver('SOL-1', { ...ORDEN, decision: 'EMITIDO_DESCARTADO' });
      expect(await soporte.listar({}, null, 10)).toMatchObject([{ resolucion: 'EMITIDO_DESCARTADO' }]);
      expect(await soporte.listarPorRevocar(null, 10)).toHaveLength(1);
      await db.destroy();
    });

    it('takes what the version before goes on writing', async () => {
      const db = await abrirRegistro(await origenes[nombre]());

      await insertarComoAntes(db, 'SOL-1');

      expect(await db.selectFrom('solicitudes').select(['codigo', 'resolucion']).execute()).toEqual([
        { codigo: 'SOL-1', resolucion: null },
      ]);
      await db.destroy();
    });

    it('holds the counters of the limits in a table without a write-ahead log', async () => {
      const db = await abrirRegistro(await origenes[nombre]());

      const { rows } = await sql`select relpersistence from pg_class where relname = 'limites'`.execute(db);

      expect(rows).toEqual([{ relpersistence: 'u' }]);
      await db.destroy();
    });

    it('admits no two issuances of a citizen at once, nor an uncertain one that has not failed', async () => {
      const db = await abrirRegistro(await origenes[nombre]());
      await aceptarEn(db);

      await expect(
        sql`insert into solicitudes
            select (jsonb_populate_record(fila, '{"codigo": "SOL-2", "request_id": "otra"}')).*
            from solicitudes fila`.execute(db),
      ).rejects.toMatchObject({ constraint: 'un_ciudadano_a_la_vez' });
      await expect(
        db.updateTable('solicitudes').set({ resultado_incierto: true }).execute(),
      ).rejects.toMatchObject({ code: '23514' });
      await expect(db.updateTable('solicitudes').set({ estado: 'FALLIDO' }).execute()).rejects.toMatchObject({
        code: '23514',
      });
      await db.destroy();
    });
  });

  it('PostgreSQL is migrated once by processes that start at the same moment', async () => {
    const origen = await origenes.PostgreSQL();

    await Promise.all(Array.from({ length: 3 }, () => abrirEnOtroProceso(origen)));

    const db = await abrirRegistro(origen);
    expect((await aplicadas(db)).map(({ name }) => name)).toEqual(
      Object.keys(await migracionesDe(DOMINIOS).getMigrations()).sort(),
    );
    await db.destroy();
  });

  it('PostgreSQL counts in the table as rate-limiter-flexible wants it, which need make none', async () => {
    const DATABASE_URL = await postgres.createDatabase();
    const db = await abrirRegistro({ DATABASE_URL, DATA_DIR: carpeta });
    const pool = new pg.Pool({ connectionString: DATABASE_URL });
    const limite = () =>
      new RateLimiterPostgres({
        storeClient: pool,
        tableName: 'limites',
        tableCreated: true,
        clearExpiredByTimeout: false,
        points: 2,
        duration: 60,
      });

    await limite().consume('cliente');
    await limite().consume('cliente');

    // Another replica's limiter counts on.
    await expect(limite().consume('cliente')).rejects.toMatchObject({
      consumedPoints: 3,
      remainingPoints: 0,
    });
    await expect(limite().consume('otro')).resolves.toMatchObject({ consumedPoints: 1, remainingPoints: 1 });
    await Promise.all([pool.end(), db.destroy()]);
  });

  it('says that it could not be migrated, and why', async () => {
    const DATABASE_URL = await postgres.createDatabase();
    const db = await abrirRegistro({ DATABASE_URL, DATA_DIR: carpeta });
    await sql`update kysely_migration set name = '9999-de-otra-version'
      where name = '0002-soporte'`.execute(db);
    await db.destroy();

    await expect(abrirRegistro({ DATABASE_URL, DATA_DIR: carpeta })).rejects.toMatchObject({
      message: 'The register could not be migrated',
      cause: { message: expect.stringContaining('9999-de-otra-version') as unknown },
    });
  });

  it('goes on after the server closed its connections', async () => {
    const DATABASE_URL = await postgres.createDatabase();
    const db = await abrirRegistro({ DATABASE_URL, DATA_DIR: carpeta });
    const admin = await abrirRegistro({ DATABASE_URL, DATA_DIR: carpeta });
    const preguntar = () => sql`select 1`.execute(db);
    await preguntar();

    await sql`select pg_terminate_backend(pid, 5000) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`.execute(admin);

    // The pool may hand out a connection before it hears that it is gone: that call fails, the next one does not.
    await preguntar().catch(() => undefined);
    await expect(preguntar()).resolves.toMatchObject({ rows: [expect.anything()] });
    await Promise.all([db.destroy(), admin.destroy()]);
  });

  it('frees the rows of a process that stands still within a transaction', async () => {
    const url = await postgres.createDatabase();
    const [dormido, otro] = [1_500, 20_000].map((sentenciaMs) =>
      abrirPool(url, { conexiones: 1, conexionMs: 5_000, sentenciaMs }),
    ) as [pg.Pool, pg.Pool];
    await otro.query('create table filas (codigo text primary key)');
    await otro.query(`insert into filas values ('SOL-1')`);
    const cliente = await dormido.connect();
    await cliente.query('begin');
    await cliente.query('select from filas for update');

    await expect(otro.query('delete from filas')).resolves.toMatchObject({ rowCount: 1 });

    cliente.release(true);
    await Promise.all([dormido.end(), otro.end()]);
  });

  describe('that cannot be reached is told by where it was looked for, what is wrong and what to do', () => {
    const mudo = createServer(() => undefined);
    beforeAll(async () => {
      await once(mudo.listen(0, '127.0.0.1'), 'listening');
    });
    afterAll(() => mudo.close());

    it.each<[string, () => string, RegExp]>([
      [
        'where nothing listens',
        () => 'postgres://nadie:secreta@127.0.0.1:1/nada',
        /^DATABASE_URL: PostgreSQL at 127\.0\.0\.1:1\/nada cannot be used \(.*ECONNREFUSED.*Start PostgreSQL/,
      ],
      [
        'by a name with several addresses',
        () => 'postgres://nadie:secreta@localhost:1/nada',
        /at localhost:1\/nada cannot be used \(.*ECONNREFUSED.*Start PostgreSQL/,
      ],
      [
        'at a machine that nobody knows',
        () => 'postgres://nadie:secreta@no.existe.invalid/nada',
        /at no\.existe\.invalid:5432\/nada .*Correct (the host|it)/,
      ],
      [
        'that does not exist',
        () => postgres.url.replace('postgres@', 'postgres:secreta@').replace(/postgres$/, 'nohay'),
        /:\d+\/nohay cannot be used \(database "nohay" does not exist\): .*Create it/,
      ],
      [
        'for a user whom the server does not know',
        () => postgres.url.replace('postgres@', 'nadie:secreta@'),
        /\(role "nadie" does not exist\): it does not let this user in/,
      ],
      [
        'where nobody answers',
        () => `postgres://nadie:secreta@127.0.0.1:${(mudo.address() as AddressInfo).port}/nada`,
        /nothing answers there/,
      ],
    ])('%s', async (_, url, dicho) => {
      const origen = { DATABASE_URL: url(), DATA_DIR: carpeta };

      const errores = await Promise.all(
        [abrirRegistro, abrirParaLeer].map((abrir) =>
          abrir(origen).then(
            () => null,
            (error: unknown) => error,
          ),
        ),
      );

      for (const error of errores) {
        expect(error).toBeInstanceOf(BaseInalcanzable);
        expect((error as Error).message).toMatch(dicho);
        expect((error as Error).message).not.toContain('secreta');
      }
    });
  });
});

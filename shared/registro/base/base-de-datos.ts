/** Opens the register's database: PostgreSQL by DATABASE_URL, else PGlite in a folder of one process. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect, PostgresDialect, sql, type KyselyConfig } from 'kysely';
import { Migrator, type MigrationProvider } from 'kysely/migration';
import pg from 'pg';
import { exigirDistintos } from '../../nucleo/sin-repetir.ts';
import { cerrarAOtros } from '../../runtime/privado.ts';
import { BaseInalcanzable } from './base-inalcanzable.ts';
import { conexionesQueAvisan } from './conexiones.ts';
import type { DominioDelRegistro } from './dominio.ts';
import type { EsquemaBase } from './esquema.ts';
import type { MetricasDeLaBase } from './metricas-de-la-base.ts';
import { leerSentencia } from './sentencia.ts';
import { anotarTramoDeSentencia } from './tramo-de-sentencia.ts';

interface LimitesDePool {
  conexiones: number;
  /** PostgreSQL answers within these or the call fails; 0: no bound. */
  conexionMs: number;
  sentenciaMs: number;
}

/**
 * A POST must not hang on a lost database. Connections: enough for the local activities and reads of one process;
 * PostgreSQL's default allows 100 in all.
 */
const DEL_REGISTRO: LimitesDePool = { conexiones: 10, conexionMs: 5_000, sentenciaMs: 10_000 };

export interface OrigenDeDatos {
  DATABASE_URL?: string | undefined;
  DATA_DIR: string;
}

/** For migrations and readings of whole tables, which take their time. */
const SIN_LIMITE: LimitesDePool = { conexiones: 1, conexionMs: 5_000, sentenciaMs: 0 };

/**
 * Opens and migrates. The caller ends it with `db.destroy()`.
 * @typeParam E the tables of these domains
 * @param comprobar what must hold of the migrated database before anybody works with it; it may take its time
 * @param metricas absent: nothing is measured, and nothing traced
 * @throws BaseInalcanzable; what `comprobar` throws
 */
export async function abrirBaseDeDatos<E extends EsquemaBase>(
  { DATABASE_URL, DATA_DIR }: OrigenDeDatos,
  dominios: readonly DominioDelRegistro[],
  comprobar: (db: Kysely<E>) => Promise<void> = () => Promise.resolve(),
  metricas?: MetricasDeLaBase,
): Promise<Kysely<E>> {
  const preparar = async (db: Kysely<E>) => {
    await migrar(db, dominios);
    await comprobar(db);
  };
  if (!DATABASE_URL) {
    const db = await conectarPglite<E>(DATA_DIR, metricas);
    await preparar(db).catch(async (error: unknown) => {
      await db.destroy();
      throw error;
    });
    return db;
  }
  const conTiempo = await conectarYa<E>(DATABASE_URL);
  await preparar(conTiempo).finally(() => conTiempo.destroy());
  return conectar(DATABASE_URL, DEL_REGISTRO, metricas);
}

/**
 * For a reading of the whole register; it migrates nothing. The caller ends it with `db.destroy()`.
 * @throws BaseInalcanzable
 */
export async function abrirParaLeer<E extends EsquemaBase>({
  DATABASE_URL,
  DATA_DIR,
}: OrigenDeDatos): Promise<Kysely<E>> {
  return DATABASE_URL ? conectarYa(DATABASE_URL) : conectarPglite(DATA_DIR);
}

async function conectarPglite<E>(carpeta: string, metricas?: MetricasDeLaBase): Promise<Kysely<E>> {
  return new Kysely<E>({
    dialect: new PGliteDialect({ pglite: await abrirPglite(carpeta) }),
    ...conMedida(metricas),
  });
}

function conectar<E>(url: string, limites: LimitesDePool, metricas?: MetricasDeLaBase): Kysely<E> {
  const pool = abrirPool(url, limites);
  metricas?.pool(() => ({ abiertas: pool.totalCount, libres: pool.idleCount, enEspera: pool.waitingCount }));
  return new Kysely<E>({
    dialect: new PostgresDialect({ pool: conexionesQueAvisan(pool, limites, metricas) }),
    ...conMedida(metricas),
  });
}

function conMedida(metricas: MetricasDeLaBase | undefined): Pick<KyselyConfig, 'log'> {
  if (!metricas) return {};
  return {
    log: ({ level, query, queryDurationMillis }) => {
      const resultado = level === 'query' ? 'RESPONDIDA' : 'FALLIDA';
      const sentencia = leerSentencia(query.sql);
      metricas.sentencia(sentencia.operacion, queryDurationMillis, resultado);
      anotarTramoDeSentencia(sentencia, queryDurationMillis, resultado);
    },
  };
}

/**
 * Connects at once, so that a wrong address is told as such, and not by whatever query comes first.
 * @throws BaseInalcanzable
 */
async function conectarYa<E>(url: string): Promise<Kysely<E>> {
  const db = conectar<E>(url, SIN_LIMITE);
  try {
    await sql`select 1`.execute(db);
    return db;
  } catch (cause) {
    await db.destroy();
    throw new BaseInalcanzable(url, cause);
  }
}

export function migracionesDe(dominios: readonly DominioDelRegistro[]): MigrationProvider {
  const todas = dominios.flatMap(({ migraciones }) => Object.entries(migraciones));
  exigirDistintos(
    'migrations',
    todas.map(([nombre]) => nombre),
  );
  return { getMigrations: () => Promise.resolve(Object.fromEntries(todas)) };
}

/**
 * Each migration has a transaction of its own: a single one would hold the locks of the first while the next waits for
 * those of a version that runs. Where a later version has added migrations and none of ours is missing, we fit beside it.
 * One series of numbers runs through all domains, but a database may have the fourth of one before the third of another.
 */
async function migrar<E>(db: Kysely<E>, dominios: readonly DominioDelRegistro[]): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: migracionesDe(dominios),
    allowUnorderedMigrations: true,
  });
  while ((await migrator.getMigrations()).some(({ executedAt }) => executedAt === undefined)) {
    const { error } = await migrator.migrateUp();
    if (error) throw new Error('The register could not be migrated', { cause: error });
  }
}

/** The caller ends it with `pool.end()`. */
export function abrirPool(
  connectionString: string,
  { conexiones, conexionMs, sentenciaMs }: LimitesDePool,
): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max: conexiones,
    connectionTimeoutMillis: conexionMs,
    statement_timeout: sentenciaMs,
    query_timeout: sentenciaMs,
    // A process that stands still within a transaction (frozen, or beyond a network that is gone) must not keep its rows.
    idle_in_transaction_session_timeout: sentenciaMs,
  });
  // An idle connection that the server closes is replaced at its next use; without a listener it would end the process.
  pool.on('error', () => undefined);
  // The pool does not listen on a connection in use either: a server that restarts would end the process.
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
  return pool;
}

async function abrirPglite(carpeta: string): Promise<PGlite> {
  const datos = join(carpeta, 'registro');
  mkdirSync(datos, { recursive: true, mode: 0o700 });
  const pglite = await PGlite.create(datos);
  // A new PGlite unpacks its files with the rights that they were packed with, which no umask narrows.
  cerrarAOtros(datos);
  return pglite;
}

/** Opens the register's database: PostgreSQL by DATABASE_URL, else PGlite in a folder of one process. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect, PostgresDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import type { Esquema } from './esquema.ts';
import { migraciones } from './migraciones.ts';

export type BaseDeDatos = Kysely<Esquema>;

interface LimitesDePool {
  conexiones: number;
  /** PostgreSQL answers within these or the call fails. */
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

/** Opens and migrates. The caller ends it with `db.destroy()`. */
export async function abrirBaseDeDatos(origen: OrigenDeDatos): Promise<BaseDeDatos> {
  const db = new Kysely<Esquema>({
    dialect: origen.DATABASE_URL
      ? new PostgresDialect({ pool: abrirPool(origen.DATABASE_URL) })
      : new PGliteDialect({ pglite: await abrirPglite(origen.DATA_DIR) }),
  });
  const { error } = await new Migrator({ db, provider: migraciones }).migrateToLatest();
  if (error) {
    await db.destroy();
    throw new Error('The register could not be migrated', { cause: error });
  }
  return db;
}

/** The caller ends it with `pool.end()`. */
export function abrirPool(
  connectionString: string,
  { conexiones, conexionMs, sentenciaMs }: LimitesDePool = DEL_REGISTRO,
): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max: conexiones,
    connectionTimeoutMillis: conexionMs,
    statement_timeout: sentenciaMs,
    query_timeout: sentenciaMs,
  });
  // An idle connection that the server closes is replaced at its next use; without a listener it would end the process.
  pool.on('error', () => undefined);
  // Nor has one in use any listener of the pool's: a server that restarts would end the process.
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
  return pool;
}

function abrirPglite(carpeta: string): Promise<PGlite> {
  const datos = join(carpeta, 'registro');
  mkdirSync(datos, { recursive: true });
  return PGlite.create(datos);
}

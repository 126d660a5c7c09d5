/** What the register's database is measured by, on both. */
import { sql, type Kysely } from 'kysely';
import { Registry } from 'prom-client';
import { createMetricasDeLaBase } from '../../../../shared/registro/base/metricas-de-la-base.ts';
import { abrirRegistro } from '../../../../shared/registro/dominios.ts';
import type { Esquema } from '../../../../shared/registro/dominios.ts';
import { temporaryFolder } from '../../../support/procesos/temporary-folder.ts';
import { startPostgres } from '../../../../scripts/topology/postgres.ts';

async function medido(DATABASE_URL?: string): Promise<{ db: Kysely<Esquema>; texto: () => Promise<string> }> {
  const coleccion = new Registry();
  const origen = { DATABASE_URL, DATA_DIR: temporaryFolder() };
  const db = await abrirRegistro(origen, undefined, createMetricasDeLaBase(coleccion));
  return { db, texto: () => coleccion.metrics() };
}

const LEIDA = 'register_statement_duration_seconds_count{operacion="leer",resultado="RESPONDIDA"} 1';
const NEGADA = 'register_statement_duration_seconds_count{operacion="leer",resultado="FALLIDA"} 1';

it('PGlite’s statements are measured', async () => {
  const { db, texto } = await medido();
  const antes = await texto();
  await sql`select 1`.execute(db);
  await sql`select no_hay`.execute(db).catch(() => undefined);

  expect(antes).not.toContain(LEIDA);
  expect(await texto()).toContain(NEGADA);
  await db.destroy();
});

it('PostgreSQL’s statements are measured, and its pool by who uses it and who waits', async () => {
  const postgres = await startPostgres();
  const { db, texto } = await medido(postgres.url);
  await sql`select 1`.execute(db);
  await sql`select no_hay`.execute(db).catch(() => undefined);
  for (const linea of [LEIDA, NEGADA]) expect(await texto()).toContain(linea);
  expect(await texto()).toContain('register_pool_connections{estado="LIBRE"} 1');

  let durante = '';
  await db.transaction().execute(async () => {
    durante = await texto();
  });

  expect(durante).toContain('register_pool_connections{estado="EN_USO"} 1');
  expect(durante).toMatch(/register_connection_wait_seconds_count [1-9]/);
  await db.destroy();
  await postgres.stop();
}, 60_000);

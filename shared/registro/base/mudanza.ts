/** The move of the register to another Temporal: an operator's order, and what the audit log tells of it (ADR 41). */
import { setTimeout as pausa } from 'node:timers/promises';
import { sql } from 'kysely';
import { z } from 'zod';
import { anotarEntrada, COLUMNAS_DE_HOJA, REGISTRADA } from '../../bitacora/entrada.ts';
import { esDelServicio } from '../../bitacora/verificacion/verificacion-de-datos.ts';
import type { Hallazgo } from '../../bitacora/contrato.ts';
import type { IdentidadDeTemporal } from '../../motor/identidad.ts';
import type { Claves } from '../../runtime/claves/claves.ts';
import type { DbBase, LectorBase, TxBase } from './esquema.ts';

/** The Temporal that the register works with. */
interface TemporalRecordado {
  clusterId: string | null;
  /** Null where the next one that is seen is to be remembered. */
  namespaceId: string | null;
  /** When it was remembered, or the register moved to it. */
  desde: Date;
}

/** Null where none was seen yet. */
export async function leerTemporal(db: LectorBase): Promise<TemporalRecordado | null> {
  const fila = await db.selectFrom('temporal_del_registro').selectAll().executeTakeFirst();
  return fila ? { clusterId: fila.cluster_id, namespaceId: fila.namespace_id, desde: fila.desde } : null;
}

const DOMINIO_DE_LA_ENTRADA = 'registro';
const CODIGO_DE_LA_ENTRADA = 'temporal';

export interface Mudanza {
  quien: string;
  /** Without personal data of citizens. */
  motivo: string;
}

/** No transaction of the service takes so long: the database ends what waits within one. */
const TRANSACCION_MAXIMA_MS = 60_000;
const ENTRE_MIRADAS_MS = 200;

/**
 * An operator moves the register to another Temporal. Reconciliation settles what is open here and unknown there. It ends
 * when what had begun before has ended: that may have looked where the register stands before it moved, and write after.
 * @param hacia null: whichever is seen next
 * @returns the server's processes whose transactions, begun before, are still open when the time is over
 */
export async function mudarTemporal(
  db: DbBase,
  claves: Claves,
  hacia: IdentidadDeTemporal | null,
  { quien, motivo }: Mudanza,
  esperaMs = TRANSACCION_MAXIMA_MS,
): Promise<number[]> {
  await db.transaction().execute(async (tx) => {
    const anterior = await leerTemporal(tx);
    const desde = anterior && { clusterId: anterior.clusterId, namespaceId: anterior.namespaceId };
    const columnas = { cluster_id: hacia?.clusterId ?? null, namespace_id: hacia?.namespaceId ?? null };
    await tx
      .insertInto('temporal_del_registro')
      .values(columnas)
      .onConflict((conflicto) => conflicto.column('unica').doUpdateSet({ ...columnas, desde: sql`now()` }))
      .execute();
    await anotarMudanza(tx, claves, { desde, hacia }, { solicitadaPor: quien, motivo });
  });
  // As text: a Date has no microseconds.
  const { rows } = await sql<{ mudado: string }>`select clock_timestamp()::text as mudado`.execute(db);
  const limite = performance.now() + esperaMs;
  for (;;) {
    const abiertas = rows[0] ? await transaccionesDeAntes(db, rows[0].mudado) : [];
    if (abiertas.length === 0 || performance.now() >= limite) return abiertas;
    await pausa(ENTRE_MIRADAS_MS);
  }
}

/** Of this database, by others; what only reads, a backup too, cannot be told apart. */
async function transaccionesDeAntes(db: DbBase, momento: string): Promise<number[]> {
  const { rows } = await sql<{ pid: number }>`select pid from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and xact_start <= ${momento}::timestamptz
    order by pid`.execute(db);
  return rows.map(({ pid }) => pid);
}

/** The last move that the audit log tells of; null where it tells of none. */
export async function leerMudanza(db: LectorBase, claves: Claves | null): Promise<{ hacia: unknown } | null> {
  const entradas = await db
    .selectFrom('bitacora')
    .select([...COLUMNAS_DE_HOJA, REGISTRADA, 'indice', 'sello'])
    .where('dominio', '=', DOMINIO_DE_LA_ENTRADA)
    .where('codigo', '=', CODIGO_DE_LA_ENTRADA)
    .where('evento', '=', 'TEMPORAL_MUDADO')
    .orderBy('registrada_en')
    .execute();
  const ultima = entradas.findLast((entrada) => esDelServicio(claves, entrada));
  return ultima ? { hacia: (ultima.contenido as { hacia?: unknown } | null)?.hacia } : null;
}

export function esOrdenDeRecordar(mudanza: { hacia: unknown } | null): boolean {
  return mudanza !== null && mudanza.hacia === null;
}

/** Finds where the register remembers another Temporal than the one that it was moved to by the audit log. */
export async function* compararTemporal(db: DbBase, claves: Claves | null): AsyncGenerator<Hallazgo> {
  const { guardada, mudanza } = await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => ({ guardada: await leerTemporal(tx), mudanza: await leerMudanza(tx, claves) }));
  if (!guardada || esOrdenDeRecordar(mudanza)) return;
  const anotada = MUDADO_A.safeParse(mudanza?.hacia).data;
  const esElAnotado = anotada
    ? guardada.namespaceId === anotada.namespaceId && guardada.clusterId === anotada.clusterId
    : guardada.namespaceId !== null;
  if (!esElAnotado)
    yield {
      epoca: null,
      indice: null,
      id: null,
      falta: 'El Temporal que el registro recuerda no es el que la bitácora anotó: nadie mandó mudarlo.',
    };
}

const MUDADO_A = z.object({ clusterId: z.string().nullable(), namespaceId: z.string() });

export function anotarMudanza(
  tx: TxBase,
  claves: Claves,
  contenido: { desde: unknown; hacia: IdentidadDeTemporal | null },
  personal?: { solicitadaPor: string; motivo: string },
): Promise<string> {
  return anotarEntrada(tx, claves, {
    dominio: DOMINIO_DE_LA_ENTRADA,
    codigo: CODIGO_DE_LA_ENTRADA,
    generacion: null,
    runId: null,
    evento: 'TEMPORAL_MUDADO',
    contenido,
    personal,
  });
}

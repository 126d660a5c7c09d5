/** A version that knows no clients goes on beside it: what it accepts has none, and is read by clients that may read all. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const cliente: Migration = {
  async up(db: Kysely<unknown>) {
    const sentencias = [
      // cliente: keyed hash of the client that sent the request. Column and index may have been made by hand before,
      // concurrently.
      sql`alter table solicitudes add column if not exists cliente text`,
      sql`create index if not exists solicitudes_por_cliente on solicitudes (cliente, aceptada_en, codigo)
        where cliente is not null`,
      // How many each client has open.
      sql`create index if not exists solicitudes_en_proceso on solicitudes (cliente) where estado = 'EN_PROCESO'`,
    ];
    for (const sentencia of sentencias) await sentencia.execute(db);
  },
};

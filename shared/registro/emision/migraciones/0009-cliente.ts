/** A version that knows no owner goes on beside it: what it accepts has none, and is read by who may read all. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const cliente: Migration = {
  async up(db: Kysely<unknown>) {
    const sentencias = [
      // cliente: keyed hash of the client that sent the request. Either may have been made by hand, concurrently.
      sql`alter table solicitudes add column if not exists cliente text`,
      sql`create index if not exists solicitudes_por_cliente on solicitudes (cliente, aceptada_en, codigo)
        where cliente is not null`,
      // How many each client has open.
      sql`create index if not exists solicitudes_en_proceso on solicitudes (cliente) where estado = 'EN_PROCESO'`,
    ];
    for (const sentencia of sentencias) await sentencia.execute(db);
  },
};

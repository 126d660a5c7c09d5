/** A version that knows no such column goes on beside it: of its probes it is not told which issuance makes them. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const circuitoAPrueba: Migration = {
  async up(db: Kysely<unknown>) {
    // a_prueba_con: the codigo whose call probes the endpoint.
    await sql`alter table circuitos add column if not exists a_prueba_con text`.execute(db);
  },
};

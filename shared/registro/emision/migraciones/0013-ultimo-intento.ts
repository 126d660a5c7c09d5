/** A version that knows no such columns goes on beside it: of its attempts it is not told how they failed. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const ultimoIntento: Migration = {
  async up(db: Kysely<unknown>) {
    // ultimo_fallo: how the last attempt of the step failed, by its key in the table of failures; proximo_intento: when
    // another is due, which a circuit may hold back. Both are of a step EN_PROCESO alone.
    await sql`alter table pasos
      add column if not exists ultimo_fallo text,
      add column if not exists proximo_intento timestamptz`.execute(db);
  },
};

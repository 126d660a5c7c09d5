/** What a request brought about is found by its X-Correlation-ID, which the entries of the audit log that it led to tell. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const correlacion: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`create index if not exists bitacora_por_correlacion
      on bitacora (lower(contenido ->> 'correlationId'), registrada_en)
      where contenido ->> 'correlationId' is not null`.execute(db);
  },
};

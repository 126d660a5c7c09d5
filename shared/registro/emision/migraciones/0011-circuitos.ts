/** A version that knows no such table goes on beside it, and tells nobody of its circuits. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const circuitos: Migration = {
  async up(db: Kysely<unknown>) {
    // trabajador: a worker's process. descansa_hasta: until then it asks nothing of the endpoint. visto_en: a row that is
    // old is of a worker that is gone. No record of anything: a worker that runs writes its rows again.
    await sql`create table circuitos (
      trabajador uuid not null,
      paso smallint not null check (paso in (1, 2)),
      estado text not null check (estado in ('CERRADO', 'ABIERTO', 'A_PRUEBA')),
      descansa_hasta timestamptz not null,
      visto_en timestamptz not null,
      primary key (trabajador, paso)
    )`.execute(db);
  },
};

/** A version that knows only the tables before this one goes on beside it, and compares no key. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const procedencia: Migration = {
  async up(db: Kysely<unknown>) {
    const sentencias = [
      // What tells the keys of this register from all others. clave: id in the ring, public key that signs the log, or ''.
      // en_uso: something may stand under it. recifrada_en: `npm run recifrar` found nothing there, and since then no
      // process has begun that encrypts with it.
      sql`create table claves_del_registro (
        variable text not null check (variable in ('CLAVES_CIFRADO', 'CLAVE_HUELLA', 'BITACORA_CLAVE_FIRMA')),
        clave text not null,
        comprobacion text not null,
        en_uso boolean not null default true,
        recifrada_en timestamptz,
        registrada_en timestamptz not null default now(),
        primary key (variable, clave)
      )`,
      // The Temporal that holds this register's runs. namespace_id is null where an operator moves to the next one seen;
      // cluster_id where the server does not tell it.
      sql`create table temporal_del_registro (
        unica boolean primary key default true check (unica),
        cluster_id text,
        namespace_id text,
        desde timestamptz not null default now()
      )`,
    ];
    for (const sentencia of sentencias) await sentencia.execute(db);
  },
};

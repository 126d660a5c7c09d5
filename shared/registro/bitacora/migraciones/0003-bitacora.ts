/** A version that knows only the tables before this one goes on appending entries: each gets its place later. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const arbolDeBitacora: Migration = {
  async up(db: Kysely<unknown>) {
    const sentencias = [
      // dominio: whose entry it is. epoca, indice: its place in the tree, which the sequencer gives it.
      sql`alter table bitacora
        add column dominio text not null default 'emision',
        add column epoca integer,
        add column indice bigint,
        alter column generacion drop not null,
        alter column run_id drop not null`,
      sql`create unique index bitacora_por_lugar on bitacora (epoca, indice)`,
      sql`create index bitacora_sin_lugar on bitacora (registrada_en, id) where indice is null`,
      sql`create table bitacora_epocas (epoca integer primary key)`,
      // Complete subtrees (RFC 6962): 2 ** nivel leaves from leaf posicion * 2 ** nivel.
      sql`create table bitacora_nodos (
        epoca integer not null references bitacora_epocas (epoca),
        nivel smallint not null,
        posicion bigint not null,
        resumen bytea not null,
        primary key (epoca, nivel, posicion)
      )`,
      sql`create table bitacora_puntos (
        epoca integer not null references bitacora_epocas (epoca),
        tamano bigint not null,
        nota text not null,
        primary key (epoca, tamano)
      )`,
      // The largest tree of each epoch that each witness has seen, and what it signed of that.
      sql`create table bitacora_testigos (
        testigo text not null,
        epoca integer not null,
        tamano bigint not null,
        cofirmas text not null,
        primary key (testigo, epoca)
      )`,
      // This guards against mistakes; the tree guards against intent. What a leaf is made of never changes, nor a place
      // once given.
      sql`create function bitacora_solo_crece() returns trigger language plpgsql as $$
        begin
          if tg_op = 'DELETE' then raise exception 'the audit log only grows'; end if;
          if (new.id, new.dominio, new.codigo, new.generacion, new.run_id, new.evento, new.contenido,
              new.compromiso, new.registrada_en)
            is distinct from
             (old.id, old.dominio, old.codigo, old.generacion, old.run_id, old.evento, old.contenido,
              old.compromiso, old.registrada_en)
            or (old.indice is not null and (new.epoca, new.indice) is distinct from (old.epoca, old.indice))
          then raise exception 'an entry of the audit log does not change'; end if;
          return new;
        end $$`,
      sql`create trigger bitacora_solo_crece before update or delete on bitacora
        for each row execute function bitacora_solo_crece()`,
    ];
    for (const sentencia of sentencias) await sentencia.execute(db);
  },
};

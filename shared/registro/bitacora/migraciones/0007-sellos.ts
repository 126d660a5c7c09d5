/** A version that knows no seals goes on appending entries without: `npm run bitacora -- adoptar` takes them over. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const sellos: Migration = {
  async up(db: Kysely<unknown>) {
    const sentencias = [
      // sello: keyed hash of the entry's leaf, written with it under a key that is not here (ADR 40).
      sql`alter table bitacora add column sello text`,
      // As before, and a seal that was set stays.
      sql`create or replace function bitacora_solo_crece() returns trigger language plpgsql as $$
        begin
          if tg_op = 'DELETE' then raise exception 'the audit log only grows'; end if;
          if (new.id, new.dominio, new.codigo, new.generacion, new.run_id, new.evento, new.contenido,
              new.compromiso, new.registrada_en)
            is distinct from
             (old.id, old.dominio, old.codigo, old.generacion, old.run_id, old.evento, old.contenido,
              old.compromiso, old.registrada_en)
            or (old.indice is not null and (new.epoca, new.indice) is distinct from (old.epoca, old.indice))
            or (old.sello is not null and new.sello is distinct from old.sello)
          then raise exception 'an entry of the audit log does not change'; end if;
          return new;
        end $$`,
    ];
    for (const sentencia of sentencias) await sentencia.execute(db);
  },
};

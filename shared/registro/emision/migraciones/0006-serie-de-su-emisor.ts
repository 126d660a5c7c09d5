/**
 * A serial number is unique within its issuer. A version that knows no issuer goes on beside it: its certificates count
 * as any issuer's, as before, until theirs is looked up (emisores.ts).
 */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const serieDeSuEmisor: Migration = {
  async up(db: Kysely<unknown>) {
    const sentencias = [
      // SHA-256 of the issuer's name, in the form in which names are compared.
      sql`alter table certificados add column if not exists huella_emisor text`,
      sql`create unique index if not exists serie_unica_por_emisor
        on certificados (numero_serie, coalesce(huella_emisor, ''))`,
      sql`create function certificados_serie_unica() returns trigger language plpgsql as $$
        begin
          perform pg_advisory_xact_lock(hashtext('certificados.numero_serie'), hashtext(new.numero_serie));
          if exists (
            select 1 from certificados
            where numero_serie = new.numero_serie
              and (huella_emisor is null or new.huella_emisor is null or huella_emisor = new.huella_emisor)
          ) then
            raise exception 'another certificate of this issuer has the serial number'
              using errcode = 'unique_violation', constraint = 'serie_unica', table = 'certificados';
          end if;
          return new;
        end $$`,
      sql`create trigger certificados_serie_unica before insert on certificados
        for each row execute function certificados_serie_unica()`,
      sql`alter table certificados drop constraint serie_unica`,
    ];
    for (const sentencia of sentencias) await sentencia.execute(db);
  },
};

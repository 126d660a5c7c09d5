/** A version that knows only the tables before this one goes on beside it: what is new may stay null. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const soporte: Migration = {
  async up(db: Kysely<unknown>) {
    const sentencias = [
      // resolucion: what support decided of an uncertain outcome, until a later run goes on.
      // reejecucion_id: the bulk re-run whose order the last run carries out.
      sql`alter table solicitudes
        add column resolucion text check (resolucion in ('NO_EMITIDO', 'EMITIDO_DESCARTADO')),
        add column reejecucion_id uuid`,
      // Lists: from the newest acceptance to the oldest, of one state, of one failure, of one citizen.
      sql`create index solicitudes_por_aceptacion on solicitudes (aceptada_en, codigo)`,
      sql`create index solicitudes_por_estado on solicitudes (estado, aceptada_en, codigo)`,
      sql`create index solicitudes_fallidas on solicitudes (fallo_tipo, aceptada_en, codigo)
        where estado = 'FALLIDO'`,
      sql`create index solicitudes_por_ciudadano on solicitudes (huella_ciudadano, aceptada_en, codigo)`,
      // What a discarded generation may have left at the PKI. clave: the Idempotency-Key of its step 2.
      sql`create table por_revocar (
        codigo text not null references solicitudes (codigo),
        generacion integer not null,
        causa text not null check (causa in ('NUEVA_EMISION', 'EMITIDO_DESCARTADO')),
        clave uuid not null,
        solicitud_pki_id text,
        series jsonb not null,
        registrada_en timestamptz not null,
        primary key (codigo, generacion)
      )`,
      sql`create index por_revocar_por_fecha on por_revocar (registrada_en, codigo)`,
      // Bulk re-runs, and how each codigo of one stands; a codigo may be unknown. orden: why and who, encrypted.
      sql`create table reejecuciones (
        id uuid primary key,
        orden bytea not null,
        creada_en timestamptz not null,
        terminada_en timestamptz
      )`,
      sql`create table reejecuciones_lineas (
        reejecucion_id uuid not null references reejecuciones (id),
        posicion integer not null,
        codigo text not null,
        estado text not null
          check (estado in ('PENDIENTE', 'EN_PROCESO', 'COMPLETADO', 'FALLIDO', 'OMITIDO')),
        fallo text,
        primary key (reejecucion_id, codigo)
      )`,
      // Counters of the rate limits, as rate-limiter-flexible wants them; worth no write-ahead log: a crash empties them.
      sql`create unlogged table limites (
        key varchar(255) primary key,
        points integer not null default 0,
        expire bigint
      )`,
    ];
    for (const sentencia of sentencias) await sentencia.execute(db);
  },
};

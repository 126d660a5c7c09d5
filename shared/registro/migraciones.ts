/** The schema, for PostgreSQL and PGlite alike. A migration that has landed never changes: add the next one. */
import { sql, type Kysely } from 'kysely';
import type { Migration, MigrationProvider } from 'kysely/migration';

const inicial: Migration = {
  async up(db: Kysely<unknown>) {
    const sentencias = [
      // One row a codigo: the record of its issuance. Personal data only in the encrypted columns (bytea).
      sql`create table solicitudes (
        codigo text primary key,
        generacion integer not null,
        estado text not null check (estado in ('EN_PROCESO', 'COMPLETADO', 'FALLIDO')),
        run_id text not null,
        huella_solicitud text not null,
        huella_ciudadano text not null,
        request_id text not null,
        resultado_incierto boolean not null,
        oficina text not null,
        cuerpo bytea not null,
        contexto bytea not null,
        fallo_tipo text,
        fallo_paso smallint,
        fallo_detalles bytea,
        registro_auditoria_id uuid not null,
        aceptada_en timestamptz not null,
        fecha_inicio timestamptz not null,
        fecha_fin timestamptz,
        check ((estado = 'FALLIDO') = (fallo_tipo is not null)),
        check (not resultado_incierto or estado = 'FALLIDO')
      )`,
      // The citizen's lock: held while EN_PROCESO or uncertain.
      sql`create unique index un_ciudadano_a_la_vez on solicitudes (huella_ciudadano)
        where estado = 'EN_PROCESO' or resultado_incierto`,
      // A running request's X-Request-ID names one body.
      sql`create unique index una_peticion_en_proceso on solicitudes (request_id) where estado = 'EN_PROCESO'`,
      // What was meant (key) and sent (intentos) at each step and generation; envios_sin_aclarar: the run of each send
      // of which nobody knows what became.
      sql`create table pasos (
        codigo text not null references solicitudes (codigo),
        generacion integer not null,
        paso smallint not null check (paso in (1, 2)),
        clave_idempotencia uuid not null,
        estado text not null check (estado in ('PENDIENTE', 'EN_PROCESO', 'COMPLETADO', 'FALLIDO')),
        fecha_inicio timestamptz,
        fecha_fin timestamptz,
        intentos integer not null default 0,
        envios_sin_aclarar jsonb not null,
        solicitud_pki_id text,
        numeros_solicitud jsonb,
        primary key (codigo, generacion, paso)
      )`,
      // What step 2 answered, from the moment it is known until it is released; a set that does not conform stays here.
      sql`create table recibidos (
        codigo text not null references solicitudes (codigo),
        generacion integer not null,
        contenido bytea not null,
        conforme boolean,
        faltas bytea,
        recibido_en timestamptz not null,
        primary key (codigo, generacion)
      )`,
      // Released certificates. Serial and key are unique over all of them.
      sql`create table certificados (
        codigo text not null references solicitudes (codigo),
        generacion integer not null,
        tipo text not null,
        numero_serie text not null constraint serie_unica unique,
        huella_clave_publica text not null constraint clave_publica_unica unique,
        huella_certificado text not null,
        contenido bytea not null,
        emitido_en timestamptz not null,
        primary key (codigo, tipo)
      )`,
      // Audit entries, written in the transaction of what they record. compromiso: salted keyed hash of datos.
      sql`create table bitacora (
        id uuid primary key,
        codigo text not null,
        generacion integer not null,
        run_id text not null,
        evento text not null,
        contenido jsonb not null,
        compromiso text,
        sal bytea,
        datos bytea,
        registrada_en timestamptz not null
      )`,
      sql`create index bitacora_por_codigo on bitacora (codigo, registrada_en)`,
    ];
    for (const sentencia of sentencias) await sentencia.execute(db);
  },
};

/** A version that knows only the tables before this one goes on beside it: what is new may stay null. */
const soporte: Migration = {
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

/** A version that knows only the tables before this one goes on appending entries: each gets its place later. */
const arbolDeBitacora: Migration = {
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
      // Against mistakes; the tree is against intent. What the leaf is made of stays, and so does a place once given.
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

/** A version that knows no retention goes on beside it; of what was taken away meanwhile it can tell nothing (ADR 33). */
const retencion: Migration = {
  async up(db: Kysely<unknown>) {
    const sentencias = [
      // extracto: what the envelope tells of a request whose body is gone. Either the request or its extract.
      sql`alter table solicitudes
        alter column cuerpo drop not null,
        alter column contexto drop not null,
        add column extracto bytea,
        add constraint peticion_o_extracto
          check ((cuerpo is null) = (extracto is not null) and (contexto is null) = (extracto is not null))`,
      // series: serial numbers of an answer whose content is gone.
      sql`alter table recibidos alter column contenido drop not null, add column series jsonb`,
      sql`alter table reejecuciones alter column orden drop not null`,
      sql`create index solicitudes_por_retirar on solicitudes (fecha_fin, codigo)
        where extracto is null and estado <> 'EN_PROCESO' and not resultado_incierto`,
    ];
    for (const sentencia of sentencias) await sentencia.execute(db);
  },
};

/**
 * Serial numbers are their issuer's. A version that knows no issuer goes on beside it: its certificates count as of any, as
 * before, until somebody asks whose they are (emisores.ts).
 */
const serieDeSuEmisor: Migration = {
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

/** A version that knows no seals goes on appending entries without: `npm run bitacora -- adoptar` takes them over. */
const sellos: Migration = {
  async up(db: Kysely<unknown>) {
    const sentencias = [
      // sello: keyed hash of the entry's leaf, written with it under a key that is not here (ADR 40).
      sql`alter table bitacora add column sello text`,
      // As before; and a seal that was set stays.
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

/** A version that knows only the tables before this one goes on beside it, and compares no key. */
const procedencia: Migration = {
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

/** A version that knows no owner goes on beside it: what it accepts has none, and is read by who may read all. */
const cliente: Migration = {
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

export const migraciones: MigrationProvider = {
  getMigrations: () =>
    Promise.resolve({
      '0001-inicial': inicial,
      '0002-soporte': soporte,
      '0003-bitacora': arbolDeBitacora,
      '0004-retencion': retencion,
      // No 0005 was ever released; a name that has run somewhere stays.
      '0006-serie-de-su-emisor': serieDeSuEmisor,
      '0007-sellos': sellos,
      '0008-procedencia': procedencia,
      '0009-cliente': cliente,
    }),
};

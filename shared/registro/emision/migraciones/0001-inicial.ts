/** The first tables. They hold audit entries too: the log became a domain of its own with 0003. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const inicial: Migration = {
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

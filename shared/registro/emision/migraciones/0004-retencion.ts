/** A version that knows no retention goes on beside it; of what was taken away meanwhile it can tell nothing (ADR 33). */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const retencion: Migration = {
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

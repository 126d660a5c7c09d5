/**
 * Gates inside PostgreSQL: triggers of the test that hold one write of one codigo, in its own transaction, as long as a
 * row says so. They outlive the database's death, since that row does.
 */
import type pg from 'pg';

/** A write of the worker, named by what it records. */
export type Escritura = 'ACEPTADA' | 'ENVIO_1' | 'PASO_1' | 'ENVIO_2' | 'DESENLACE';

export interface PuertasDelRegistro {
  instalar(): Promise<void>;
  cerrar(codigo: string, escritura: Escritura): Promise<void>;
  abrir(codigo: string, escritura: Escritura): Promise<void>;
  abrirTodas(): Promise<void>;
  /** Whether the write stands before it now. */
  hayQuienEspere(codigo: string, escritura: Escritura): Promise<boolean>;
}

const ESQUEMA = `
  create schema caos;
  create table caos.puertas (codigo text, escritura text, primary key (codigo, escritura));
  create function caos.pasar(de text, que text) returns void language plpgsql volatile as $$
  begin
    if not exists (select from caos.puertas where codigo = de and escritura = que) then return; end if;
    perform set_config('application_name', 'caos ' || que || ' ' || de, false);
    while exists (select from caos.puertas where codigo = de and escritura = que) loop
      perform pg_sleep(0.02);
    end loop;
    perform set_config('application_name', '', false);
  end $$;
  create function caos.al_escribir_solicitud() returns trigger language plpgsql as $$
  begin
    if tg_op = 'INSERT' then perform caos.pasar(new.codigo, 'ACEPTADA');
    elsif old.estado = 'EN_PROCESO' and new.estado <> 'EN_PROCESO' then
      perform caos.pasar(new.codigo, 'DESENLACE');
    end if;
    return new;
  end $$;
  create function caos.al_escribir_paso() returns trigger language plpgsql as $$
  begin
    if new.intentos > old.intentos then perform caos.pasar(new.codigo, 'ENVIO_' || new.paso);
    elsif new.paso = 1 and new.estado = 'COMPLETADO' and old.estado <> 'COMPLETADO' then
      perform caos.pasar(new.codigo, 'PASO_1');
    end if;
    return new;
  end $$;
  create trigger caos before insert or update on solicitudes
    for each row execute function caos.al_escribir_solicitud();
  create trigger caos before update on pasos for each row execute function caos.al_escribir_paso();
`;

/** @param consultar asks the register's database */
export function createPuertasDelRegistro(
  consultar: (sql: string, valores?: unknown[]) => Promise<pg.QueryResultRow[]>,
): PuertasDelRegistro {
  return {
    async instalar() {
      await consultar(ESQUEMA);
    },
    async cerrar(codigo, escritura) {
      await consultar('insert into caos.puertas values ($1, $2)', [codigo, escritura]);
    },
    async abrir(codigo, escritura) {
      await consultar('delete from caos.puertas where codigo = $1 and escritura = $2', [codigo, escritura]);
    },
    async abrirTodas() {
      await consultar('delete from caos.puertas');
    },
    async hayQuienEspere(codigo, escritura) {
      const filas = await consultar('select from pg_stat_activity where application_name = $1', [
        `caos ${escritura} ${codigo}`,
      ]);
      return filas.length > 0;
    },
  };
}

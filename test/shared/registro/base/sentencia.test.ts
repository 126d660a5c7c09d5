/** What a statement counts as, and what it is called in a trace: what it does and to which table, and no value. */
import { leerSentencia } from '../../../../shared/registro/base/sentencia.ts';

it.each([
  ['select "codigo" from "solicitudes" where "codigo" = $1', 'SELECT', 'leer', 'solicitudes'],
  ['insert into "bitacora" ("id") values ($1)', 'INSERT', 'insertar', 'bitacora'],
  ['  INSERT into x', 'INSERT', 'insertar', 'x'],
  ['update "pasos" set "estado" = $1', 'UPDATE', 'cambiar', 'pasos'],
  ['delete from recibidos', 'DELETE', 'borrar', 'recibidos'],
  ['begin', 'BEGIN', 'otra', undefined],
  ['select 1', 'SELECT', 'leer', undefined],
  ["select 'María'", 'SELECT', 'leer', undefined],
  ['with a as (select 1) select 2', 'WITH', 'otra', undefined],
  ['', '', 'otra', undefined],
])('%j', (texto, verbo, operacion, tabla) => {
  expect(leerSentencia(texto)).toEqual({ verbo, operacion, tabla });
});

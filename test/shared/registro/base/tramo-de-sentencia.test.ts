/** What a statement is called in a trace: what it does and to which table, and no value. */
import { queHace } from '../../../../shared/registro/base/tramo-de-sentencia.ts';

it.each([
  ['select "codigo" from "solicitudes" where "codigo" = $1', ['SELECT', 'solicitudes']],
  ['insert into "bitacora" ("id") values ($1)', ['INSERT', 'bitacora']],
  ['update "pasos" set "estado" = $1', ['UPDATE', 'pasos']],
  ['delete from recibidos', ['DELETE', 'recibidos']],
  ['begin', ['BEGIN', undefined]],
  ['select 1', ['SELECT', undefined]],
  ["select 'María'", ['SELECT', undefined]],
  ['', ['', undefined]],
])('%j', (texto, dice) => {
  expect(queHace(texto)).toEqual(dice);
});

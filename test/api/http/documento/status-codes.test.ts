import { readFileSync } from 'node:fs';
import { ESTADOS } from '../../../../shared/emision/emision.ts';
import { EXITOS } from '../../../../shared/nucleo/fallos.ts';
import { FALLOS } from '../../../support/api/fallos.ts';

const documento = readFileSync(new URL('../../../../docs/status-codes.md', import.meta.url), 'utf8');

/** Cells of the tables' rows whose first cell matches. */
function filas(primera: RegExp): string[][] {
  return documento
    .split('\n')
    .filter((linea) => linea.startsWith('|'))
    .map((linea) =>
      linea
        .split('|')
        .slice(1, -1)
        .map((celda) => celda.trim().replaceAll('`', '')),
    )
    .filter(([celda = '']) => primera.test(celda));
}

it('docs/status-codes.md has a row for each failure of the table, and no other', () => {
  const escritos = filas(/^[4-5]\d\d$/).map(([estadoHttp, tipo]) => `${estadoHttp ?? ''} ${tipo ?? ''}`);
  const reales = Object.values(FALLOS).map(({ statusCode, tipo }) => `${statusCode} ${tipo}`);
  expect(escritos.sort()).toEqual([...new Set(reales)].sort());
});

it('docs/status-codes.md has a row for each code of success', () => {
  expect(filas(/^2\d\d$/).map(([estadoHttp]) => Number(estadoHttp))).toEqual(Object.values(EXITOS));
});

it('docs/status-codes.md says for each row what the client does', () => {
  const dichos = filas(/^[2-5]\d\d$/).map((fila) => fila.at(-1));
  expect(dichos).toEqual(dichos.map(() => expect.stringMatching(/\w{4,}/) as unknown));
  expect(dichos.length).toBeGreaterThan(Object.keys(EXITOS).length);
});

it('docs/status-codes.md says that the state, not the code, tells what to do, and covers each state', () => {
  expect(documento).toContain('**`data.transaccion.estado`, not the code, tells what to do:**');
  expect(
    filas(/^(EN_PROCESO|COMPLETADO|FALLIDO)$/)
      .map(([estado]) => estado)
      .sort(),
  ).toEqual([...ESTADOS].sort());
});

import { readFileSync } from 'node:fs';
import { ATRIBUTOS } from '../../shared/emision/atributos.ts';

test('the containers’ Temporal is told of the search attributes that runs have, by their types', () => {
  const script = readFileSync('deploy/temporal/namespace.sh', 'utf8');
  const creados = [...script.matchAll(/^create (\w+) (\w+)$/gm)].map(([, nombre, tipo]) => [
    nombre,
    tipo?.toUpperCase(),
  ]);
  expect(Object.fromEntries(creados)).toEqual(ATRIBUTOS);
});

/** What an operator is told of a Temporal that does not take a command's order. */
import { inWords } from '../../../scripts/maintenance/temporal-of-commands.ts';

const conEstado = (code: number) =>
  Object.assign(new Error('of gRPC'), { code, details: 'of gRPC', metadata: {} });

it.each([
  [14, /^Temporal no responde en .*npm start/],
  [8, /^Temporal responde en .*saturado: repita la orden/],
  [7, /^Temporal responde en .*rechaza la orden \(PERMISSION_DENIED\): revise sus credenciales/],
])('status %i is told as what it is', (codigo, palabras) => {
  expect(inWords(conEstado(codigo), '127.0.0.1:7233')).toMatchObject({
    message: expect.stringMatching(palabras) as string,
  });
});

it('what is of no call to Temporal is told in its own words', () => {
  const otro = new Error('otra cosa');

  expect(inWords(otro, '127.0.0.1:7233')).toBe(otro);
});

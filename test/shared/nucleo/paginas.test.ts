import { finDePagina, porPaginas } from '../../../shared/nucleo/paginas.ts';

/** A table of so many rows, and behind what it was asked for. */
function tabla(cuantas: number, limite: number) {
  const filas = Array.from({ length: cuantas }, (_, n) => ({ n }));
  const pedidas: (number | null)[] = [];
  const paginas = porPaginas<{ n: number }>(limite, (despuesDe) => {
    pedidas.push(despuesDe && despuesDe.n);
    const desde = despuesDe ? despuesDe.n + 1 : 0;
    return Promise.resolve(filas.slice(desde, desde + limite));
  });
  return { paginas, pedidas };
}

it.each([
  [0, [], [null]],
  [1, [[0]], [null]],
  // Of a full page nobody knows whether it is the last.
  [2, [[0, 1]], [null, 1]],
  [5, [[0, 1], [2, 3], [4]], [null, 1, 3]],
])(
  '%i rows by two are read once each, behind the last of the page before',
  async (cuantas, leidas, desde) => {
    const { paginas, pedidas } = tabla(cuantas, 2);
    const halladas: number[][] = [];
    for await (const pagina of paginas) halladas.push(pagina.map(({ n }) => n));
    expect([halladas, pedidas]).toEqual([leidas, desde]);
  },
);

it('are read no further than somebody wants them', async () => {
  const { paginas, pedidas } = tabla(100, 2);
  for await (const [fila] of paginas) if (fila?.n === 2) break;
  expect(pedidas).toEqual([null, 1]);
});

it('end where a page is not full', () => {
  expect(finDePagina([{ n: 1 }], 2)).toBeNull();
  expect(finDePagina([], 2)).toBeNull();
  expect(finDePagina([{ n: 1 }, { n: 2 }], 2)).toEqual({ n: 2 });
});

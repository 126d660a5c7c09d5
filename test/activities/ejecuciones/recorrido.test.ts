import { MockActivityEnvironment } from '@temporalio/testing';
import { recorrer } from '../../../activities/ejecuciones/recorrido.ts';
import { CALLADO } from '../../support/temporal/sdk-callado.ts';

const PAGINAS = [[1, 2], [3], [], [4, 5]];

interface Avance {
  pagina: number;
  suma: number;
}

/** An attempt that adds up the pages, and what it beat. */
function intento(heartbeatDetails?: unknown) {
  const entorno = new MockActivityEnvironment({ heartbeatDetails }, { logger: CALLADO });
  const latidos: unknown[] = [];
  const leidas: number[] = [];
  entorno.on('heartbeat', (latido) => latidos.push(JSON.parse(JSON.stringify(latido))));
  const sumar = (alLeer: (pagina: number) => void = () => undefined) =>
    entorno.run(() =>
      recorrer<Avance>({ pagina: 0, suma: 0 }, ({ pagina, suma }) => {
        alLeer(pagina);
        leidas.push(pagina);
        const total = (PAGINAS[pagina] ?? []).reduce((a, b) => a + b, suma);
        return Promise.resolve({
          avance: { pagina: pagina + 1, suma: total },
          hayMas: pagina + 1 < PAGINAS.length,
        });
      }),
    );
  return { entorno, sumar, latidos, leidas };
}

it('takes page after page, and tells after each but the last where it is', async () => {
  const { sumar, latidos } = intento();
  expect(await sumar()).toEqual({ pagina: 4, suma: 15 });
  expect(latidos).toEqual(
    [
      { pagina: 1, suma: 3 },
      { pagina: 2, suma: 6 },
      { pagina: 3, suma: 6 },
    ].map((avance) => expect.objectContaining({ avance }) as unknown),
  );
});

it('goes on from every point at which a worker may die, and counts nothing twice', async () => {
  const { sumar, latidos } = intento();
  await sumar();
  for (const [i, latido] of latidos.entries()) {
    const siguiente = intento(latido);
    expect(await siguiente.sumar()).toEqual({ pagina: 4, suma: 15 });
    expect(siguiente.leidas).toEqual([0, 1, 2, 3].slice(i + 1));
  }
});

it('begins no page once it is cancelled', async () => {
  const { entorno, sumar, leidas } = intento();
  await expect(
    sumar((pagina) => {
      if (pagina === 1) entorno.cancel();
    }),
  ).rejects.toThrow();
  expect(leidas).toEqual([0, 1]);
});

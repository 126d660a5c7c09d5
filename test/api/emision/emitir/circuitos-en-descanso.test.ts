import { createCircuitosEnDescanso } from '../../../../api/emision/emitir/circuitos-en-descanso.ts';
import type { Paso } from '../../../../shared/emision/contrato.ts';
import { CIRCUITOS_ABIERTOS_CADA_MS } from '../../../../shared/emision/plazos.ts';

function preparar(leer: () => Promise<ReadonlyMap<Paso, number>>) {
  let ahoraMs = 1_000;
  let lecturas = 0;
  const circuitos = createCircuitosEnDescanso(
    () => {
      lecturas += 1;
      return leer();
    },
    () => ahoraMs,
  );
  return {
    descansa: async (paso: Paso) => (await circuitos()).descansa(paso),
    avanzar: (ms: number) => (ahoraMs += ms),
    lecturas: () => lecturas,
  };
}

it('the circuits are read once a second, however many ask', async () => {
  const { descansa, avanzar, lecturas } = preparar(() => Promise.resolve(new Map([[1, 60_000]])));

  expect(await Promise.all(Array.from({ length: 200 }, () => descansa(1)))).toEqual(Array(200).fill(true));
  expect([await descansa(2), lecturas()]).toEqual([false, 1]);
  avanzar(CIRCUITOS_ABIERTOS_CADA_MS - 1);
  await descansa(1);
  expect(lecturas()).toBe(1);
  avanzar(1);
  await descansa(1);
  expect(lecturas()).toBe(2);
});

it('a step rests no longer than was told: then it may be asked for already', async () => {
  const { descansa, avanzar } = preparar(() => Promise.resolve(new Map([[1, 500]])));
  expect(await descansa(1)).toBe(true);

  avanzar(500);
  expect(await descansa(1)).toBe(false);
});

it('where the register does not answer no step is known to rest, and it is not asked more often', async () => {
  const { descansa, lecturas } = preparar(() => Promise.reject(new Error('connect ECONNREFUSED')));

  expect([await descansa(1), await descansa(2), lecturas()]).toEqual([false, false, 1]);
});

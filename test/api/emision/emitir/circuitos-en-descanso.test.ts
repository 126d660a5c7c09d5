import { createCircuitosEnDescanso } from '../../../../api/emision/emitir/circuitos-en-descanso.ts';
import type { Paso } from '../../../../shared/emision/contrato.ts';
import { CIRCUITOS_ABIERTOS_CADA_MS } from '../../../../shared/emision/plazos.ts';
import type { PasosEnDescanso } from '../../../../shared/registro/emision/registro-de-admision.ts';

const dicen =
  (restos: [Paso, number][], aPrueba: string[] = []) =>
  () =>
    Promise.resolve({ restos: new Map(restos), aPrueba: new Set(aPrueba) });

function preparar(leer: () => Promise<PasosEnDescanso>) {
  let ahoraMs = 1_000;
  let lecturas = 0;
  const fallos: unknown[] = [];
  const circuitos = createCircuitosEnDescanso(
    () => {
      lecturas += 1;
      return leer();
    },
    { ahoraMs: () => ahoraMs, alFallar: (error) => fallos.push(error) },
  );
  return {
    fallos,
    esLaSonda: async (codigo: string) => (await circuitos()).esLaSonda(codigo),
    descansa: async (paso: Paso) => (await circuitos()).descansoMs(paso) > 0,
    avanzar: (ms: number) => (ahoraMs += ms),
    lecturas: () => lecturas,
  };
}

it('the circuits are read once a second, however many ask', async () => {
  const { descansa, avanzar, lecturas } = preparar(dicen([[1, 60_000]]));

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
  const { descansa, avanzar } = preparar(dicen([[1, 500]]));
  expect(await descansa(1)).toBe(true);

  avanzar(500);
  expect(await descansa(1)).toBe(false);
});

it('the codigo whose call probes is told apart', async () => {
  const { esLaSonda } = preparar(dicen([[1, 2_000]], ['SOL-1']));

  expect([await esLaSonda('SOL-1'), await esLaSonda('SOL-2')]).toEqual([true, false]);
});

it('where the register does not answer no step is known to rest, it is not asked more often, and that is told once', async () => {
  const { descansa, avanzar, lecturas, fallos } = preparar(() =>
    Promise.reject(new Error('connect ECONNREFUSED')),
  );

  expect([await descansa(1), await descansa(2), lecturas()]).toEqual([false, false, 1]);
  avanzar(CIRCUITOS_ABIERTOS_CADA_MS);
  expect([await descansa(1), lecturas(), fallos.length]).toEqual([false, 2, 1]);
});

/** How the circuits of the PKI stand in each worker, as the register tells the others and the APIs. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import {
  CIRCUITOS_ABIERTOS_CADA_MS,
  CIRCUITOS_CONOCIDOS_MS,
  CIRCUITOS_RECIENTES_MS,
} from '../../../../shared/emision/plazos.ts';
import {
  anotarCircuitos,
  leerCircuitos,
  pasosEnDescanso,
  pasosSinRespuesta,
  retirarCircuitos,
  type CircuitoDeTrabajador,
} from '../../../../shared/registro/emision/circuitos.ts';
import { BASES, usarRegistro } from '../../../support/registro/registro-de-prueba.ts';

function circuito(cambios: Partial<CircuitoDeTrabajador>): CircuitoDeTrabajador {
  return {
    trabajador: randomUUID(),
    paso: 1,
    estado: 'ABIERTO',
    restoMs: 60_000,
    aPruebaCon: null,
    ...cambios,
  };
}

describe.each(BASES)('the circuits on $nombre', ({ abrir }) => {
  const prueba = usarRegistro(abrir);

  const envejecer = (ms: number) =>
    prueba.db
      .updateTable('circuitos')
      .set({ visto_en: sql<Date>`visto_en - make_interval(secs => ${ms / 1000})` })
      .execute();
  const leidos = async () =>
    (await leerCircuitos(prueba.db)).map(({ paso, estado }) => `${paso} ${estado}`).sort();

  it('are what each worker told last, with what is left of their rest', async () => {
    const trabajador = randomUUID();
    await anotarCircuitos(prueba.db, [circuito({ trabajador }), circuito({ trabajador, paso: 2 })]);
    await anotarCircuitos(prueba.db, [
      circuito({ trabajador, restoMs: 30_000 }),
      circuito({ trabajador, paso: 2, estado: 'CERRADO', restoMs: 0 }),
    ]);
    await anotarCircuitos(prueba.db, [circuito({ estado: 'A_PRUEBA', restoMs: 0, aPruebaCon: 'SOL-1' })]);

    expect(await leidos()).toEqual(['1 ABIERTO', '1 A_PRUEBA', '2 CERRADO']);
    expect([...pasosEnDescanso(await leerCircuitos(prueba.db)).aPrueba]).toEqual(['SOL-1']);
    const abierto = (await leerCircuitos(prueba.db)).find(({ estado }) => estado === 'ABIERTO');
    expect(abierto?.trabajador).toBe(trabajador);
    expect(abierto?.restoMs).toBeGreaterThan(10_000);
    expect(abierto?.restoMs).toBeLessThanOrEqual(30_000);
  });

  it('of a worker that has not told lately count no more, and are forgotten when another tells', async () => {
    await anotarCircuitos(prueba.db, [circuito({})]);
    await envejecer(CIRCUITOS_RECIENTES_MS);
    expect(await leidos()).toEqual([]);

    await envejecer(CIRCUITOS_CONOCIDOS_MS);
    await anotarCircuitos(prueba.db, [circuito({ paso: 2 })]);
    expect(await prueba.db.selectFrom('circuitos').select('paso').execute()).toEqual([{ paso: 2 }]);
  });

  it('of a worker that stops count no more, and are known to the next that starts', async () => {
    const trabajador = randomUUID();
    await anotarCircuitos(prueba.db, [circuito({ trabajador }), circuito({ paso: 2 })]);

    await retirarCircuitos(prueba.db, trabajador);

    expect(await leidos()).toEqual(['2 ABIERTO']);
    expect(await leerCircuitos(prueba.db, CIRCUITOS_CONOCIDOS_MS)).toHaveLength(2);
  });
});

describe('a step', () => {
  it.each<[string, Partial<CircuitoDeTrabajador>[], [number, number][]]>([
    ['nobody tells of', [], []],
    ['the one worker leaves in peace', [{ restoMs: 7 }], [[1, 7]]],
    ['each worker leaves in peace, until the first asks', [{ restoMs: 7 }, { restoMs: 5 }], [[1, 5]]],
    ['one worker serves', [{}, { estado: 'CERRADO', restoMs: 0 }], []],
    ['one worker probes', [{}, { estado: 'A_PRUEBA', restoMs: 0 }], [[1, 2 * CIRCUITOS_ABIERTOS_CADA_MS]]],
    [
      'one worker probes and another serves',
      [
        { estado: 'CERRADO', restoMs: 0 },
        { estado: 'A_PRUEBA', restoMs: 0 },
      ],
      [],
    ],
    ['one worker is about to probe', [{}, { restoMs: 0 }], []],
    [
      'is told apart from the other',
      [
        { paso: 2, restoMs: 9 },
        { estado: 'CERRADO', restoMs: 0 },
      ],
      [[2, 9]],
    ],
  ])('that %s rests as long as that says', (_como, circuitos, esperado) => {
    expect([...pasosEnDescanso(circuitos.map(circuito)).restos]).toEqual(esperado);
  });
});

describe('a step, to a worker that starts,', () => {
  it.each<[string, Partial<CircuitoDeTrabajador>[], [number, number][]]>([
    ['nobody tells of', [], []],
    ['all leave in peace', [{ restoMs: 7 }, { restoMs: 5 }], [[1, 5]]],
    ['one probes and the others leave in peace', [{}, { estado: 'A_PRUEBA', restoMs: 0 }], [[1, 0]]],
    ['is about to be probed', [{ restoMs: 0 }], [[1, 0]]],
    ['one serves', [{}, { estado: 'CERRADO', restoMs: 0 }], []],
    [
      'is told apart from the other',
      [
        { paso: 2, restoMs: 9 },
        { estado: 'CERRADO', restoMs: 0 },
      ],
      [[2, 9]],
    ],
  ])('that %s does or does not begin open', (_como, circuitos, esperado) => {
    expect([...pasosSinRespuesta(circuitos.map(circuito))]).toEqual(esperado);
  });
});

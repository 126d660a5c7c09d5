/** Two workers beside one register: what each tells of its circuits, and learns of the other's. */
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createCircuitosPki } from '../../../activities/emision/pki/circuito-pki.ts';
import { createMetricasPki } from '../../../activities/emision/pki/metricas-pki.ts';
import { CIRCUITO_ABIERTO_MS, FALLOS_PARA_ABRIR } from '../../../shared/emision/plazos.ts';
import { leerCircuitos, pasosEnDescanso } from '../../../shared/registro/emision/circuitos.ts';
import { createRegistroDeCircuitos } from '../../../shared/registro/emision/registro-de-circuitos.ts';
import { createVigiaDeCircuitos } from '../../../worker/emision/vigia-de-circuitos.ts';
import { hasta } from '../../support/hasta.ts';
import { BASES, usarRegistro } from '../../support/registro/registro-de-prueba.ts';

const prueba = usarRegistro(BASES[0].abrir);
const detener: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(detener.splice(0).map((parar) => parar()));
});

function porEmpezar(db = prueba.db) {
  const avisos: unknown[] = [];
  const logger = pino({ level: 'warn' }, { write: (linea) => void avisos.push(JSON.parse(linea)) });
  const vigia = createVigiaDeCircuitos(createRegistroDeCircuitos(db), logger);
  const circuitos = createCircuitosPki({
    metricas: createMetricasPki(new Registry()),
    log: { info: () => undefined, warn: () => undefined },
    trabajadores: () => vigia.trabajadores(),
    azar: () => 1,
  });
  return { vigia, circuitos, avisos };
}

function trabajador(db = prueba.db) {
  const { vigia, circuitos, avisos } = porEmpezar(db);
  const servicio = vigia.empezar(circuitos);
  detener.push(() => servicio.detener());
  const fallar = async () => {
    for (let i = 0; i < FALLOS_PARA_ABRIR; i++)
      await circuitos[1].pasar((juzgar) => {
        juzgar('FALLA');
        return Promise.resolve();
      });
  };
  return { vigia, circuitos, servicio, fallar, avisos };
}
const vistos = async () => (await leerCircuitos(prueba.db)).map(({ paso, estado }) => `${paso} ${estado}`);
const enDescanso = async () => [...pasosEnDescanso(await leerCircuitos(prueba.db)).restos.keys()];

it('a circuit that opens is told at once, and is the step’s where no other worker serves it', async () => {
  const uno = trabajador();
  await hasta('it to tell', async () => (await vistos()).length === 2);

  await uno.fallar();

  await hasta('it to be told', async () => (await enDescanso()).includes(1));
  expect((await vistos()).sort()).toEqual(['1 ABIERTO', '2 CERRADO']);
});

it('workers know how many they are, and rest so much longer', async () => {
  const [uno, otro] = [trabajador(), trabajador()];
  await hasta('each to know of the other', () =>
    [uno, otro].every(({ vigia }) => vigia.trabajadores() === 2),
  );

  await uno.fallar();

  expect(uno.circuitos[1].vista().restoMs).toBeGreaterThan(2 * CIRCUITO_ABIERTO_MS);
  // The other one serves.
  await hasta('it to be told', async () => (await vistos()).includes('1 ABIERTO'));
  expect(await enDescanso()).toEqual([]);
});

it('a worker asks again as soon as another has found the PKI back, and only then', async () => {
  const [uno, otro] = [trabajador(), trabajador()];
  await Promise.all([uno.fallar(), otro.fallar()]);
  await hasta('both to be told', async () => (await enDescanso()).includes(1));
  await hasta('each to know of the other', () =>
    [uno, otro].every(({ vigia }) => vigia.trabajadores() === 2),
  );
  expect(uno.circuitos[1].admite()).toBe(0);

  otro.circuitos[1].sondear();
  await otro.circuitos[1].pasar((juzgar) => {
    juzgar('RESPONDE');
    return Promise.resolve();
  });

  await hasta('the one to ask', () => uno.circuitos[1].admite() === 1);
  // It fails for this worker alone: it is not sent again and again because the other is served.
  await uno.circuitos[1].pasar((juzgar) => {
    juzgar('FALLA');
    return Promise.resolve();
  });
  await hasta('its word to be taken', async () => (await vistos()).includes('1 ABIERTO'));
  expect(uno.circuitos[1].admite()).toBe(0);
});

it('while a worker probes the step rests for all but the codigo that does', async () => {
  const uno = trabajador();
  await uno.fallar();
  uno.circuitos[1].sondear();
  const fin = Promise.withResolvers<undefined>();
  const sonda = uno.circuitos[1].pasar(() => fin.promise, 'SOL-1');

  await hasta('the probe to be told', async () => (await vistos()).includes('1 A_PRUEBA'));
  expect(pasosEnDescanso(await leerCircuitos(prueba.db))).toEqual({
    restos: new Map([[1, expect.any(Number)]]),
    aPrueba: new Set(['SOL-1']),
  });
  fin.resolve(undefined);
  await sonda;
});

it('a worker that stops is no longer counted', async () => {
  const [uno, otro] = [trabajador(), trabajador()];
  await hasta('the one to know of the other', () => uno.vigia.trabajadores() === 2);

  await otro.servicio.detener();

  await uno.fallar();
  await hasta('the one to be alone', () => uno.vigia.trabajadores() === 1);
  expect(await vistos()).toHaveLength(2);
});

it('a worker that starts in an outage begins as the others are, or as the last one was when it stopped', async () => {
  const uno = trabajador();
  await uno.fallar();
  await hasta('it to be told', async () => (await enDescanso()).includes(1));
  await uno.servicio.detener();

  const nuevo = porEmpezar();
  await nuevo.vigia.aprender(nuevo.circuitos);

  expect(nuevo.circuitos[1].admite()).toBe(0);
  expect(nuevo.circuitos[1].vista().restoMs).toBeGreaterThan(CIRCUITO_ABIERTO_MS / 2);
  expect(nuevo.circuitos[2].vista().estado).toBe('CERRADO');
});

it('where the register does not answer a worker counts itself alone, warns once, and goes on', async () => {
  let veces = 0;
  const uno = trabajador({
    insertInto: () => {
      veces++;
      throw new Error('connect ECONNREFUSED');
    },
  } as never);
  await hasta('it to warn', () => uno.avisos.length > 0);

  await uno.fallar();

  await hasta('it to have tried again and again', () => veces > 2);
  expect(uno.vigia.trabajadores()).toBe(1);
  expect(uno.circuitos[1].admite()).toBe(0);
  expect(uno.avisos).toHaveLength(1);
});

it('where the register does not answer a worker starts with its circuits closed, and warns', async () => {
  const uno = porEmpezar({
    selectFrom: () => {
      throw new Error('connect ECONNREFUSED');
    },
  } as never);

  await uno.vigia.aprender(uno.circuitos);

  expect([uno.circuitos[1].vista().estado, uno.avisos.length]).toEqual(['CERRADO', 1]);
});

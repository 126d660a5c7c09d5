/** The circuits of the PKI by jest’s clock: closed, open, and how they close again. */
import { jest } from '@jest/globals';
import { Registry } from 'prom-client';
import { CircuitoAbierto, createCircuitosPki } from '../../../../activities/emision/pki/circuito-pki.ts';
import { createMetricasPki } from '../../../../activities/emision/pki/metricas-pki.ts';
import type { Paso } from '../../../../shared/emision/contrato.ts';
import {
  CIRCUITO_ABIERTO_ENTRE_VARIOS_MS,
  CIRCUITO_ABIERTO_MAXIMO_MS,
  CIRCUITO_ABIERTO_MS,
  CIRCUITO_UNA_VEZ_MAXIMO_MS,
  ESPERA_MAXIMA_MS,
  FALLOS_PARA_ABRIR,
  LLAMADAS_SIMULTANEAS,
  RETORNO_MS,
  SIN_RESPUESTA_PARA_ABRIR,
  SIN_SONDA_MS,
  SIN_SONDA_PROPIA_MS,
} from '../../../../shared/emision/plazos.ts';
import type { Veredicto } from '../../../../shared/nucleo/circuito.ts';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function preparar({
  trabajadores = 1,
  azar = Math.random,
  ventanaReintentoMs = Infinity,
  paso2UnaVez = false,
} = {}) {
  const coleccionDeMetricas = new Registry();
  const lineas: unknown[] = [];
  const circuitos = createCircuitosPki({
    metricas: createMetricasPki(coleccionDeMetricas),
    log: {
      info: (datos: unknown) => lineas.push({ nivel: 'info', ...(datos as object) }),
      warn: (datos: unknown) => lineas.push({ nivel: 'warn', ...(datos as object) }),
    },
    trabajadores: () => trabajadores,
    ventanaReintentoMs,
    paso2UnaVez,
    azar,
  });

  /** Work that tells this, where it is let through; null tells nothing. */
  const pasar = (veredicto: Veredicto | null, paso: Paso = 1) =>
    circuitos[paso].pasar((juzgar) => {
      if (veredicto) juzgar(veredicto);
      return Promise.resolve('PASÓ');
    });
  /** Work that a test ends when it will, by telling this. */
  const empezar = (paso: Paso = 1) => {
    const fin = Promise.withResolvers<Veredicto | null>();
    const trabajo = circuitos[paso].pasar(async (juzgar) => {
      const veredicto = await fin.promise;
      if (veredicto) juzgar(veredicto);
    });
    return async (veredicto: Veredicto | null) => {
      fin.resolve(veredicto);
      await trabajo;
    };
  };
  /** The wait that somebody who is turned away is told. */
  const esperaDe = async (paso: Paso = 1): Promise<number> => {
    const error: unknown = await pasar('RESPONDE', paso).catch((motivo: unknown) => motivo);
    if (error instanceof CircuitoAbierto) return error.esperaMs;
    throw new Error('the circuit let it through', { cause: error });
  };
  const fallar = async (veces: number, paso: Paso = 1) => {
    for (let i = 0; i < veces; i++) await pasar('FALLA', paso);
  };
  const abrir = (paso: Paso = 1) => fallar(FALLOS_PARA_ABRIR, paso);
  const valor = async (metrica: string, paso: Paso = 1): Promise<number | undefined> => {
    const { values } = (await coleccionDeMetricas.getSingleMetric(metrica)?.get()) ?? { values: [] };
    return values.find(({ labels }) => labels.paso === paso)?.value;
  };
  return {
    circuitos,
    lineas,
    pasar,
    empezar,
    esperaDe,
    fallar,
    abrir,
    estado: (paso?: Paso) => valor('pki_circuit_state', paso),
    aperturas: (paso?: Paso) => valor('pki_circuit_opened_total', paso),
  };
}

/** Probes of a step that fail, each after the rest before it. */
async function fallarSondas(
  pasar: (veredicto: Veredicto, paso: Paso) => Promise<unknown>,
  paso: Paso,
  veces: number,
): Promise<void> {
  for (let i = 0; i < veces; i++) {
    jest.advanceTimersByTime(CIRCUITO_UNA_VEZ_MAXIMO_MS);
    await pasar('FALLA', paso);
  }
}

/** The rest of an open circuit is over. */
function descansar(): void {
  jest.advanceTimersByTime(CIRCUITO_ABIERTO_MS);
}

describe('a closed circuit', () => {
  it('opens at the fifth failure in a row, not before', async () => {
    const { fallar, pasar, estado } = preparar();

    await fallar(FALLOS_PARA_ABRIR - 1);
    expect(await estado()).toBe(0);
    await expect(pasar('FALLA')).resolves.toBe('PASÓ');

    expect(await estado()).toBe(2);
    await expect(pasar('RESPONDE')).rejects.toThrow(CircuitoAbierto);
  });

  it('begins a new row at each answer, whatever it said', async () => {
    const { fallar, pasar, estado } = preparar();

    await fallar(FALLOS_PARA_ABRIR - 1);
    await pasar('RESPONDE');
    await fallar(FALLOS_PARA_ABRIR - 1);
    expect(await estado()).toBe(0);

    await fallar(1);
    expect(await estado()).toBe(2);
  });

  it('takes work that never came to the PKI for nothing: neither a failure nor an answer', async () => {
    const { circuitos, fallar, pasar, estado } = preparar();
    const sinRegistro = () =>
      circuitos[1].pasar(() => Promise.reject(new Error('the register is down'))).catch(() => undefined);

    for (let i = 0; i < FALLOS_PARA_ABRIR; i++) await sinRegistro();
    await fallar(FALLOS_PARA_ABRIR - 1);
    expect(await estado()).toBe(0);
    await sinRegistro();
    await pasar(null);
    await fallar(1);

    expect(await estado()).toBe(2);
  });

  it('opens once where many calls fail together', async () => {
    const { empezar, estado, aperturas } = preparar();
    const llamadas = Array.from({ length: FALLOS_PARA_ABRIR * 4 }, () => empezar());

    await Promise.all(llamadas.map((terminar) => terminar('FALLA')));

    expect(await estado()).toBe(2);
    expect(await aperturas()).toBe(1);
  });

  it('knows nothing of the other step’s', async () => {
    const { abrir, pasar, estado } = preparar();

    await abrir(1);

    await expect(pasar('RESPONDE', 2)).resolves.toBe('PASÓ');
    expect(await estado(2)).toBe(0);
  });
});

describe('an open circuit', () => {
  it('turns work away before it begins', async () => {
    const { circuitos, abrir } = preparar();
    let empezado = 0;

    await abrir();
    jest.advanceTimersByTime(CIRCUITO_ABIERTO_MS - 1);
    const trabajo = circuitos[1].pasar(() => Promise.resolve((empezado += 1)));

    await expect(trabajo).rejects.toThrow(CircuitoAbierto);
    expect(empezado).toBe(0);
  });

  it('tells each to come back once its rest is over, spread over some seconds more', async () => {
    const { abrir, esperaDe } = preparar();

    await abrir();
    jest.advanceTimersByTime(4000);
    const esperas = await Promise.all(Array.from({ length: 200 }, () => esperaDe()));

    const restoMs = CIRCUITO_ABIERTO_MS - 4000;
    expect(Math.min(...esperas)).toBeGreaterThanOrEqual(restoMs);
    expect(Math.max(...esperas)).toBeLessThanOrEqual(restoMs + RETORNO_MS);
    // All of 200 in one half of the spread would be no spread.
    expect(Math.min(...esperas)).toBeLessThan(restoMs + RETORNO_MS / 2);
    expect(Math.max(...esperas)).toBeGreaterThan(restoMs + RETORNO_MS / 2);
  });
});

describe('a circuit whose rest is over', () => {
  it('lets exactly one through, and turns the others away at once, not after it', async () => {
    const { abrir, empezar, esperaDe, pasar, estado } = preparar();

    await abrir();
    descansar();
    const terminar = empezar();
    const esperas = await Promise.all(Array.from({ length: 20 }, () => esperaDe()));

    expect(await estado()).toBe(1);
    for (const espera of esperas) {
      expect(espera).toBeGreaterThanOrEqual(RETORNO_MS);
      expect(espera).toBeLessThanOrEqual(RETORNO_MS * 2);
    }
    await terminar('RESPONDE');
    await expect(pasar('RESPONDE')).resolves.toBe('PASÓ');
  });

  it('tells work that it probes, and no other', async () => {
    const { abrir, circuitos } = preparar();
    const sondas: boolean[] = [];
    const pasar = () =>
      circuitos[1].pasar((juzgar, esSonda) => {
        sondas.push(esSonda);
        juzgar('RESPONDE');
        return Promise.resolve();
      });

    await pasar();
    await abrir();
    descansar();
    await pasar();
    await pasar();

    expect(sondas).toEqual([false, true, false]);
  });

  it('closes where the probe is answered, and counts failures anew', async () => {
    const { abrir, pasar, fallar, estado } = preparar();

    await abrir();
    descansar();
    await pasar('RESPONDE');
    expect(await estado()).toBe(0);
    await fallar(FALLOS_PARA_ABRIR - 1);

    expect(await estado()).toBe(0);
  });

  it('opens again for twice as long after each probe that fails, up to two minutes', async () => {
    const { abrir, pasar, circuitos, aperturas } = preparar();
    const restos: number[] = [];

    await abrir();
    for (let i = 0; i < 6; i++) {
      restos.push(circuitos[1].vista().restoMs);
      jest.advanceTimersByTime(CIRCUITO_ABIERTO_MAXIMO_MS);
      await pasar('FALLA');
    }

    expect(restos).toEqual([10_000, 20_000, 40_000, 80_000, 120_000, 120_000]);
    expect(await aperturas()).toBe(7);
  });

  it('lets nobody it turned away wait for so long: whoever comes early waits in the queue', async () => {
    const { abrir, pasar, esperaDe } = preparar();

    await abrir();
    for (let i = 0; i < 3; i++) {
      jest.advanceTimersByTime(CIRCUITO_ABIERTO_MAXIMO_MS);
      await pasar('FALLA');
    }

    expect(await esperaDe()).toBeLessThanOrEqual(ESPERA_MAXIMA_MS + RETORNO_MS);
  });

  it('asks again, after a rest, where the probe never came to the PKI: what stopped it would stop the next', async () => {
    const { abrir, circuitos, empezar, estado, aperturas } = preparar();

    await abrir();
    descansar();
    const sinRegistro = circuitos[1].pasar(() => Promise.reject(new Error('the register is down')));
    await expect(sinRegistro).rejects.toThrow('the register is down');

    expect(await estado()).toBe(1);
    expect(await aperturas()).toBe(1);
    await expect(circuitos[1].pasar(() => Promise.resolve())).rejects.toThrow(CircuitoAbierto);
    descansar();
    const terminar = empezar();
    await expect(circuitos[1].pasar(() => Promise.resolve())).rejects.toThrow(CircuitoAbierto);
    await terminar('RESPONDE');
    expect(await estado()).toBe(0);
  });

  it('hears nothing of calls that were sent before it opened', async () => {
    const { abrir, empezar, pasar, estado } = preparar();
    const antiguas = Array.from({ length: FALLOS_PARA_ABRIR + 1 }, () => empezar());

    await abrir();
    descansar();
    const terminarPrueba = empezar();
    await antiguas.pop()?.('RESPONDE');
    expect(await estado()).toBe(1);
    await terminarPrueba('RESPONDE');
    await Promise.all(antiguas.map((terminar) => terminar('FALLA')));

    expect(await estado()).toBe(0);
    await expect(pasar('RESPONDE')).resolves.toBe('PASÓ');
  });

  it('loses no answer to a clock that is set back while it probes', async () => {
    const { abrir, empezar, estado } = preparar();

    await abrir();
    descansar();
    const terminar = empezar();
    jest.setSystemTime(Date.now() - 5000);
    await terminar('RESPONDE');

    expect(await estado()).toBe(0);
  });

  it('is not held open by a clock that is set back while it rests', async () => {
    const { abrir, pasar } = preparar();

    await abrir();
    jest.setSystemTime(Date.now() - 3_600_000);
    descansar();

    await expect(pasar('RESPONDE')).resolves.toBe('PASÓ');
  });
});

describe('what it admits', () => {
  function conAvisos(opciones?: Parameters<typeof preparar>[0]) {
    const caso = preparar(opciones);
    const admitido: number[] = [];
    caso.circuitos[1].alAdmitirMas(() => admitido.push(caso.circuitos[1].admite()));
    return { ...caso, admite: () => caso.circuitos[1].admite(), admitido };
  }

  it('is all at first, none while it rests, and one after that, of which it tells by itself', async () => {
    const { abrir, pasar, admite, admitido } = conAvisos();
    expect(admite()).toBe(Infinity);

    await abrir();
    jest.advanceTimersByTime(CIRCUITO_ABIERTO_MS - 1);
    expect([admitido.at(-1), admite()]).toEqual([0, 0]);
    jest.advanceTimersByTime(1);
    expect([admitido.at(-1), admite()]).toEqual([1, 1]);

    await pasar('RESPONDE');
    expect(admitido.at(-1)).toBe(admite());
    expect(admite()).toBeGreaterThan(0);
  });

  it('is little once it has closed, and one call more for each that is answered, until it is all again', async () => {
    const { abrir, pasar, empezar, admite, admitido } = conAvisos();
    await abrir();
    descansar();
    await pasar('RESPONDE');
    expect(admite()).toBe(2);

    const terminar = [empezar(), empezar()];
    expect(admite()).toBe(2);
    await terminar[0]?.('RESPONDE');
    expect([admite(), admitido.at(-1)]).toEqual([3, 3]);
    await terminar[1]?.('FALLA');
    expect(admite()).toBe(3);

    for (let i = 0; i < LLAMADAS_SIMULTANEAS; i++) await pasar('RESPONDE');
    expect(admite()).toBe(Infinity);
  });

  it('is one more than what was sent before it opened and is under way yet', async () => {
    const { abrir, empezar, admite } = conAvisos();
    const terminar = empezar();
    await abrir();
    expect(admite()).toBe(0);
    descansar();

    expect(admite()).toBe(2);
    await terminar(null);
    expect(admite()).toBe(1);
  });

  it('is none beside the probe, and one again after a rest where that told nothing', async () => {
    const { abrir, circuitos, admite, admitido } = conAvisos();
    await abrir();
    descansar();

    const registro = Promise.withResolvers<never>();
    const trabajo = circuitos[1].pasar(() => registro.promise);
    expect(admite()).toBe(0);
    registro.reject(new Error('the register is down'));
    await expect(trabajo).rejects.toThrow();
    expect(admite()).toBe(0);
    descansar();

    expect(admite()).toBe(1);
    expect(admitido.at(-1)).toBe(1);
  });

  it('is one again at once where the work that was to probe was done already', async () => {
    const { abrir, empezar, admite, admitido } = conAvisos();
    await abrir();
    descansar();

    await empezar()(null);
    jest.advanceTimersByTime(0);

    expect([admite(), admitido.at(-1)]).toEqual([1, 1]);
  });

  it('is one as soon as another worker has found the PKI back', async () => {
    const { abrir, circuitos, admite, admitido } = conAvisos();
    await abrir();

    circuitos[1].sondear();

    expect(admite()).toBe(1);
    expect(admitido.at(-1)).toBe(1);
  });

  it.each([
    [4, 0, CIRCUITO_ABIERTO_MS],
    [4, 0.5, 4 * CIRCUITO_ABIERTO_MS],
    [4, 1, 7 * CIRCUITO_ABIERTO_MS],
    [1_000, 1, CIRCUITO_ABIERTO_ENTRE_VARIOS_MS],
  ])(
    'by each of %d workers is asked for so much less often (chance %d)',
    async (trabajadores, azar, esperadoMs) => {
      const { abrir, circuitos } = preparar({ trabajadores, azar: () => azar });

      await abrir();

      expect(circuitos[1].vista().restoMs).toBe(esperadoMs);
    },
  );
});

describe('the circuit of a step 2 that may be sent only once', () => {
  async function conAmbosAbiertos() {
    const caso = preparar({ paso2UnaVez: true });
    const avisado: number[] = [];
    caso.circuitos[2].alAdmitirMas(() => avisado.push(caso.circuitos[2].admite()));
    await caso.abrir(2);
    await caso.abrir(1);
    return { ...caso, avisado, admite: () => caso.circuitos[2].admite() };
  }

  it('does not probe, but waits for step 1 to find the PKI back', async () => {
    const { circuitos, pasar, admite, avisado } = await conAmbosAbiertos();
    for (let i = 0; i < 3; i++) {
      jest.advanceTimersByTime(CIRCUITO_ABIERTO_MAXIMO_MS);
      await pasar('FALLA');
      expect(admite()).toBe(0);
      // As it is told to the API.
      expect(circuitos[2].vista()).toMatchObject({
        estado: 'ABIERTO',
        restoMs: circuitos[1].vista().restoMs + SIN_SONDA_MS,
      });
      await expect(pasar('RESPONDE', 2)).rejects.toThrow(CircuitoAbierto);
    }

    jest.advanceTimersByTime(CIRCUITO_ABIERTO_MAXIMO_MS);
    await pasar('RESPONDE');

    expect([admite(), avisado.at(-1)]).toEqual([1, 1]);
    await expect(pasar('RESPONDE', 2)).resolves.toBe('PASÓ');
  });

  it('waits while step 1 is probed', async () => {
    const { empezar, admite } = await conAmbosAbiertos();
    descansar();
    const terminar = empezar();
    jest.advanceTimersByTime(SIN_SONDA_MS / 2);

    expect(admite()).toBe(0);
    await terminar('RESPONDE');
    expect(admite()).toBe(1);
  });

  it('probes at once where step 1 finds the PKI back, however long it was to rest', async () => {
    const { abrir, circuitos, pasar } = preparar({ paso2UnaVez: true });
    await abrir(2);
    await fallarSondas(pasar, 2, 6);
    await abrir(1);
    descansar();
    expect(circuitos[2].vista().restoMs).toBeGreaterThan(CIRCUITO_ABIERTO_MAXIMO_MS);

    await pasar('RESPONDE', 1);

    expect(circuitos[2].admite()).toBe(1);
  });

  it('rests ever longer, since each of its probes may leave an outcome uncertain', async () => {
    const { abrir, circuitos, pasar } = preparar({ paso2UnaVez: true });
    await abrir(2);
    await fallarSondas(pasar, 2, 10);

    expect(circuitos[2].vista().restoMs).toBe(CIRCUITO_UNA_VEZ_MAXIMO_MS);
  });

  it('probes by itself in the end where step 1 is probed all the time and never answers', async () => {
    const { admite, pasar } = await conAmbosAbiertos();
    for (
      let ms = 0;
      ms < SIN_SONDA_PROPIA_MS - CIRCUITO_ABIERTO_MAXIMO_MS;
      ms += CIRCUITO_ABIERTO_MAXIMO_MS
    ) {
      jest.advanceTimersByTime(CIRCUITO_ABIERTO_MAXIMO_MS);
      await pasar('FALLA');
      expect(admite()).toBe(0);
    }

    jest.advanceTimersByTime(CIRCUITO_ABIERTO_MAXIMO_MS + CIRCUITO_ABIERTO_MS);
    await pasar('FALLA');

    expect(admite()).toBe(1);
  });

  it('opens after as many answers of an unclear end as failures, whatever was answered a moment ago', async () => {
    const { circuitos, pasar } = preparar({ paso2UnaVez: true });
    for (let i = 0; i < 2 * FALLOS_PARA_ABRIR; i++) await pasar('RESPONDE', 2);
    for (let i = 0; i < FALLOS_PARA_ABRIR; i++) await pasar('NO_CONSTA', 2);

    expect(circuitos[2].vista().estado).toBe('ABIERTO');
  });

  it('probes by itself where nobody comes to probe step 1, and tells so', async () => {
    const { admite, avisado } = await conAmbosAbiertos();
    descansar();
    expect(admite()).toBe(0);

    jest.advanceTimersByTime(SIN_SONDA_MS);

    expect([admite(), avisado.at(-1)]).toEqual([1, 1]);
  });

  it('lets in at first no more than would open it, and one more for each that is answered', async () => {
    const { circuitos, pasar } = preparar({ paso2UnaVez: true });
    expect([circuitos[1].admite(), circuitos[2].admite()]).toEqual([Infinity, FALLOS_PARA_ABRIR]);
    await pasar('RESPONDE', 2);
    await pasar('NO_CONSTA', 2);
    await pasar('FALLA', 2);

    expect(circuitos[2].admite()).toBe(FALLOS_PARA_ABRIR + 1);
  });

  it('probes after its own rest where step 1 is answered', async () => {
    const { circuitos, abrir } = preparar({ paso2UnaVez: true });
    await abrir(2);
    descansar();

    expect(circuitos[2].admite()).toBe(1);
  });
});

it('tells whose call probes, as long as it does', async () => {
  const { circuitos, abrir } = preparar();
  const fin = Promise.withResolvers<undefined>();
  await circuitos[1].pasar(() => Promise.resolve(), 'SOL-1');
  await abrir();
  descansar();
  expect(circuitos[1].aPruebaCon()).toBeNull();

  const sonda = circuitos[1].pasar(() => fin.promise, 'SOL-2');
  expect([circuitos[1].aPruebaCon(), circuitos[2].aPruebaCon()]).toEqual(['SOL-2', null]);
  fin.resolve(undefined);
  await sonda;

  expect(circuitos[1].aPruebaCon()).toBeNull();
});

it('that meets nothing but answers that show nothing opens after some of them, and is closed by the first real one', async () => {
  const { circuitos, pasar } = preparar();
  for (let i = 1; i < SIN_RESPUESTA_PARA_ABRIR; i++) await pasar('NO_CONSTA');
  expect(circuitos[1].vista().estado).toBe('CERRADO');

  await pasar('NO_CONSTA');
  expect(circuitos[1].vista().estado).toBe('ABIERTO');
  descansar();
  await pasar('RESPONDE');

  expect(circuitos[1].vista().estado).toBe('CERRADO');
});

it('that begins as others left it rests as long as they, then probes, and lets in one once that is answered', async () => {
  const { circuitos, pasar, esperaDe } = preparar();
  circuitos[1].empezarAbierto(4_000);
  expect([circuitos[1].admite(), await esperaDe()]).toEqual([0, expect.any(Number)]);

  jest.advanceTimersByTime(4_000);
  expect(circuitos[1].admite()).toBe(1);
  await pasar('RESPONDE');

  expect([circuitos[1].vista().estado, circuitos[1].admite()]).toEqual(['CERRADO', 2]);
});

it('that begins open where step 2 may be sent only once does not probe by step 2', () => {
  const { circuitos } = preparar({ paso2UnaVez: true });
  circuitos[1].empezarAbierto(4_000);
  circuitos[2].empezarAbierto(0);

  expect(circuitos[2].admite()).toBe(0);
});

it('rests no longer than the retry window', async () => {
  const { abrir, circuitos } = preparar({ ventanaReintentoMs: 5_000 });

  await abrir();

  expect(circuitos[1].vista().restoMs).toBe(5_000);
});

it('tells whether it is open, for how long, and whether somebody probes', async () => {
  const { circuitos, abrir, empezar } = preparar();
  expect(circuitos[1].vista()).toEqual({ estado: 'CERRADO', restoMs: 0, sonda: null });

  await abrir();
  jest.advanceTimersByTime(4000);
  expect(circuitos[1].vista()).toEqual({
    estado: 'ABIERTO',
    restoMs: CIRCUITO_ABIERTO_MS - 4000,
    sonda: null,
  });

  descansar();
  const terminar = empezar();
  expect(circuitos[1].vista()).toMatchObject({ estado: 'A_PRUEBA', restoMs: 0 });
  expect(circuitos[1].vista().sonda).not.toBeNull();
  await terminar('RESPONDE');
  expect(circuitos[1].vista().estado).toBe('CERRADO');
});

it('each change of a circuit is one line in the log, a warning where it opens', async () => {
  const { abrir, pasar, esperaDe, lineas } = preparar();

  await abrir(2);
  await esperaDe(2);
  descansar();
  await pasar('FALLA', 2);
  descansar();
  descansar();
  await pasar(null, 2);
  descansar();
  await pasar('RESPONDE', 2);

  expect(lineas).toEqual([
    { nivel: 'warn', paso: 2, estado: 'ABIERTO' },
    { nivel: 'info', paso: 2, estado: 'A_PRUEBA' },
    { nivel: 'warn', paso: 2, estado: 'ABIERTO' },
    { nivel: 'info', paso: 2, estado: 'A_PRUEBA' },
    { nivel: 'info', paso: 2, estado: 'CERRADO' },
  ]);
});

it('before any call both circuits are shown as closed and never opened', async () => {
  const { estado, aperturas } = preparar();

  expect([await estado(1), await estado(2), await aperturas(1), await aperturas(2)]).toEqual([0, 0, 0, 0]);
});

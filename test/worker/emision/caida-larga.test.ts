/** What an outage of the PKI holds, simulated: what it costs, that nothing ends by it, and how it comes back. */
import { jest } from '@jest/globals';
import {
  CIRCUITO_ABIERTO_ENTRE_VARIOS_MS,
  FALLOS_PARA_ABRIR,
  LLAMADAS_SIMULTANEAS,
  SONDAS_MAX,
} from '../../../shared/emision/plazos.ts';
import {
  PKI_LLAMADAS_POR_SEGUNDO,
  simularPaso,
  SONDEOS_A_LA_VEZ,
  VENENO,
  VENENO_RAPIDO,
  type Caida,
  type PasoSimulado,
} from './paso-simulado.ts';

jest.setTimeout(60_000);

const MINUTO_MS = 60_000;
const DIA_MS = 86_400_000;
const RETENIDAS = 45_000;

beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] }));
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

/** Attempts at the PKI and what was turned away, in each minute from the first call on. */
function intentosPorMinuto({ llamadas, rechazos }: PasoSimulado): number[] {
  const porMinuto: number[] = [];
  const [desdeMs = 0] = llamadas;
  for (const momento of [...llamadas, ...rechazos]) {
    const minuto = Math.floor((momento - desdeMs) / MINUTO_MS);
    porMinuto[minuto] = (porMinuto[minuto] ?? 0) + 1;
  }
  return Array.from(porMinuto, (intentos?: number) => intentos ?? 0);
}

describe.each([1, 4, 16])('45,000 held for a day by %i workers', (trabajadores) => {
  it('cost no more than one attempt in five seconds, end by nothing, and come back at the rate that was chosen', async () => {
    const paso = simularPaso(trabajadores, `retenidas de ${trabajadores}`);
    paso.caer('SIN_RESPUESTA');
    paso.llegar(RETENIDAS, 50);
    await paso.avanzar(DIA_MS);

    const [primero = 0, ...despues] = intentosPorMinuto(paso);
    // What each worker had under way as the PKI went down, and what its polls still brought.
    expect(primero).toBeLessThanOrEqual(trabajadores * (LLAMADAS_SIMULTANEAS + SONDEOS_A_LA_VEZ));
    expect(Math.max(...despues) / 60).toBeLessThan(0.2);
    expect(despues.length).toBeGreaterThan(1_400);
    expect([paso.hechas(), paso.acabadas()]).toEqual([0, 0]);

    paso.caer(null);
    const [vuelveMs, llamadasEnLaCaida] = [jest.now(), paso.llamadas.length];
    await paso.avanzar(DIA_MS, () => paso.hechas() === RETENIDAS);

    expect([paso.hechas(), paso.acabadas()]).toEqual([RETENIDAS, 0]);
    expect(paso.llamadas.length - llamadasEnLaCaida).toBe(RETENIDAS);
    const drenarMs = (RETENIDAS / PKI_LLAMADAS_POR_SEGUNDO) * 1_000;
    expect(jest.now() - vuelveMs).toBeLessThan(drenarMs + CIRCUITO_ABIERTO_ENTRE_VARIOS_MS);
    // The gate does not see a task that is on its way to it as another call is answered.
    expect(paso.fueraDeLaRampa()).toBeLessThanOrEqual(1);
  });
});

it.each<Caida>(['SIN_CONEXION', 'SIN_RESPUESTA', 'PAGINA', 'LIMITE'])(
  'of 300 that come in an outage of an hour none ends, whatever answers in its place (%s)',
  async (caida) => {
    const paso = simularPaso(2, `de una hora: ${caida}`);
    paso.caer(caida);
    paso.llegar(300, 5);
    await paso.avanzar(60 * MINUTO_MS);
    expect(paso.acabadas()).toBe(0);

    paso.caer(null);
    await paso.avanzar(10 * MINUTO_MS);
    expect(paso.hechas()).toBe(300);
  },
);

// Five failures open the circuit of each worker, and use up the windows of the few that there are.
describe.each([
  [1, 1],
  [4, 1],
  [8, 2],
  [16, 4],
])('with %i workers the outage of a day', (trabajadores, retenidas) => {
  it.each<Caida>(['SIN_CONEXION', 'SIN_RESPUESTA'])(
    `ends nothing though no more than ${retenidas} are held (%s)`,
    async (caida) => {
      const paso = simularPaso(trabajadores, `pocas de ${trabajadores}`);
      paso.caer(caida);
      paso.llegar(retenidas, 50);
      await paso.avanzar(DIA_MS);
      expect(paso.acabadas()).toBe(0);

      paso.caer(null);
      await paso.avanzar(2 * CIRCUITO_ABIERTO_ENTRE_VARIOS_MS);
      expect(paso.hechas()).toBe(retenidas);
    },
  );
});

it.each([20, 60])(
  '%i requests that the PKI fails at, all at once, stop the others for seconds only',
  async (malas) => {
    const paso = simularPaso(1, `${malas} malas`);
    paso.llegar(Infinity, 5);
    await paso.avanzar(MINUTO_MS);
    paso.llegar(malas, 50, VENENO_RAPIDO);

    let [antes, sinNada, masLargo] = [paso.hechas(), 0, 0];
    for (let segundos = 0; segundos < 1_800; segundos++) {
      await paso.avanzar(1_000);
      sinNada = paso.hechas() === antes ? sinNada + 1 : 0;
      masLargo = Math.max(masLargo, sinNada);
      antes = paso.hechas();
    }

    expect(masLargo).toBeLessThan(60);
    expect(paso.acabadas()).toBe(malas);
  },
);

describe('a request that by itself makes the PKI fail', () => {
  it.each([
    ['as its window says beside others, one a minute', 1, 20 * MINUTO_MS],
    ['in hours beside one every ten minutes', 10, 120 * MINUTO_MS],
  ])('ends %s', async (_cuando, cadaMinutos, limiteMs) => {
    const paso = simularPaso(1, 'veneno');
    paso.llegar(1, 1, VENENO);
    paso.llegar(Infinity, 1 / (cadaMinutos * 60));
    await paso.avanzar(limiteMs);

    expect(paso.acabadas()).toBe(1);
    expect(paso.hechas()).toBeGreaterThanOrEqual(limiteMs / MINUTO_MS / cadaMinutos - 1);
  });

  it('ends by its probes where nothing else is sent, and outlives a day', async () => {
    const paso = simularPaso(1, 'veneno solo');
    paso.llegar(1, 1, VENENO);
    await paso.avanzar(DIA_MS);
    expect(paso.acabadas()).toBe(0);

    await paso.avanzar(5 * DIA_MS, () => paso.acabadas() > 0);
    expect(paso.acabadas()).toBe(1);
    expect(paso.llamadas).toHaveLength(FALLOS_PARA_ABRIR + SONDAS_MAX);
  });
});

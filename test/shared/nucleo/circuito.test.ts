import fc from 'fast-check';
import {
  createCircuito,
  type EstadoDeCircuito,
  type Pase,
  type Veredicto,
} from '../../../shared/nucleo/circuito.ts';

const FALLOS = 3;
const ABIERTO_MS = 1_000;
const MAXIMO_MS = 3_000;

function preparar(opciones: { treguaMs?: number; sinRespuestaParaAbrir?: number } = {}) {
  const reloj = { ahoraMs: 5 };
  const cambios: EstadoDeCircuito[] = [];
  const circuito = createCircuito({
    fallosParaAbrir: FALLOS,
    ...opciones,
    abiertoMs: (sondasFallidas) => Math.min((1 + sondasFallidas) * ABIERTO_MS, MAXIMO_MS),
    ahoraMs: () => reloj.ahoraMs,
    alCambiar: (estado) => cambios.push(estado),
  });
  const entrar = (): Pase => {
    const pase = circuito.entrar();
    if (!pase) throw new Error('turned away');
    return pase;
  };
  const llamar = (veredicto: Veredicto) => {
    const pase = entrar();
    pase.juzgar(veredicto);
    pase.dejar();
  };
  return {
    circuito,
    cambios,
    entrar,
    llamar,
    avanzar: (ms: number) => (reloj.ahoraMs += ms),
    abrir: () => {
      for (let i = 0; i < FALLOS; i++) llamar('FALLA');
    },
  };
}

it('is closed until failures in a row open it; an answer begins a new row', () => {
  const { circuito, llamar, cambios } = preparar();
  for (const veredicto of ['FALLA', 'FALLA', 'RESPONDE', 'FALLA', 'FALLA'] as const) llamar(veredicto);
  expect(circuito.vista()).toEqual({ estado: 'CERRADO', restoMs: 0, sonda: null });

  llamar('FALLA');
  expect(circuito.vista()).toEqual({ estado: 'ABIERTO', restoMs: ABIERTO_MS, sonda: null });
  expect(cambios).toEqual(['ABIERTO']);
});

it('is not opened by answers that show nothing, nor closed by them: one that probes has failed', () => {
  const { circuito, llamar, avanzar } = preparar();
  for (let i = 0; i < 2 * FALLOS; i++) llamar('NO_CONSTA');
  for (const veredicto of ['FALLA', 'FALLA', 'NO_CONSTA', 'FALLA', 'FALLA'] as const) llamar(veredicto);
  expect(circuito.vista().estado).toBe('CERRADO');

  llamar('FALLA');
  avanzar(ABIERTO_MS);
  llamar('NO_CONSTA');
  expect(circuito.vista()).toEqual({ estado: 'ABIERTO', restoMs: 2 * ABIERTO_MS, sonda: null });
});

it('is not opened by a few that fail in a row while as many are answered', () => {
  const { circuito, llamar, avanzar } = preparar({ treguaMs: 500 });
  for (let i = 0; i < FALLOS; i++) llamar('RESPONDE');
  for (let i = 0; i < 3 * FALLOS; i++) llamar('FALLA');
  expect(circuito.vista().estado).toBe('CERRADO');

  avanzar(500);
  llamar('FALLA');
  expect(circuito.vista().estado).toBe('ABIERTO');
});

it('is opened at once where fewer were answered', () => {
  const { circuito, llamar, abrir } = preparar({ treguaMs: 500 });
  for (let i = 1; i < FALLOS; i++) llamar('RESPONDE');

  abrir();

  expect(circuito.vista().estado).toBe('ABIERTO');
});

it.each<[string, Veredicto[]]>([
  ['fail', ['FALLA']],
  ['show nothing', ['NO_CONSTA']],
  ['do either', ['FALLA', 'NO_CONSTA']],
])(
  'is opened by so many calls that %s without one that was answered, whatever was a moment ago',
  (_como, veredictos) => {
    const { circuito, llamar } = preparar({ treguaMs: 500, sinRespuestaParaAbrir: 10 });
    const varias = (veces: number) => {
      for (let i = 0; i < veces; i++) llamar(veredictos[i % veredictos.length] ?? 'FALLA');
    };
    for (let i = 0; i < FALLOS; i++) llamar('RESPONDE');
    varias(9);
    llamar('RESPONDE');
    varias(9);
    expect(circuito.vista().estado).toBe('CERRADO');

    varias(1);
    expect(circuito.vista().estado).toBe('ABIERTO');
  },
);

it('opens for as long as somebody else knows, where it is closed', () => {
  const { circuito, avanzar } = preparar();
  circuito.abrir(700);
  circuito.abrir(5_000);
  expect(circuito.vista()).toEqual({ estado: 'ABIERTO', restoMs: 700, sonda: null });

  avanzar(700);
  circuito.entrar()?.juzgar('RESPONDE');
  expect(circuito.vista().estado).toBe('CERRADO');
});

it('tells how long it stays open, and turns all away meanwhile', () => {
  const { circuito, abrir, avanzar } = preparar();
  abrir();
  avanzar(ABIERTO_MS - 1);
  expect([circuito.vista().restoMs, circuito.entrar()]).toEqual([1, null]);
});

it('lets one through after its rest, and tells who it is; it closes where that is answered', () => {
  const { circuito, abrir, avanzar, entrar, cambios } = preparar();
  abrir();
  avanzar(ABIERTO_MS);
  const sonda = entrar();
  expect(circuito.vista()).toEqual({ estado: 'A_PRUEBA', restoMs: 0, sonda });
  expect(circuito.entrar()).toBeNull();

  sonda.juzgar('RESPONDE');
  expect(circuito.vista()).toEqual({ estado: 'CERRADO', restoMs: 0, sonda: null });
  expect(cambios).toEqual(['ABIERTO', 'A_PRUEBA', 'CERRADO']);
});

it('opens for longer after each probe that fails, and for as long as at first once it has closed', () => {
  const { circuito, abrir, avanzar, llamar, cambios } = preparar();
  abrir();
  for (const restoMs of [2 * ABIERTO_MS, MAXIMO_MS, MAXIMO_MS]) {
    avanzar(MAXIMO_MS);
    llamar('FALLA');
    expect(circuito.vista()).toEqual({ estado: 'ABIERTO', restoMs, sonda: null });
  }
  expect(cambios.slice(0, 3)).toEqual(['ABIERTO', 'A_PRUEBA', 'ABIERTO']);

  avanzar(MAXIMO_MS);
  llamar('RESPONDE');
  abrir();
  expect(circuito.vista()).toEqual({ estado: 'ABIERTO', restoMs: ABIERTO_MS, sonda: null });
});

it('lets one through before its rest is over where somebody says that the service is back', () => {
  const { circuito, abrir, llamar, entrar } = preparar();
  circuito.sondear();
  abrir();
  circuito.sondear();
  expect(circuito.vista()).toEqual({ estado: 'ABIERTO', restoMs: 0, sonda: null });

  const sonda = entrar();
  circuito.sondear();
  expect([circuito.vista().sonda, circuito.entrar()]).toEqual([sonda, null]);
  sonda.juzgar('RESPONDE');
  llamar('FALLA');
  expect(circuito.vista().estado).toBe('CERRADO');
});

it('counts failures anew once it has closed', () => {
  const { circuito, abrir, avanzar, llamar } = preparar();
  abrir();
  avanzar(ABIERTO_MS);
  for (const veredicto of ['RESPONDE', 'FALLA', 'FALLA'] as const) llamar(veredicto);
  expect(circuito.vista().estado).toBe('CERRADO');
});

it('takes the next to come for its probe where the one before told nothing, at once or after the rest it asks for', () => {
  const { circuito, abrir, avanzar, entrar } = preparar();
  abrir();
  avanzar(ABIERTO_MS);
  entrar().dejar();
  expect(circuito.vista()).toEqual({ estado: 'A_PRUEBA', restoMs: 0, sonda: null });
  entrar().dejar(300);
  expect(circuito.vista()).toEqual({ estado: 'A_PRUEBA', restoMs: 300, sonda: null });
  expect(circuito.entrar()).toBeNull();
  avanzar(300);
  expect(circuito.entrar()).not.toBeNull();
});

it('closes at the late answer of a probe that was left, and hears nothing of its late failure', () => {
  const { circuito, abrir, avanzar, entrar } = preparar();
  abrir();
  avanzar(ABIERTO_MS);
  const entrarYDejar = () => {
    const pase = entrar();
    pase.dejar(300);
    avanzar(300);
    return pase;
  };
  const [primera, segunda] = [entrarYDejar(), entrarYDejar()];
  const tercera = entrar();
  primera.juzgar('FALLA');
  expect(circuito.vista()).toEqual({ estado: 'A_PRUEBA', restoMs: 0, sonda: tercera });
  segunda.juzgar('RESPONDE');
  expect(circuito.vista().estado).toBe('CERRADO');
});

it('hears nothing of what was sent before it opened', () => {
  const { circuito, abrir, avanzar, entrar, llamar } = preparar();
  const antiguas = Array.from({ length: FALLOS + 1 }, entrar);
  abrir();
  antiguas.pop()?.juzgar('RESPONDE');
  expect(circuito.vista().estado).toBe('ABIERTO');
  avanzar(ABIERTO_MS);
  llamar('RESPONDE');
  for (const antigua of antiguas) antigua.juzgar('FALLA');
  expect(circuito.vista().estado).toBe('CERRADO');
});

it('is opened once by many that fail together', () => {
  const { circuito, entrar, avanzar, cambios } = preparar();
  const llamadas = Array.from({ length: FALLOS * 4 }, entrar);
  for (const llamada of llamadas) {
    llamada.juzgar('FALLA');
    avanzar(1);
  }
  expect(cambios).toEqual(['ABIERTO']);
  expect(circuito.vista().restoMs).toBe(ABIERTO_MS - FALLOS * 4 + FALLOS - 1);
});

describe('whatever is done with it', () => {
  const accion = fc.oneof(
    fc.record({ tipo: fc.constant('ENTRAR' as const) }),
    fc.record({
      tipo: fc.constant('JUZGAR' as const),
      cual: fc.nat(9),
      veredicto: fc.constantFrom<Veredicto>('FALLA', 'FALLA', 'RESPONDE', 'NO_CONSTA'),
    }),
    fc.record({ tipo: fc.constant('DEJAR' as const), cual: fc.nat(9), restoMs: fc.nat(ABIERTO_MS) }),
    fc.record({ tipo: fc.constant('AVANZAR' as const), ms: fc.nat(MAXIMO_MS) }),
    fc.record({ tipo: fc.constant('SONDEAR' as const) }),
    fc.record({ tipo: fc.constant('ABRIR' as const), restoMs: fc.nat(MAXIMO_MS) }),
  );

  it('lets in all, one or none as its state says, changes in order, and is never shut for longer than its rest', () => {
    fc.assert(
      fc.property(fc.array(accion, { maxLength: 80 }), (acciones) => {
        const { circuito, cambios, avanzar } = preparar({ treguaMs: 100, sinRespuestaParaAbrir: 10 });
        const pases: Pase[] = [];
        for (const una of acciones) {
          const antes = circuito.vista();
          if (una.tipo === 'ENTRAR') {
            const pase = circuito.entrar();
            const seAdmite = antes.estado === 'CERRADO' || (antes.restoMs === 0 && antes.sonda === null);
            expect(pase !== null).toBe(seAdmite);
            if (antes.estado !== 'CERRADO' && pase) expect(circuito.vista().sonda).toBe(pase);
            if (pase) pases.push(pase);
          } else if (una.tipo === 'AVANZAR') avanzar(una.ms);
          else if (una.tipo === 'SONDEAR') circuito.sondear();
          else if (una.tipo === 'ABRIR') circuito.abrir(una.restoMs);
          else {
            const pase = pases[pases.length - 1 - una.cual];
            if (una.tipo === 'JUZGAR') pase?.juzgar(una.veredicto);
            else pase?.dejar(una.restoMs);
          }
          const { estado, restoMs, sonda } = circuito.vista();
          expect(restoMs).toBeLessThanOrEqual(MAXIMO_MS);
          if (sonda) expect([estado, restoMs]).toEqual(['A_PRUEBA', 0]);
        }
        const seguidos = cambios.map((estado, i) => `${cambios[i - 1] ?? 'CERRADO'} ${estado}`);
        for (const paso of seguidos)
          expect(['CERRADO ABIERTO', 'ABIERTO A_PRUEBA', 'A_PRUEBA ABIERTO', 'A_PRUEBA CERRADO']).toContain(
            paso,
          );

        circuito.vista().sonda?.dejar();
        avanzar(MAXIMO_MS);
        circuito.entrar()?.juzgar('RESPONDE');
        expect(circuito.vista().estado).toBe('CERRADO');
      }),
    );
  });
});

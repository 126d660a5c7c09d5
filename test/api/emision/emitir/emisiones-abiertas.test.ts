/** As many issuances as may be open at once, in all and of one client, and how they are counted. */
import { setImmediate as inmediato } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { Registry } from 'prom-client';
import {
  createEmisionesAbiertas,
  type EmisionesAbiertas,
} from '../../../../api/emision/emitir/emisiones-abiertas.ts';
import type { RecuentoDelRegistro } from '../../../../shared/registro/emision/registro-de-admision.ts';
import { createMetricasDeCarga } from '../../../../api/http/servidor/metricas.ts';
import {
  ESPERA_DE_UN_WORKER_MS,
  PENDIENTES_POR_RECUENTO,
  RECUENTO_EN_TEMPORAL_MS,
  RECUENTO_MS,
  SIN_RECUENTO_MS,
} from '../../../../shared/emision/plazos.ts';

type Dependencias = Parameters<typeof createEmisionesAbiertas>[0];

/** What the register and Temporal hold, as a test says. */
function mundo(maximo: number, cambios: Partial<Dependencias> = {}) {
  const estado = {
    ahora: 0,
    /** EN_PROCESO, by client. */
    registradas: new Map<string | null, number>(),
    /** Rows by codigo, with the run that owns each. */
    duenos: new Map<string, string>(),
    enTemporal: 0,
    /** What the register was asked about, and how often Temporal was asked. */
    preguntadas: [] as string[][],
    recuentosDeTemporal: 0,
  };
  const abiertas = createEmisionesAbiertas({
    maximo,
    maximoDeUnCliente: maximo,
    contarEnElRegistro(pendientes) {
      estado.preguntadas.push(pendientes);
      const duenos = pendientes.flatMap((codigo) => {
        const runId = estado.duenos.get(codigo);
        return runId === undefined ? [] : [[codigo, runId] as const];
      });
      return Promise.resolve({ porCliente: new Map(estado.registradas), duenos: new Map(duenos) });
    },
    contarEnTemporal() {
      estado.recuentosDeTemporal++;
      return Promise.resolve(estado.enTemporal);
    },
    metricas: createMetricasDeCarga(new Registry()),
    ahoraMs: () => estado.ahora,
    ...cambios,
  });
  return { estado, ...deUnaEnUna(abiertas) };
}

/** Each of another codigo, unless it is named. */
function deUnaEnUna(abiertas: EmisionesAbiertas) {
  let siguiente = 0;
  const admitir = (cambios: Partial<Parameters<EmisionesAbiertas['admitir']>[0]> = {}) =>
    abiertas.admitir({ codigo: `SOL-${++siguiente}`, cliente: null, runAnterior: null, ...cambios });
  return {
    admitir,
    /** How many of so many start. */
    cuantas: async (veces: number, cambios: Parameters<typeof admitir>[0] = {}) => {
      const admitidas: string[] = [];
      for (let i = 0; i < veces; i++) admitidas.push((await admitir(cambios)).tipo);
      return admitidas.filter((tipo) => tipo === 'ADMITIDA').length;
    },
  };
}

describe('one more issuance', () => {
  it('starts until as many are open as may be, each that this process lets start counted at once', async () => {
    const { estado, admitir } = mundo(10);
    estado.registradas.set('uno', 4).set('otro', 3);

    const admitidas = await Promise.all(Array.from({ length: 5 }, () => admitir()));

    const [si, no] = ['ADMITIDA', 'MUCHAS_ABIERTAS'];
    expect(admitidas.map(({ tipo }) => tipo)).toEqual([si, si, si, no, no]);
  });

  it('starts again as soon as the register counts fewer, once the last count has had its time', async () => {
    const { estado, cuantas } = mundo(10);
    estado.registradas.set(null, 10);
    expect(await cuantas(1)).toBe(0);
    estado.registradas.set(null, 9);
    expect(await cuantas(1)).toBe(0);

    estado.ahora += RECUENTO_MS;

    expect(await cuantas(2)).toBe(1);
  });

  it('does not wait for the next count where the last one leaves room', async () => {
    const pedidos: PromiseWithResolvers<RecuentoDelRegistro>[] = [];
    const { estado, admitir } = mundo(3, {
      contarEnElRegistro: () => {
        const pedido = Promise.withResolvers<RecuentoDelRegistro>();
        pedidos.push(pedido);
        return pedido.promise;
      },
    });
    const contar = (n: number, porCliente: [null, number][], duenos: [string, string][] = []) =>
      pedidos[n]?.resolve({ porCliente: new Map(porCliente), duenos: new Map(duenos) });
    const primera = admitir();
    contar(0, []);
    expect((await primera).tipo).toBe('ADMITIDA');
    estado.ahora += RECUENTO_MS;

    expect([(await admitir()).tipo, (await admitir()).tipo]).toEqual(['ADMITIDA', 'ADMITIDA']);
    expect(pedidos).toHaveLength(2);
    const siguiente = admitir();
    // The first of the three is registered, and done; of the others the count was not asked.
    contar(1, [], [['SOL-1', 'run-1']]);

    expect([(await siguiente).tipo, (await admitir()).tipo]).toEqual(['ADMITIDA', 'MUCHAS_ABIERTAS']);
  });

  it('is not counted anew by a register that is slow to count, but rarely', async () => {
    let cuentas = 0;
    const lenta = mundo(1, {
      contarEnElRegistro: () => {
        cuentas++;
        lenta.estado.ahora += 500;
        return Promise.resolve({ porCliente: new Map(), duenos: new Map() });
      },
    });
    for (let segundos = 0; segundos < 60; segundos++) {
      await lenta.cuantas(1);
      lenta.estado.ahora += 1_000;
    }

    expect(cuentas).toBeLessThan(15);
  });

  it('that waits for a worker counts as long as it waits, though no count shows it', async () => {
    const { estado, cuantas } = mundo(5);
    expect(await cuantas(5)).toBe(5);
    estado.enTemporal = 5;

    for (let segundos = 0; segundos < 3_600; segundos += 5) {
      estado.ahora += 5_000;
      expect(await cuantas(1)).toBe(0);
    }

    // A worker is back: one is done, two run.
    for (const n of [1, 2, 3]) estado.duenos.set(`SOL-${n}`, `run-${n}`);
    estado.registradas.set(null, 2);
    estado.enTemporal = 4;
    estado.ahora += RECUENTO_MS;
    expect(await cuantas(3)).toBe(1);
  });

  it('of a codigo that failed before counts until its row is of another run', async () => {
    const { estado, admitir, cuantas } = mundo(1);
    estado.duenos.set('FALLIDA', 'run-anterior');
    expect((await admitir({ codigo: 'FALLIDA', runAnterior: 'run-anterior' })).tipo).toBe('ADMITIDA');
    estado.enTemporal = 1;
    estado.ahora += RECUENTO_MS;
    expect(await cuantas(1)).toBe(0);

    estado.duenos.set('FALLIDA', 'run-nueva');
    estado.ahora += RECUENTO_MS;

    expect(await cuantas(1)).toBe(1);
  });

  it('is let in again under a codigo that counts already, however little room there is, and counts once', async () => {
    const { admitir, cuantas } = mundo(2);
    const primera = await admitir({ codigo: 'REPETIDA' });
    const segunda = await admitir({ codigo: 'REPETIDA' });
    expect([primera.tipo, segunda.tipo]).toEqual(['ADMITIDA', 'ADMITIDA']);
    expect(await cuantas(2)).toBe(1);
    expect((await admitir({ codigo: 'REPETIDA' })).tipo).toBe('ADMITIDA');

    // That the second did not start does not say that the first did not.
    if (segunda.tipo === 'ADMITIDA') segunda.soltar();
    expect(await cuantas(1)).toBe(0);
    if (primera.tipo === 'ADMITIDA') primera.soltar();
    expect(await cuantas(2)).toBe(1);
  });

  it('finds those that wait looked up a part at a time, each in its turn', async () => {
    const { estado, cuantas } = mundo(3 * PENDIENTES_POR_RECUENTO);
    await cuantas(PENDIENTES_POR_RECUENTO + 10);
    estado.enTemporal = PENDIENTES_POR_RECUENTO + 10;
    for (let i = 0; i < 2; i++) {
      estado.ahora += RECUENTO_MS;
      await cuantas(1);
      await inmediato();
    }

    const preguntadas = estado.preguntadas.slice(1);
    expect(preguntadas.map((unas) => unas.length)).toEqual([
      PENDIENTES_POR_RECUENTO,
      PENDIENTES_POR_RECUENTO,
    ]);
    expect(new Set(preguntadas.flat()).size).toBe(PENDIENTES_POR_RECUENTO + 11);
  });
});

describe('Temporal', () => {
  it('is asked once in thirty counts, whatever is sent', async () => {
    const { estado, cuantas } = mundo(10_000);
    for (let segundos = 0; segundos < 60; segundos++) {
      await cuantas(3);
      estado.ahora += 1_000;
      await inmediato();
    }

    expect([estado.preguntadas.length, estado.recuentosDeTemporal]).toEqual([60, 2]);
  });

  it('tells an API that has just started of what waits for a worker since before', async () => {
    const { estado, cuantas } = mundo(10);
    estado.enTemporal = 8;
    estado.registradas.set(null, 1);

    expect(await cuantas(5)).toBe(2);
  });

  it('tells of what another API started, once it counts it', async () => {
    const { estado, cuantas } = mundo(10);
    expect(await cuantas(2)).toBe(2);
    estado.enTemporal = 9;
    estado.ahora += RECUENTO_EN_TEMPORAL_MS;
    await cuantas(1);
    await inmediato();

    expect(await cuantas(5)).toBe(1);
  });

  it('has forgotten what closed before it wrote anything, and so does the process', async () => {
    const { estado, cuantas } = mundo(4);
    expect(await cuantas(5)).toBe(4);
    estado.enTemporal = 1;
    estado.ahora += RECUENTO_EN_TEMPORAL_MS;

    expect(await cuantas(5)).toBe(3);
  });

  it('that does not count turns nobody away, and what this process started counts all the same', async () => {
    const { estado, cuantas } = mundo(3, { contarEnTemporal: () => Promise.reject(new Error('no count')) });
    expect(await cuantas(5)).toBe(3);

    estado.ahora += 2 * RECUENTO_EN_TEMPORAL_MS;

    expect(await cuantas(5)).toBe(0);
  });

  it('lets what no count shows be forgotten, once a worker has had its time', async () => {
    const { estado, cuantas } = mundo(3, { contarEnTemporal: () => Promise.reject(new Error('no count')) });
    expect(await cuantas(3)).toBe(3);

    estado.ahora += ESPERA_DE_UN_WORKER_MS;

    expect(await cuantas(5)).toBe(3);
  });
});

describe('while the register does not count', () => {
  function queFalla(maximo: number) {
    let falla = false;
    const alFallar = jest.fn();
    const fallando = mundo(maximo, {
      maximoDeUnCliente: maximo - 1,
      contarEnElRegistro: () =>
        falla
          ? Promise.reject(new Error('no count'))
          : Promise.resolve({ porCliente: new Map([['uno', 8]]), duenos: new Map() }),
      alFallar,
    });
    return { ...fallando, alFallar, fallar: (si: boolean) => (falla = si) };
  }

  it('the last count bounds, told once, and after a while nobody is turned away', async () => {
    const { estado, admitir, cuantas, alFallar, fallar } = queFalla(10);
    await admitir();
    estado.ahora += RECUENTO_MS;
    fallar(true);

    expect(await cuantas(2)).toBe(1);
    for (let transcurridoMs = 0; transcurridoMs < SIN_RECUENTO_MS; transcurridoMs += RECUENTO_MS) {
      expect(await cuantas(1)).toBe(0);
      estado.ahora += RECUENTO_MS;
    }
    expect(await cuantas(30)).toBe(30);
    expect(await cuantas(30, { cliente: 'uno' })).toBe(30);
    expect(alFallar).toHaveBeenCalledTimes(1);

    await inmediato();
    fallar(false);
    estado.ahora += RECUENTO_MS;
    await admitir();
    await inmediato();
    // Of what was let in meanwhile it keeps no more than may be open.
    expect(await cuantas(1)).toBe(0);
  });

  it('a client has its share by the last count, and others go on', async () => {
    const { estado, cuantas, fallar } = queFalla(12);
    expect(await cuantas(5, { cliente: 'uno' })).toBe(3);
    fallar(true);
    estado.ahora += RECUENTO_MS;

    expect([await cuantas(1, { cliente: 'uno' }), await cuantas(5, { cliente: 'otro' })]).toEqual([0, 1]);
  });
});

describe('a client', () => {
  it('has as many open as one may, whatever others have, and is counted apart where it is refused', async () => {
    const metricas = new Registry();
    const { estado, cuantas } = mundo(1_000, {
      maximoDeUnCliente: 3,
      metricas: createMetricasDeCarga(metricas),
    });
    estado.registradas.set('uno', 1).set(null, 50);

    expect([await cuantas(5, { cliente: 'uno' }), await cuantas(5, { cliente: 'otro' })]).toEqual([2, 3]);
    const texto = await metricas.metrics();
    expect(texto).toContain('http_shed_requests_total{tope="emisiones"} 5');
    expect(texto).toContain('http_shed_requests_total{tope="emisiones_del_cliente"} 5');
  });

  it('has room again once what it had is done, or did not start', async () => {
    const { estado, admitir, cuantas } = mundo(1_000, { maximoDeUnCliente: 3 });
    estado.registradas.set('uno', 2);
    const ultima = await admitir({ cliente: 'uno' });
    expect(await cuantas(1, { cliente: 'uno' })).toBe(0);
    if (ultima.tipo === 'ADMITIDA') ultima.soltar();
    expect(await cuantas(2, { cliente: 'uno' })).toBe(1);

    estado.registradas.set('uno', 1);
    estado.duenos.set('SOL-3', 'run-3');
    estado.ahora += RECUENTO_MS;

    expect(await cuantas(5, { cliente: 'uno' })).toBe(2);
  });

  it('has what waits for a worker counted, though the register does not know of it', async () => {
    const { estado, cuantas } = mundo(1_000, { maximoDeUnCliente: 3 });
    expect(await cuantas(5, { cliente: 'uno' })).toBe(3);
    estado.enTemporal = 3;
    for (let i = 0; i < 100; i++) {
      estado.ahora += RECUENTO_MS;
      expect(await cuantas(1, { cliente: 'uno' })).toBe(0);
    }
  });
});

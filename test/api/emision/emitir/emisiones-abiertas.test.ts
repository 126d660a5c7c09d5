/** As many issuances as may be open at once: what is accepted beyond them, and what is answered. */
import { setImmediate as inmediato } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { Registry } from 'prom-client';
import { createEmisionesAbiertas } from '../../../../api/emision/emitir/emisiones-abiertas.ts';
import type { RunEnCurso } from '../../../../api/emision/temporal/motor-temporal.ts';
import { createMetricasDeCarga } from '../../../../api/http/servidor/metricas.ts';
import { RECUENTO_MS, SIN_RECUENTO_MS } from '../../../../shared/emision/plazos.ts';
import type { Espera } from '../../../../api/emision/servicio-emision.ts';
import {
  CONTEXTO,
  espera,
  fila,
  runAbierta,
  servicioDeEmision,
  sucesivas,
  SUYA,
} from '../../../support/api/servicio-de-emision.ts';

const NO_ACEPTADA = {
  tipo: 'FALLO',
  fallo: 'SERVICIO_NO_DISPONIBLE',
  detalles: [
    'La petición no se aceptó: ya hay tantas emisiones en proceso como el servicio admite a la vez. Envíela de nuevo.',
  ],
  vista: null,
  reintentarEnS: 5,
};
const ASINCRONA = espera({ asincrona: true, maximoMs: 0 });

/** A count that a test answers when it likes. */
function recuentos() {
  const pedidos: PromiseWithResolvers<number>[] = [];
  return {
    pedidos,
    contar: () => {
      const pedido = Promise.withResolvers<number>();
      pedidos.push(pedido);
      return pedido.promise;
    },
  };
}

describe('one more issuance', () => {
  const metricas = createMetricasDeCarga(new Registry());
  let ahora = 0;
  const ahoraMs = () => ahora;

  it('starts until as many are open as may be, each that this process lets start counted at once', async () => {
    const abiertas = createEmisionesAbiertas({
      maximo: 10,
      contar: () => Promise.resolve(7),
      metricas,
      ahoraMs,
    });

    const admitidas = await Promise.all(Array.from({ length: 5 }, () => abiertas.admitir()));

    expect(admitidas).toEqual([true, true, true, false, false]);
  });

  it('starts again as soon as Temporal counts fewer, once the last count has had its time', async () => {
    let corriendo = 10;
    const abiertas = createEmisionesAbiertas({
      maximo: 10,
      contar: () => Promise.resolve(corriendo),
      metricas,
      ahoraMs,
    });
    expect(await abiertas.admitir()).toBe(false);
    corriendo = 9;
    expect(await abiertas.admitir()).toBe(false);

    ahora += RECUENTO_MS;

    expect([await abiertas.admitir(), await abiertas.admitir()]).toEqual([true, false]);
  });

  it('does not wait for the next count where the last one leaves room', async () => {
    const { pedidos, contar } = recuentos();
    const abiertas = createEmisionesAbiertas({ maximo: 3, contar, metricas, ahoraMs });
    const primera = abiertas.admitir();
    pedidos[0]?.resolve(0);
    expect(await primera).toBe(true);
    ahora += RECUENTO_MS;

    expect([await abiertas.admitir(), await abiertas.admitir()]).toEqual([true, true]);
    expect(pedidos).toHaveLength(2);
    const siguiente = abiertas.admitir();
    // The first of the three began before it was asked for, and is done; the others may not be in it.
    pedidos[1]?.resolve(0);

    expect([await siguiente, await abiertas.admitir()]).toEqual([true, false]);
  });

  it('tells the last count, and none before there is one', async () => {
    const { pedidos, contar } = recuentos();
    const abiertas = createEmisionesAbiertas({ maximo: 10, contar, metricas, ahoraMs });
    expect(abiertas.contadas()).toBe(0);
    const primera = abiertas.admitir();
    pedidos[0]?.resolve(8);
    await primera;

    expect(abiertas.contadas()).toBe(8);
  });

  it('is bounded by what is known while counts fail, told once, and is turned away no more after a while', async () => {
    let falla = false;
    const contar = () => (falla ? Promise.reject(new Error('no count')) : Promise.resolve(8));
    const alFallar = jest.fn();
    const abiertas = createEmisionesAbiertas({ maximo: 10, contar, metricas, alFallar, ahoraMs });
    await abiertas.admitir();
    ahora += RECUENTO_MS;
    falla = true;

    expect([await abiertas.admitir(), await abiertas.admitir()]).toEqual([true, false]);
    for (let transcurridoMs = 0; transcurridoMs < SIN_RECUENTO_MS; transcurridoMs += RECUENTO_MS) {
      expect(await abiertas.admitir()).toBe(false);
      ahora += RECUENTO_MS;
    }
    expect(await abiertas.admitir()).toBe(true);
    expect(alFallar).toHaveBeenCalledTimes(1);

    await inmediato();
    falla = false;
    ahora += RECUENTO_MS;
    await abiertas.admitir();
    await inmediato();
    expect([await abiertas.admitir(), await abiertas.admitir()]).toEqual([true, false]);
  });
});

describe('where as many are open as may be', () => {
  const llena = (registro = {}, run: RunEnCurso | null = null) => {
    const metricas = new Registry();
    const iniciadas: unknown[] = [];
    const api = servicioDeEmision({
      registro,
      motor: {
        contarAbiertas: () => Promise.resolve(1),
        enCurso: () => Promise.resolve(run),
        iniciar: (entrada) => {
          iniciadas.push(entrada);
          return Promise.resolve(true);
        },
      },
      abiertasMax: 1,
      metricas,
    });
    return { api, iniciadas, metricas };
  };

  it.each<[string, Espera]>([
    ['waits for it', espera()],
    ['does not', ASINCRONA],
  ])('a new one is refused before anything is started, whether its client %s', async (_, suya) => {
    const { api, iniciadas, metricas } = llena();

    expect(await api.emitir(SUYA, CONTEXTO, suya)).toEqual(NO_ACEPTADA);
    expect(iniciadas).toEqual([]);
    const texto = await metricas.metrics();
    expect(texto).toContain('http_shed_requests_total{tope="emisiones"} 1');
    expect(texto).toContain('http_waiting_requests 0');
  });

  it('what is under way or done already is answered as ever', async () => {
    const { api, iniciadas } = llena({ conciliar: () => Promise.resolve(fila(SUYA, 'COMPLETADO')) });
    expect(await api.emitir(SUYA, CONTEXTO, espera())).toMatchObject({ tipo: 'YA_EMITIDO' });

    const otra = llena({ conciliar: () => Promise.resolve(fila(SUYA, 'EN_PROCESO')) });
    expect(await otra.api.emitir(SUYA, CONTEXTO, ASINCRONA)).toMatchObject({ tipo: 'ACEPTADA' });
    expect([...iniciadas, ...otra.iniciadas]).toEqual([]);
  });

  it('what was accepted and no worker has begun is not denied', async () => {
    const { api } = llena({}, runAbierta());

    expect(await api.emitir(SUYA, CONTEXTO, ASINCRONA)).toMatchObject({
      tipo: 'ACEPTADA',
      vista: { estado: 'EN_PROCESO' },
    });
  });

  it('what a restored register lost is made again', async () => {
    const leidas = sucesivas(null, fila(SUYA, 'COMPLETADO'));
    const { api } = llena({ conciliar: leidas }, runAbierta({ abierta: false }));

    expect(await api.emitir(SUYA, CONTEXTO, espera())).toMatchObject({ tipo: 'YA_EMITIDO' });
  });
});

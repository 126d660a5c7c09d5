/** As many issuances as may be open at once: what is accepted beyond them, and what is answered. */
import { Registry } from 'prom-client';
import { createEmisionesAbiertas } from '../../api/emision/emisiones-abiertas.ts';
import { createMetricasDeCarga } from '../../api/http/metricas.ts';
import { RECUENTO_CADUCO_MS, RECUENTO_MS } from '../../shared/emision/plazos.ts';
import type { Espera } from '../../shared/emision/servicio-emision.ts';
import { CONTEXTO, espera, fila, servicioDeEmision, SUYA } from '../support/servicio-de-emision.ts';

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

  it('starts again once Temporal counts fewer', async () => {
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

    ahora += RECUENTO_CADUCO_MS;

    expect([await abiertas.admitir(), await abiertas.admitir()]).toEqual([true, false]);
  });

  it('is judged by the last count while the next is made, and no longer once that one is old', async () => {
    const { pedidos, contar } = recuentos();
    const abiertas = createEmisionesAbiertas({ maximo: 3, contar, metricas, ahoraMs });
    const primeras = [abiertas.admitir(), abiertas.admitir()];
    pedidos[0]?.resolve(0);
    expect(await Promise.all(primeras)).toEqual([true, true]);

    ahora += RECUENTO_MS;
    expect(await abiertas.admitir()).toBe(true);
    expect(await abiertas.admitir()).toBe(false);
    expect(pedidos).toHaveLength(2);

    ahora += RECUENTO_CADUCO_MS;
    const siguiente = abiertas.admitir();
    // Two of the three are done; the third began while this count was asked for, and may not be in it.
    pedidos[1]?.resolve(1);
    expect(await siguiente).toBe(true);
    expect(await abiertas.admitir()).toBe(false);
  });

  it('starts where no count is to be had', async () => {
    const contar = () => Promise.reject(new Error('the store that counts is down'));
    const abiertas = createEmisionesAbiertas({ maximo: 1, contar, metricas, ahoraMs });

    expect(await abiertas.admitir()).toBe(true);
    ahora += RECUENTO_CADUCO_MS;
    expect(await abiertas.admitir()).toBe(true);
  });
});

describe('where as many are open as may be', () => {
  const llena = (registro = {}) => {
    const metricas = new Registry();
    const iniciadas: unknown[] = [];
    const api = servicioDeEmision({
      registro,
      motor: {
        contarAbiertas: () => Promise.resolve(1),
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
    expect(texto).toContain('emisiones_abiertas 1');
    expect(texto).toContain('http_waiting_requests 0');
  });

  it('what is under way or done already is answered as ever', async () => {
    const { api, iniciadas } = llena({ conciliar: () => Promise.resolve(fila(SUYA, 'COMPLETADO')) });
    expect(await api.emitir(SUYA, CONTEXTO, espera())).toMatchObject({ tipo: 'YA_EMITIDO' });

    const otra = llena({ conciliar: () => Promise.resolve(fila(SUYA, 'EN_PROCESO')) });
    expect(await otra.api.emitir(SUYA, CONTEXTO, ASINCRONA)).toMatchObject({ tipo: 'ACEPTADA' });
    expect([...iniciadas, ...otra.iniciadas]).toEqual([]);
  });
});

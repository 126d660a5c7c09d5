/** As many requests as a process works on at once: the next is refused before anything is done for it. */
import { Registry } from 'prom-client';
import { createMetricasDeCarga } from '../../api/http/metricas.ts';
import { createEntrarAlServicio } from '../../api/http/peticiones-simultaneas.ts';

let enEspera: number;
let metricas: Registry;
let entrar: ReturnType<typeof createEntrarAlServicio>;
beforeEach(() => {
  enEspera = 0;
  metricas = new Registry();
  entrar = createEntrarAlServicio(2, () => enEspera, createMetricasDeCarga(metricas));
});

const SIN_LUGAR = expect.objectContaining({
  fallo: 'SERVICIO_NO_DISPONIBLE',
  detalles: [expect.stringContaining('Envíela de nuevo')],
  cabeceras: { 'Retry-After': '5' },
}) as Error;

it('refuses one more than there is room for, counts it, and lets it in once one has left', async () => {
  const salir = entrar();
  entrar();

  expect(entrar).toThrow(SIN_LUGAR);
  expect(await metricas.metrics()).toContain('http_shed_requests_total{tope="peticiones"} 1');
  salir();
  expect(entrar).not.toThrow();
});

it('has room for others while those inside only wait for an issuance', () => {
  entrar();
  entrar();
  enEspera = 1;

  expect(entrar).not.toThrow();
  expect(entrar).toThrow(SIN_LUGAR);
});

/** As many requests as a process works on at once: the next is refused before anything is done for it. */
import { FALLOS_HTTP } from '../../../../shared/nucleo/fallos.ts';
import { Registry } from 'prom-client';
import { createMetricasDeCarga } from '../../../../api/http/servidor/metricas.ts';
import { createAdmisionDePeticiones } from '../../../../api/http/carga/peticiones-simultaneas.ts';
import { ApiDePrueba, BASE } from '../../../support/api/api-de-prueba.ts';
import { solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';

let enEspera: number;
let metricas: Registry;
let entrar: ReturnType<typeof createAdmisionDePeticiones>;
beforeEach(() => {
  enEspera = 0;
  metricas = new Registry();
  entrar = createAdmisionDePeticiones(2, () => enEspera, createMetricasDeCarga(metricas));
});

const SIN_LUGAR = expect.objectContaining({
  fallo: FALLOS_HTTP.SERVICIO_NO_DISPONIBLE,
  detalles: [expect.stringContaining('Envíela de nuevo')],
  cabeceras: { 'Retry-After': '5' },
}) as Error;

const completa = () => ({ complete: true });

it('the service refuses one more than there is room for, counts it, and lets it in once one has left', async () => {
  const salir = entrar(completa());
  entrar(completa());

  expect(() => entrar(completa())).toThrow(SIN_LUGAR);
  expect(await metricas.metrics()).toContain('http_shed_requests_total{tope="peticiones"} 1');
  salir();
  expect(() => entrar(completa())).not.toThrow();
});

it('the service has room for others while those inside only wait for an issuance', () => {
  entrar(completa());
  entrar(completa());
  enEspera = 1;

  expect(() => entrar(completa())).not.toThrow();
  expect(() => entrar(completa())).toThrow(SIN_LUGAR);
});

it('the service has room for others while the bodies of those inside are on their way', () => {
  const lentas = [{ complete: false }, { complete: false }];
  lentas.forEach(entrar);
  entrar(completa());
  expect(() => entrar(completa())).not.toThrow();

  for (const lenta of lentas) lenta.complete = true;

  expect(() => entrar(completa())).toThrow(SIN_LUGAR);
});

describe('the API without room for another request', () => {
  it('refuses it by 503 before it looks at its token, answers for its health, and takes it once there is room', async () => {
    const api = await ApiDePrueba.iniciar({ entrarAlServicio: entrar });
    const [atendida, llegada] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    api.servicio.responder = async (vista) => {
      llegada.resolve(undefined);
      await atendida.promise;
      return { tipo: 'EMITIDO', vista };
    };
    const salir = entrar(completa());
    const primera = api.emitir(solicitudDePrueba('SOL-1'));
    await llegada.promise;

    const otra = await api.pedir({ ruta: `${BASE}/solicitudes/SOL-1` });
    expect([otra.estadoHttp, otra.sobre.error?.tipo, otra.cabeceras['retry-after']]).toEqual([
      503,
      'SERVICIO_NO_DISPONIBLE',
      '5',
    ]);
    for (const ruta of ['/openapi.json', '/docs', '/docs/swagger-ui.css', '/nada'])
      expect((await api.pedirTexto({ ruta })).estadoHttp).toBe(503);
    for (const ruta of ['/health/live', '/health/ready', '/metrics'])
      expect((await api.pedirTexto({ ruta })).estadoHttp).toBe(200);
    atendida.resolve(undefined);
    expect((await primera).estadoHttp).toBe(201);

    // Each leaves, however it is answered.
    expect((await api.pedir({ ruta: `${BASE}/solicitudes/SOL-1` })).estadoHttp).toBe(401);
    expect((await api.consultar('NO-HAY')).estadoHttp).toBe(404);
    salir();
    await api.detener();
  });
});

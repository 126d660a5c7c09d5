/** The span of a request: whose trace it goes on, what it tells, and what of it leaves the process. */
import {
  AlwaysOnSampler,
  InMemorySpanExporter,
  ParentBasedSampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace';
import { soloLoPermitido } from '../../../../shared/runtime/trazas/exportador.ts';
import { traceIdDe } from '../../../../shared/runtime/trazas/ids-de-traza.ts';
import { registrarTrazas, type Trazas } from '../../../../shared/runtime/trazas/proveedor.ts';
import { ApiDePrueba, BASE } from '../../../support/api/api-de-prueba.ts';
import { solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';
import { hasta } from '../../../support/hasta.ts';

const TRAZA = '0af7651916cd43dd8448eb211c80319c';
const PADRE = 'b7ad6b7169203331';
const CORRELACION = '5f0c8b1e-8d0f-4e55-9a3c-2d8a1f3f7c10';

let api: ApiDePrueba;
let trazas: Trazas;
const exportador = new InMemorySpanExporter();

beforeAll(async () => {
  trazas = registrarTrazas(new ParentBasedSampler({ root: new AlwaysOnSampler() }), [
    new SimpleSpanProcessor({ exporter: soloLoPermitido(exportador) }),
  ]);
  api = await ApiDePrueba.iniciar();
});
beforeEach(() => {
  exportador.reset();
});
afterAll(async () => {
  await api.detener();
  await trazas.detener();
});

/** The one span of a request, which ends once the answer has left. */
async function tramo() {
  const [uno] = await hasta('the span to end', () => {
    const hechos = exportador.getFinishedSpans();
    return Promise.resolve(hechos.length > 0 && hechos);
  });
  if (!uno) throw new Error('hasta waits for it');
  return uno;
}

const consultar = async (cabeceras: Record<string, string | string[]>) =>
  api.pedir({
    ruta: `${BASE}/solicitudes/SOL-1`,
    cabeceras: {
      Authorization: `Bearer ${await api.emisor.token()}`,
      'X-Correlation-ID': CORRELACION,
      ...cabeceras,
    },
  });

it('goes on the trace of whoever sent it, as its child', async () => {
  await consultar({ traceparent: `00-${TRAZA}-${PADRE}-01`, tracestate: 'pasarela=1' });

  const { spanContext, parentSpanContext, name, attributes } = await tramo();
  expect(spanContext()).toMatchObject({ traceId: TRAZA, traceFlags: 1 });
  expect(spanContext().traceState).toBeUndefined();
  expect(parentSpanContext).toMatchObject({ spanId: PADRE, isRemote: true });
  expect(name).toBe(`GET ${BASE}/solicitudes/{codigoSolicitudTramite}`);
  expect(attributes).toEqual({
    'http.request.method': 'GET',
    'http.route': `${BASE}/solicitudes/{codigoSolicitudTramite}`,
    'http.response.status_code': 404,
    correlation_id: CORRELACION,
  });
  expect(api.bitacora.at(-1)).toMatchObject({ traceId: TRAZA, correlationId: CORRELACION });
});

it.each<[string, Record<string, string | string[]>]>([
  ['none', {}],
  ['an empty one', { traceparent: '' }],
  ['words', { traceparent: 'María Quispe' }],
  ['the trace of nobody', { traceparent: `00-${'0'.repeat(32)}-${PADRE}-01` }],
  ['the span of nobody', { traceparent: `00-${TRAZA}-${'0'.repeat(16)}-01` }],
  ['a version that there is not', { traceparent: `ff-${TRAZA}-${PADRE}-01` }],
  ['one in capitals', { traceparent: `00-${TRAZA.toUpperCase()}-${PADRE}-01` }],
  ['one that is cut', { traceparent: `00-${TRAZA}-${PADRE}` }],
])('with %s the trace is the correlation id’s', async (_cual, cabeceras) => {
  await consultar(cabeceras);

  const { spanContext, parentSpanContext } = await tramo();
  expect(spanContext().traceId).toBe(CORRELACION.replaceAll('-', ''));
  expect(parentSpanContext).toBeUndefined();
});

it('a correlation id that makes no trace has one made for it', async () => {
  expect(traceIdDe('00000000-0000-0000-0000-000000000000')).toBeUndefined();
  await consultar({ 'X-Correlation-ID': '00000000-0000-0000-0000-000000000000' });
  expect((await tramo()).spanContext().traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
});

it('what its sender does not sample is not told', async () => {
  await consultar({ traceparent: `00-${TRAZA}-${PADRE}-00` });
  await consultar({});
  expect((await tramo()).spanContext().traceId).not.toBe(TRAZA);
});

it('what machines ask every second is no span', async () => {
  await api.pedirTexto({ ruta: '/health/live' });
  await api.pedirTexto({ ruta: '/metrics' });
  await consultar({});
  expect((await tramo()).name).toContain('/solicitudes/');
});

it.each([
  ['without a token', { ruta: `${BASE}/solicitudes/SOL-1` }],
  ['for what there is not', { ruta: '/nada' }],
  ['by a method that is not taken', { ruta: `${BASE}/solicitudes/SOL-1`, metodo: 'PUT' as const }],
])('of who asks %s, however sampled, none is told', async (_, pedido) => {
  await api.pedir({ ...pedido, cabeceras: { traceparent: `00-${TRAZA}-${PADRE}-01` } });
  await consultar({});

  expect((await tramo()).attributes['http.response.status_code']).toBe(404);
  expect(exportador.getFinishedSpans()).toHaveLength(1);
});

it('tells the codigo, and nothing of the citizen', async () => {
  await api.emitir(solicitudDePrueba('SOL-TRAZADA'));

  const { attributes } = await tramo();
  expect(attributes).toMatchObject({ codigo_solicitud_tramite: 'SOL-TRAZADA' });
  expect(JSON.stringify(attributes)).not.toMatch(/45678912|María|Quispe/);
});

it('is an error where the service failed, without its words', async () => {
  api.servicio.emitir = () => Promise.reject(new Error('María Quispe'));
  await api.emitir(solicitudDePrueba('SOL-ROTA'));

  const { status, events, attributes } = await tramo();
  expect(status).toEqual({ code: 2 });
  expect(JSON.stringify([events, attributes])).not.toContain('María');
});

/** One id finds the whole story of a request: its trace, hop by hop; the logs of every process; `npm run seguir`. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { requestDevelopmentToken } from '../../../simulator/oidc/development-token.ts';
import { solicitudDePrueba } from '../../support/emision/solicitud-de-prueba.ts';
import { TOOL_SETUP_MS } from '../../support/referees/tools.ts';
import { Stack, type Respuesta } from '../../support/servidores/stack.ts';
import { Colector, prepararColector, type TramoRecibido } from '../../support/trazas/colector.ts';

jest.setTimeout(120_000);

const DE_LA_PASARELA = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const EMITIDA = 'SOL-EMITIDA';
const REINTENTADA = 'SOL-REINTENTADA';
const FALLIDA = 'SOL-FALLIDA';

let veces = 0;
let estaCorregida = false;
let colector: Colector;
let stack: Stack;
const correlaciones = {
  [EMITIDA]: randomUUID(),
  [REINTENTADA]: randomUUID(),
  [FALLIDA]: randomUUID(),
};

beforeAll(async () => {
  await prepararColector();
  colector = await Colector.iniciar();
  stack = await Stack.start(
    { OTEL_EXPORTER_OTLP_ENDPOINT: colector.url },
    {
      conducta: ({ codigoSolicitudTramite: codigo }) => {
        if (codigo === FALLIDA && !estaCorregida) return { refusal: 'CIUDADANO_NO_ENCONTRADO' };
        // The first call of its second step is answered as by a PKI that is overloaded.
        if (codigo === REINTENTADA && ++veces === 2) return { outage: 'SERVICIO_NO_DISPONIBLE' };
        return {};
      },
    },
  );
  const token = await requestDevelopmentToken(stack.url('emisor'), 'soporte');
  stack.configurar({ API_URL: stack.url('api'), EMITIR_TOKEN: token });
}, TOOL_SETUP_MS);
afterAll(async () => {
  await stack.stop();
  await colector.detener();
});

function emitir(codigo: keyof typeof correlaciones, documento: string, traza = {}): Promise<Respuesta> {
  return stack.emitir(solicitudDePrueba(codigo, documento), undefined, {
    cabeceras: { 'X-Correlation-ID': correlaciones[codigo], ...traza },
  });
}

/** The spans of a trace, once that of the request has come: it is the last to end, and is sent last. */
async function trazaDe(traceId: string): Promise<TramoRecibido[]> {
  let suyos: TramoRecibido[] = [];
  await stack.hasta('the trace to be whole', async () => {
    suyos = (await colector.tramos()).filter((tramo) => tramo.traceId === traceId);
    const nombres = suyos.map(({ nombre }) => nombre);
    return (
      nombres.some((nombre) => nombre.startsWith('POST ')) && nombres.includes('emitirCertificadoDigital')
    );
  });
  return suyos;
}

/** Names from a span to the root of its trace. */
function caminoDe(tramo: TramoRecibido | undefined, todos: readonly TramoRecibido[]): string[] {
  if (!tramo) return [];
  const padre = todos.find(({ spanId }) => spanId === tramo.parentSpanId);
  return [tramo.nombre, ...caminoDe(padre, todos)];
}

const POST = 'POST /api/v1/coreog/MsCoreogCertificadosDigitales/obtener-certificado-digital';
const DESDE_EL_RUN = ['emitirCertificadoDigital', 'Temporal start', POST];

test('a trace of the gateway goes through every hop, to the statements and to the PKI', async () => {
  const { traceId, spanId } = DE_LA_PASARELA;
  const respuesta = await emitir(EMITIDA, '45678911', {
    traceparent: `00-${traceId}-${spanId}-01`,
    tracestate: 'pasarela=Quispe',
  });
  expect(respuesta.estadoHttp).toBe(201);

  const traza = await trazaDe(traceId);
  const de = (nombre: string) => traza.find((tramo) => tramo.nombre === nombre);
  expect(de(POST)?.parentSpanId).toBe(spanId);
  for (const [llamada, actividad] of [
    ['PKI generarNumerosSolicitud2', 'generarNumerosSolicitud'],
    ['PKI generarCertificadoDigitalDniE', 'generarCertificadoDigitalDniE'],
  ] as const)
    expect(caminoDe(de(llamada), traza)).toEqual([llamada, actividad, ...DESDE_EL_RUN]);
  expect(caminoDe(de('INSERT solicitudes'), traza)).toEqual([
    'INSERT solicitudes',
    'registrarSolicitud',
    ...DESDE_EL_RUN,
  ]);
  expect(de(POST)?.atributos).toMatchObject({
    correlation_id: correlaciones[EMITIDA],
    codigo_solicitud_tramite: EMITIDA,
    'http.response.status_code': 201,
  });
  expect(de('emitirCertificadoDigital')).toMatchObject({ atributos: { 'emision.estado': 'COMPLETADO' } });
});

test('a request without one has its correlation id for a trace, and each attempt is a span', async () => {
  const respuesta = await emitir(REINTENTADA, '45678912');
  expect(respuesta.estadoHttp).toBe(201);

  const traza = await trazaDe(correlaciones[REINTENTADA].replaceAll('-', ''));
  const intentos = traza
    .filter(({ nombre }) => nombre === 'generarCertificadoDigitalDniE')
    .sort((a, b) => a.inicioNs - b.inicioNs);
  expect(intentos.map(({ atributos, estado }) => [atributos['temporal.attempt'], estado])).toEqual([
    [1, 2],
    [2, 0],
  ]);
  expect(intentos[0]?.atributos['error.type']).toBe('PKI_NO_DISPONIBLE');
  for (const intento of intentos)
    expect(caminoDe(intento, traza)).toEqual(['generarCertificadoDigitalDniE', ...DESDE_EL_RUN]);
});

function seguir(correlacion: string): Promise<{ code: number; output: string }> {
  const logs = ['api', 'worker'].map((parte) => join(stack.carpeta, `${parte}.log`));
  return stack.comando('seguir.ts', correlacion, ...logs);
}

test('seguir tells the story of a retried one: the request, each attempt, the facts and the end, in order', async () => {
  const { code, output } = await seguir(correlaciones[REINTENTADA]);

  expect(code).toBe(0);
  const palabras = [
    `${REINTENTADA} (LIMA-CENTRO) COMPLETADO`,
    'se aceptó la solicitud',
    'paso 1, intento 1: COMPLETADO',
    'paso 2, intento 1: PKI_NO_DISPONIBLE',
    'paso 2, intento 2: COMPLETADO',
    'terminó: COMPLETADO',
    '→ 201 en ',
  ];
  const lugares = palabras.map((una) => output.indexOf(una));
  expect([output, lugares]).toEqual([output, [...lugares].sort((a, b) => a - b)]);
  expect(lugares).not.toContain(-1);
});

test('a failed and re-run one is found by the request that failed and by the one that ran it again', async () => {
  const fallida = await emitir(FALLIDA, '45678913');
  expect(fallida.sobre.data?.transaccion.estado).toBe('FALLIDO');
  estaCorregida = true;
  const reejecutada = await stack.reejecutar(FALLIDA);
  expect(reejecutada.estadoHttp).toBe(201);
  const deLaReejecucion = reejecutada.sobre.metadata.correlationId;

  for (const correlacion of [correlaciones[FALLIDA], deLaReejecucion]) {
    const { output } = await seguir(correlacion);
    expect(output).toContain(`${FALLIDA} (LIMA-CENTRO) COMPLETADO`);
    expect(output).toContain('falló · CIUDADANO_NO_ENCONTRADO');
    expect(output).toContain(`soporte la ejecutó de nuevo · por la petición ${deLaReejecucion}`);
  }
  const consultada = await stack.consultar(FALLIDA);
  expect((consultada.sobre.data as { auditoria?: unknown } | null)?.auditoria).toMatchObject({
    correlationId: deLaReejecucion,
  });
});

test('seguir says that nothing is known of a request that nobody sent, and refuses what is no id', async () => {
  const nadie = await seguir(randomUUID());
  expect(nadie.output).toContain('Nada consta');
  const mala = await stack.comando('seguir.ts', 'SOL-1');
  expect([mala.code, mala.output]).toEqual([2, expect.stringContaining('debe ser un UUID')]);
});

test('no span holds words of anybody: neither of a citizen, nor of the PKI, nor of an error', async () => {
  const { nombres, apellidoPaterno, correoElectronico } = solicitudDePrueba(EMITIDA).ciudadano as Record<
    string,
    string
  >;
  // A document where a codigo should stand, of which Temporal is asked.
  expect((await stack.consultar('83740659')).estadoHttp).toBe(404);
  await stack.hasta('its span to have come', async () =>
    (await colector.tramos()).some(
      ({ nombre, atributos }) => nombre.startsWith('GET ') && atributos['http.response.status_code'] === 404,
    ),
  );
  const todo = Buffer.concat(colector.envios).toString('utf8');
  const tramos = await colector.tramos();

  expect(tramos.length).toBeGreaterThan(50);
  for (const palabra of [nombres, apellidoPaterno, correoElectronico, 'Quispe', '4567891', '83740659']) {
    expect(palabra).toBeTruthy();
    expect(todo).not.toContain(palabra);
  }
  expect(tramos.filter(({ mensaje, sucesos }) => mensaje !== '' || sucesos > 0)).toEqual([]);
});

/** The simulator’s HTTP: envelopes, refusals, bodies at fault, counts, and its end. */
import { request } from 'node:http';
import { REFUSAL_TYPES } from '../../../simulator/pki/adapter/envelope.ts';
import { pedirCrudo } from '../../support/api/peticion-cruda.ts';
import {
  BASE,
  bodyOfStep1,
  bodyOfStep2,
  cleanUp,
  emisionesOf,
  issue,
  post,
  startSimulator,
  step1,
  type Numeros,
} from '../../support/pki/running-simulator.ts';
import { hasta } from '../../support/hasta.ts';

afterEach(cleanUp);

const STEP_1 = `${BASE}/generarNumerosSolicitud2`;
const STEP_2 = `${BASE}/generarCertificadoDigitalDniE`;

describe('the envelope', () => {
  it('carries the correlation id of the call and the time that it took', async () => {
    const { url } = await startSimulator();
    const correlationId = '5e0c2f6e-6d3c-4c39-9f0b-0d6f6f3f8a01';

    const response = await fetch(url + STEP_1, {
      method: 'POST',
      headers: { 'X-Correlation-ID': correlationId },
      body: JSON.stringify(bodyOfStep1()),
    });

    expect(await response.json()).toMatchObject({
      success: true,
      statusCode: 201,
      metadata: {
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
        correlationId,
        version: '1.0.0',
        tiempoRespuesta: expect.stringMatching(/^\d+ ms$/) as string,
      },
    });
  });

  it('gives each fault of a body a line that begins with its path', async () => {
    const { url } = await startSimulator();
    const { solicitud } = bodyOfStep1();

    const { status, body } = await post(url + STEP_1, {
      solicitud: { ...solicitud, numeroDocumento: '123' },
      tipoCertificados: ['OTRO'],
      vigenciaAnios: 5,
    });

    expect(status).toBe(400);
    expect(body).toMatchObject({ success: false, data: null, error: { tipo: 'VALIDACION', estado: 400 } });
    const paths = body.error?.errores.map(({ detalleError }) => detalleError.split(':')[0]);
    expect(new Set(paths)).toEqual(
      new Set(['solicitud.numeroDocumento', 'tipoCertificados.0', 'vigenciaAnios']),
    );
  });

  it.each([
    ['POST', '/otra/ruta', 404, 'RUTA_NO_ENCONTRADA'],
    ['GET', STEP_1, 405, 'METODO_NO_PERMITIDO'],
    ['DELETE', STEP_2, 405, 'METODO_NO_PERMITIDO'],
    ['GET', '/simulador/emisiones/%E0%A4%A', 400, 'VALIDACION'],
  ])('answers %s %s with %i %s', async (method, path, status, tipo) => {
    const { url } = await startSimulator();

    const response = await fetch(url + path, { method });

    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ statusCode: status, error: { tipo } });
  });
});

describe('a refusal', () => {
  it.each(REFUSAL_TYPES)('of type %s comes in the whole envelope, which names its own code', async (tipo) => {
    const { url } = await startSimulator({ behaviourOf: () => ({ outage: tipo }), onError: () => undefined });

    const { status, headers, body } = await step1(url);

    expect(headers.get('Content-Type')).toMatch(/^application\/json/);
    expect(body).toMatchObject({
      success: false,
      statusCode: status,
      data: null,
      error: { tipo, estado: status },
    });
    expect(body.error?.errores[0]?.detalleError).toMatch(/\S/);
    expect([429, 503].includes(status)).toBe(headers.has('Retry-After'));
  });

  it.each([
    ['what is no HTTP', 'GARBAGE\r\n\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('of %s comes in it too', async (_what, bytes, code) => {
    const { url } = await startSimulator();

    expect(await pedirCrudo(url, bytes)).toMatchObject({
      estadoHttp: code,
      cuerpo: { success: false, statusCode: code, data: null, error: { estado: code } },
    });
  });
});

describe('a body at fault', () => {
  it.each([
    ['no JSON', '{"solicitud":'],
    ['an empty body', ''],
    ['no object', '[1]'],
    ['a missing solicitud', '{"tipoCertificados":["CIFRADO"],"vigenciaAnios":1}'],
    ['a repeated type', { ...bodyOfStep1(), tipoCertificados: ['CIFRADO', 'CIFRADO'] }],
    ['no type', { ...bodyOfStep1(), tipoCertificados: [] }],
    ['a DNI of nine digits', bodyOfStep1({ numeroDocumento: '123456789' })],
    [
      'a document that no PrintableString holds',
      bodyOfStep1({ tipoDocumento: 'CE', numeroDocumento: 'ÑÑÑÑ_1234' }),
    ],
  ])('is 400: %s', async (_fault, body) => {
    const { url } = await startSimulator();

    expect((await post(url + STEP_1, body)).status).toBe(400);
  });

  it('is 413 where it is too large', async () => {
    const { url } = await startSimulator();

    expect((await post(url + STEP_1, ' '.repeat(300_000))).status).toBe(413);
  });

  it.each([
    [
      'an unknown solicitudPkiId',
      (numeros: Numeros) => bodyOfStep2({}, { ...numeros, solicitudPkiId: 'otro' }),
    ],
    ['another document', (numeros: Numeros) => bodyOfStep2({ numeroDocumento: '11111111' }, numeros)],
    ['another codigo', (numeros: Numeros) => bodyOfStep2({ codigo: 'SOL-2' }, numeros)],
    ['other years', (numeros: Numeros) => bodyOfStep2({ vigenciaAnios: 1 }, numeros)],
    ['other types', (numeros: Numeros) => bodyOfStep2({ tipoCertificados: ['CIFRADO'] }, numeros)],
    [
      'other numbers',
      (numeros: Numeros) =>
        bodyOfStep2({}, { ...numeros, numerosSolicitud: numeros.numerosSolicitud.slice(1) }),
    ],
    [
      'a date that does not exist',
      (numeros: Numeros) => bodyOfStep2({ ciudadano: { fechaNacimiento: '1990-02-30' } }, numeros),
    ],
    ['a blank name', (numeros: Numeros) => bodyOfStep2({ ciudadano: { nombres: '  ' } }, numeros)],
  ])('is 400 in step 2 and issues nothing: %s', async (_fault, bodyFor) => {
    const { url } = await startSimulator();
    const numeros = await step1(url);

    const answer = await post(url + STEP_2, bodyFor(numeros.body.data));

    expect(answer.status).toBe(400);
    expect(await emisionesOf(url, 'SOL-1')).toMatchObject({ emisiones: 0 });
  });

  it('may be as long as its limits, in whole characters', async () => {
    const { url } = await startSimulator();
    const codigo = '🪪'.repeat(30);
    const ciudadano = { nombres: '𠮷'.repeat(100), apellidoPaterno: '𠮷'.repeat(50) };
    const numeros = await step1(url, { codigo });

    const answer = await post(url + STEP_2, bodyOfStep2({ codigo, ciudadano }, numeros.body.data));
    const tooLong = await step1(url, { codigo: `${codigo}x` });

    expect([numeros.status, answer.status, tooLong.status]).toEqual([201, 201, 400]);
  });

  it('may hold fields that are not known, and any order of types', async () => {
    const { url } = await startSimulator();
    const numeros = await step1(url);
    const body = bodyOfStep2(
      { tipoCertificados: ['CIFRADO', 'FIRMA_DIGITAL', 'AUTENTICACION'] },
      numeros.body.data,
    );

    const answer = await post(url + STEP_2, { ...body, otro: { campo: 1 } });

    expect(answer.status).toBe(201);
  });
});

describe('the count', () => {
  it('begins at zero for a codigo that never came', async () => {
    const { url } = await startSimulator();

    expect(await emisionesOf(url, 'nunca')).toEqual({
      codigoSolicitudTramite: 'nunca',
      numerosGenerados: 0,
      emisiones: 0,
      certificados: 0,
      llamadas: { paso1: 0, paso2: 0 },
    });
  });

  it.each(['a/b', '../x', '100 %', "'; DROP TABLE numeros;--", '🪪 ñ', '?a=b#c'])(
    'finds the codigo %s by its percent-encoded path',
    async (codigo) => {
      const { url } = await startSimulator();
      await issue(url, { codigo, tipoCertificados: ['FIRMA_DIGITAL'] });

      expect(await emisionesOf(url, codigo)).toEqual({
        codigoSolicitudTramite: codigo,
        numerosGenerados: 1,
        emisiones: 1,
        certificados: 1,
        llamadas: { paso1: 1, paso2: 1 },
      });
    },
  );

  it('tells codigos apart and adds them up, with the calls that named none', async () => {
    const { url } = await startSimulator();
    await issue(url, { codigo: 'SOL-1' });
    await issue(url, { codigo: 'SOL-2', tipoCertificados: ['CIFRADO'] });
    await post(url + STEP_1, '{');
    await post(url + STEP_2, { solicitud: { codigoSolicitudTramite: 'SOL-2' } });

    expect(await emisionesOf(url, 'SOL-2')).toMatchObject({ emisiones: 1, llamadas: { paso1: 1, paso2: 2 } });
    expect(await emisionesOf(url)).toEqual({
      numerosGenerados: 4,
      emisiones: 2,
      certificados: 4,
      llamadas: { paso1: 3, paso2: 3 },
    });
  });
});

describe('closing', () => {
  it('answers 503 to a call that waits, and ends although its connection is kept alive', async () => {
    const simulator = await startSimulator({ latencyMs: 60_000 });
    const waiting = new Promise<number | undefined>((resolve, reject) => {
      const call = request(
        simulator.url + STEP_1,
        { method: 'POST', headers: { Connection: 'keep-alive' } },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      call.once('error', reject);
      call.end(JSON.stringify(bodyOfStep1()));
    });
    await hasta('the call to come', async () => hasCalls(await emisionesOf(simulator.url, 'SOL-1')));

    await cleanUp();

    expect(await waiting).toBe(503);
  });

  it('says that it is up until then', async () => {
    const { url } = await startSimulator();

    const statuses = await Promise.all(
      ['/health/live', '/health/ready'].map(async (path) => (await fetch(url + path)).status),
    );

    expect(statuses).toEqual([200, 200]);
  });
});

function hasCalls(counts: Record<string, unknown>): boolean {
  return (counts['llamadas'] as { paso1: number }).paso1 === 1;
}

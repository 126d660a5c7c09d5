/** Every code that can come, with the adapter's envelope and without: what is known of the work, and how often it is tried. */
import type { RequestListener } from 'node:http';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { z } from 'zod';
import { createHttpPkiGateway } from '../../../../activities/emision/pki/http-pki-gateway.ts';
import { PkiFallo } from '../../../../activities/emision/pki/pki-gateway.ts';
import { leerRespuesta } from '../../../../activities/emision/pki/respuesta-de-la-pki.ts';
import {
  FALLOS,
  type CertezaDeEnvio,
  type Reintento,
  type TipoFallo,
} from '../../../../shared/emision/fallos.ts';
import type { Veredicto } from '../../../../shared/nucleo/circuito.ts';
import { FakeAdaptadorPki } from '../../../support/pki/fake-adaptador-pki.ts';
import { envioDePrueba, PASO_2 } from '../../../support/registro/fake-registro.ts';

type Sentido = [TipoFallo, CertezaDeEnvio, Veredicto, Reintento];

const INVALIDA: Sentido = ['PKI_RESPUESTA_INVALIDA', 'DESCONOCIDO', 'FALLA', 'POCOS'];
const SIN_SOBRE: Sentido = ['PKI_SIN_SOBRE', 'DESCONOCIDO', 'FALLA', 'SIEMPRE'];
const OCUPADO: Sentido = ['PKI_SIN_SOBRE', 'DESCONOCIDO', 'NO_CONSTA', 'SIEMPRE'];
const MAL_DIRIGIDA: Sentido = ['PKI_MAL_DIRIGIDA', 'DESCONOCIDO', 'NO_CONSTA', 'VARIOS'];

const RECHAZO: Sentido = ['PKI_RECHAZO', 'DESCONOCIDO', 'RESPONDE', 'POCOS'];
const ERROR: Sentido = ['PKI_ERROR', 'DESCONOCIDO', 'FALLA', 'SIEMPRE'];

/** In the adapter's own envelope. */
const SUYOS: Record<number, Sentido> = {
  400: ['PKI_RECHAZO', 'NADA_HECHO', 'RESPONDE', 'POCOS'],
  401: ['PKI_RECHAZO', 'NADA_HECHO', 'NO_CONSTA', 'POCOS'],
  403: ['PKI_RECHAZO', 'NADA_HECHO', 'NO_CONSTA', 'POCOS'],
  404: ['CIUDADANO_NO_ENCONTRADO', 'DEFINITIVO', 'RESPONDE', 'NUNCA'],
  408: ['TIEMPO_PKI_AGOTADO', 'DESCONOCIDO', 'FALLA', 'SIEMPRE'],
  409: ['PKI_NO_DISPONIBLE', 'DESCONOCIDO', 'RESPONDE', 'SIEMPRE'],
  422: ['CIUDADANO_NO_CUMPLE_REQUISITOS', 'DEFINITIVO', 'RESPONDE', 'NUNCA'],
  429: ['PKI_NO_DISPONIBLE', 'NADA_HECHO', 'NO_CONSTA', 'SIEMPRE'],
  503: ['PKI_NO_DISPONIBLE', 'NADA_HECHO', 'FALLA', 'SIEMPRE'],
};

function deOtro(statusCode: number): Sentido {
  if ([409, 425, 429].includes(statusCode)) return OCUPADO;
  return statusCode === 408 || statusCode >= 500 ? SIN_SOBRE : MAL_DIRIGIDA;
}

const rechazo = (statusCode: unknown, success: unknown = false) =>
  JSON.stringify({ success, statusCode, message: 'No.', data: PASO_2 });

/** What comes with a code, and whether that is the adapter's own refusal. */
const CUERPOS: Record<string, { cuerpo: (statusCode: number) => string; esSuyo: boolean }> = {
  'its envelope': { cuerpo: (statusCode) => rechazo(statusCode), esSuyo: true },
  'its envelope, pretty, after a byte order mark': {
    cuerpo: (statusCode) => `\ufeff${JSON.stringify(JSON.parse(rechazo(statusCode)), null, 2)}\n`,
    esSuyo: true,
  },
  'an envelope of another code': { cuerpo: (statusCode) => rechazo(statusCode + 1), esSuyo: false },
  'an envelope whose code is text': { cuerpo: (statusCode) => rechazo(String(statusCode)), esSuyo: false },
  'an envelope without a code': { cuerpo: () => rechazo(undefined), esSuyo: false },
  'an envelope of success': { cuerpo: (statusCode) => rechazo(statusCode, true), esSuyo: false },
  'an envelope whose success is text': {
    cuerpo: (statusCode) => rechazo(statusCode, 'false'),
    esSuyo: false,
  },
  'an envelope in a list': { cuerpo: (statusCode) => `[${rechazo(statusCode)}]`, esSuyo: false },
  'an envelope within another': { cuerpo: (statusCode) => `{"error":${rechazo(statusCode)}}`, esSuyo: false },
  'a page': { cuerpo: (statusCode) => `<html><h1>${statusCode}</h1></html>`, esSuyo: false },
  nothing: { cuerpo: () => '', esSuyo: false },
  null: { cuerpo: () => 'null', esSuyo: false },
  'half an envelope': { cuerpo: (statusCode) => rechazo(statusCode).slice(0, -1), esSuyo: false },
};

/** A success that brings what was asked is one, unless it says that it failed. */
const SON_EXITO = ['an envelope of success', 'an envelope whose success is text'];

function esperado(statusCode: number, nombre: string): Sentido | null {
  if (statusCode < 300) return statusCode <= 201 && SON_EXITO.includes(nombre) ? null : INVALIDA;
  if (!CUERPOS[nombre]?.esSuyo || statusCode === 304) return deOtro(statusCode);
  return SUYOS[statusCode] ?? (statusCode < 500 ? RECHAZO : ERROR);
}

const esquema = z.object({ certificados: z.array(z.unknown()) });

test.each(Object.keys(CUERPOS))('every code from 200 to 599 with %s means what the table says', (nombre) => {
  const distintos: unknown[] = [];
  for (let statusCode = 200; statusCode < 600; statusCode++) {
    // No answer of these has a body.
    const body = [204, 304].includes(statusCode) ? '' : (CUERPOS[nombre]?.cuerpo(statusCode) ?? '');
    let sentido: Sentido | null = null;
    try {
      leerRespuesta({ statusCode, headers: {}, body: body.replace(/^\ufeff/, '') }, esquema, () => undefined);
    } catch (error) {
      sentido = sentidoDe(error);
    }
    const debido = esperado(statusCode, nombre);
    if (JSON.stringify(sentido) !== JSON.stringify(debido)) distintos.push({ statusCode, sentido, debido });
  }

  expect(distintos).toEqual([]);
});

describe('over the wire', () => {
  let servidor: FakeAdaptadorPki;
  beforeAll(async () => {
    servidor = await FakeAdaptadorPki.iniciar(segunLaClave);
  });
  afterAll(() => servidor.detener());

  /** The test asks for an answer by the key of its call: `CODE BODY`. */
  const segunLaClave: RequestListener = (peticion, respuesta) => {
    const [, statusCode = '', nombre = ''] =
      /^(\d+) (.*)$/.exec(String(peticion.headers['idempotency-key'])) ?? [];
    respuesta.writeHead(Number(statusCode), { 'content-type': 'text/html' });
    respuesta.end(CUERPOS[nombre]?.cuerpo(Number(statusCode)));
  };

  it.each([
    200, 201, 202, 204, 205, 206, 300, 302, 304, 307, 400, 401, 403, 404, 405, 408, 409, 413, 422, 425, 429,
    499, 500, 502, 503, 504, 599,
  ])('%i means the same, whatever comes with it', async (statusCode) => {
    const pki = gateway(servidor.url);

    for (const nombre of Object.keys(CUERPOS)) {
      const envio = envioDePrueba({ clave: `${statusCode} ${nombre}` });
      const sentido = await sentidoDeLlamada(pki.generarCertificadoDigitalDniE(envio));
      expect([nombre, sentido]).toEqual([nombre, esperado(statusCode, nombre)]);
    }
  });
});

describe('what is no final code', () => {
  let crudo: Server | undefined;
  const conexiones: Socket[] = [];
  afterEach(() => {
    for (const conexion of conexiones.splice(0)) conexion.destroy();
    crudo?.close();
  });

  async function anteLosBytes(bytes: string): Promise<Sentido | null> {
    crudo = createServer((socket) => {
      conexiones.push(socket);
      socket.on('error', () => undefined);
      socket.once('data', () => socket.write(bytes));
    }).listen(0, '127.0.0.1');
    await once(crudo, 'listening');
    const { port } = crudo.address() as AddressInfo;
    const pki = gateway(`http://127.0.0.1:${port}`, 1_500);
    return sentidoDeLlamada(pki.generarCertificadoDigitalDniE(envioDePrueba()));
  }

  const NO_ENCONTRADO = 'HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n';
  const SIN_RESPUESTA: Sentido = ['TIEMPO_PKI_AGOTADO', 'DESCONOCIDO', 'FALLA', 'SIEMPRE'];
  const SIN_CONEXION: Sentido = ['PKI_SIN_CONEXION', 'DESCONOCIDO', 'FALLA', 'SIEMPRE'];

  it.each<[string, string, Sentido]>([
    ['100, then a final one, is the final one', `HTTP/1.1 100 \r\n\r\n${NO_ENCONTRADO}`, MAL_DIRIGIDA],
    ['103, then a final one, is the final one', `HTTP/1.1 103 \r\n\r\n${NO_ENCONTRADO}`, MAL_DIRIGIDA],
    ['199 alone is no answer in time', 'HTTP/1.1 199 \r\n\r\n', SIN_RESPUESTA],
    ['101 that changes nothing is nobody’s answer', 'HTTP/1.1 101 \r\n\r\n', MAL_DIRIGIDA],
    ['a code of two figures is a lost connection', 'HTTP/1.1 99 \r\n\r\n', SIN_CONEXION],
    ['a code beyond 599 is a server’s fault', 'HTTP/1.1 999 \r\nContent-Length: 0\r\n\r\n', SIN_SOBRE],
    [
      'headers beyond all measure are a lost connection',
      `HTTP/1.1 404 \r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
      SIN_CONEXION,
    ],
  ])('%s', async (_caso, bytes, sentido) => {
    expect(await anteLosBytes(bytes)).toEqual(sentido);
  });
});

function gateway(url: string, timeoutMs = 10_000) {
  return createHttpPkiGateway({
    url,
    token: undefined,
    timeoutMs,
    idempotente: true,
    alResponderOtro: () => undefined,
  });
}

function sentidoDeLlamada(llamada: Promise<unknown>): Promise<Sentido | null> {
  return llamada.then(() => null, sentidoDe);
}

function sentidoDe(error: unknown): Sentido {
  if (!(error instanceof PkiFallo) || error.veredicto === null) throw error;
  const { tipo, certeza, veredicto } = error;
  return [tipo, certeza, veredicto, FALLOS[tipo].reintento];
}

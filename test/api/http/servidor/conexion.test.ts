/** What arrives below the routes: broken HTTP, slow clients, other methods. Node's own answers carry the envelope too. */
import { connect } from 'node:net';
import { ApiDePrueba, BASE, detallesDe, RUTA_POST, type Sobre } from '../../../support/api/api-de-prueba.ts';
import { solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';

let api: ApiDePrueba;
beforeAll(async () => {
  // Longer than this process may be too busy to read a whole request.
  api = await ApiDePrueba.iniciar({ limites: { cabecerasMs: 1_000, peticionMs: 1_000, revisionMs: 50 } });
});
afterAll(() => api.detener());

/** Writes bytes to the server and reads until it closes the connection. */
function enviarCrudo(...trozos: (string | Buffer)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const partes: Buffer[] = [];
    const socket = connect(api.puerto, '127.0.0.1', () => {
      for (const trozo of trozos) socket.write(trozo);
    });
    socket.on('data', (parte) => partes.push(Buffer.from(parte)));
    socket.on('close', () => {
      resolve(Buffer.concat(partes).toString());
    });
    socket.on('error', reject);
  });
}

/** The answer, once it is as published. */
async function enviar(
  ...trozos: (string | Buffer)[]
): Promise<{ estadoHttp: number; sobre: Sobre; cabeza: string }> {
  const [cabeza = '', texto = ''] = (await enviarCrudo(...trozos)).split('\r\n\r\n');
  const estadoHttp = Number(/^HTTP\/1\.1 (\d{3})/.exec(cabeza)?.[1]);
  const correlationId = /^x-correlation-id: (.+)$/im.exec(cabeza)?.[1]?.trim();
  const sobre = api.juzgar({ estadoHttp, cabeceras: { 'x-correlation-id': correlationId }, texto });
  return { estadoHttp, sobre, cabeza };
}

const detalles = ({ error }: Sobre) => error?.errores.map(({ detalleError }) => detalleError);

describe('what is no HTTP', () => {
  it.each([
    ['noise', '\x16\x03\x01 hola\r\n\r\n'],
    ['an unknown method', 'ENVIAR / HTTP/1.1\r\nHost: x\r\n\r\n'],
    [
      'two lengths',
      `POST ${RUTA_POST} HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}`,
    ],
    [
      'a length and chunks',
      `POST ${RUTA_POST} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
  ])('%s is answered 400 in the envelope', async (_caso, bytes) => {
    const { estadoHttp, sobre } = await enviar(bytes);
    expect(estadoHttp).toBe(400);
    expect(sobre.error).toMatchObject({ tipo: 'VALIDACION', estado: 400 });
    expect(detalles(sobre)).toEqual(['petición: no es HTTP válido']);
  });

  it('headers of more than 16 kB are answered 431', async () => {
    const { estadoHttp, sobre } = await enviar(
      `GET /health/live HTTP/1.1\r\nHost: x\r\nX-Largo: ${'a'.repeat(20_000)}\r\n\r\n`,
    );
    expect(estadoHttp).toBe(431);
    expect(sobre.error).toMatchObject({ tipo: 'VALIDACION', estado: 431 });
    expect(detalles(sobre)).toEqual(['cabeceras: superan los 16 kB admitidos']);
  });

  it('more than 100 headers are answered 431, however short', async () => {
    const muchas = (cuantas: number) =>
      `GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${'a: 1\r\n'.repeat(cuantas - 2)}\r\n`;
    const { estadoHttp, sobre } = await enviar(muchas(101));
    expect(estadoHttp).toBe(431);
    expect(sobre.error).toMatchObject({ tipo: 'VALIDACION', estado: 431 });
    expect(detalles(sobre)).toEqual(['cabeceras: son más de 100']);
    expect(await enviarCrudo(muchas(100))).toMatch(/^HTTP\/1\.1 200 /);
  });

  it.each(['', 'Host: a\r\nHost: b\r\n'])(
    'a request without one Host (%j) is answered 400',
    async (hosts) => {
      const { estadoHttp, sobre } = await enviar(
        `GET /health/live HTTP/1.1\r\n${hosts}Connection: close\r\n\r\n`,
      );
      expect(estadoHttp).toBe(400);
      expect(detalles(sobre)).toEqual(['Host: es obligatoria, una sola vez']);
    },
  );

  it('an Expect that nobody knows is ignored', async () => {
    const { estadoHttp } = await enviar(
      `GET /nada HTTP/1.1\r\nHost: x\r\nExpect: milagros\r\nConnection: close\r\n\r\n`,
    );
    expect(estadoHttp).toBe(404);
  });
});

describe('a client that is too slow', () => {
  it('with its headers is answered 408', async () => {
    const { estadoHttp, sobre } = await enviar('GET /health/live HTTP/1.1\r\nHost');
    expect(estadoHttp).toBe(408);
    expect(sobre.error).toMatchObject({ tipo: 'TIEMPO_AGOTADO', estado: 408 });
  });

  it('with its body is answered 408, and nothing is issued', async () => {
    const cabeceras = Object.entries(await api.cabeceras()).map(([nombre, valor]) => `${nombre}: ${valor}`);
    const { estadoHttp } = await enviar(
      `POST ${RUTA_POST} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n${cabeceras.join('\r\n')}\r\n\r\n`,
      JSON.stringify(solicitudDePrueba()).slice(0, 100),
    );
    expect(estadoHttp).toBe(408);
    expect(api.servicio.emitidas).toEqual([]);
  });
});

describe('a client that sends byte by byte', () => {
  /** Writes `inicio`, then a byte at a time until the server has had enough; answers all that it sends. */
  function gotear(inicio: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let texto = '';
      const socket = connect(api.puerto, '127.0.0.1').on('data', (parte) => (texto += parte.toString()));
      socket.write(inicio);
      // eslint-disable-next-line no-restricted-globals -- a byte now and then is what this client is
      const goteo = setInterval(() => socket.write('a'), 20);
      // A byte that came between the answer and the close would reset the connection, and the answer be lost.
      api.server.once('clientError', () => {
        clearInterval(goteo);
      });
      socket.on('close', () => {
        resolve(texto);
      });
      // A server that closes before all has been read resets.
      socket.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ECONNRESET') reject(error);
      });
    });
  }

  it('in its headers is answered 408', async () => {
    expect(await gotear('GET /health/live HTTP/1.1\r\nHost: x\r\nX-Gota: ')).toMatch(/^HTTP\/1\.1 408 /);
  });

  it.each(['Content-Length: 60000', 'Transfer-Encoding: chunked'])(
    'in its body (%s) is answered 408',
    async (largo) => {
      const cabeceras = Object.entries(await api.cabeceras()).map(
        ([nombre, valor]) => `${nombre}: ${valor}\r\n`,
      );
      const inicio = `POST ${RUTA_POST} HTTP/1.1\r\nHost: x\r\n${largo}\r\n${cabeceras.join('')}\r\n`;
      expect(await gotear(largo.startsWith('T') ? `${inicio}FFFF\r\n` : inicio)).toMatch(/^HTTP\/1\.1 408 /);
      expect(api.servicio.emitidas).toEqual([]);
    },
  );

  it('in a body that nobody reads gets one answer, and the connection ends', async () => {
    const respuestas = await gotear(`POST /nada HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n`);
    expect([...respuestas.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, estado]) => estado)).toEqual(['404']);
  });
});

describe('a client that sends on without waiting for its answers', () => {
  const GET = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

  /** A submission whose answer waits until the test lets it go. */
  async function envioRetenido() {
    const recibida = Promise.withResolvers<undefined>();
    const retenida = Promise.withResolvers<undefined>();
    api.servicio.responder = async (vista) => {
      recibida.resolve(undefined);
      await retenida.promise;
      return { tipo: 'EMITIDO', vista };
    };
    const cuerpo = JSON.stringify(solicitudDePrueba());
    const cabeceras = Object.entries(await api.cabeceras()).map(
      ([nombre, valor]) => `${nombre}: ${valor}\r\n`,
    );
    const peticion = (largo: number) =>
      `POST ${RUTA_POST} HTTP/1.1\r\nHost: x\r\nContent-Length: ${largo}\r\n${cabeceras.join('')}\r\n`;
    return {
      completo: `${peticion(Buffer.byteLength(cuerpo))}${cuerpo}`,
      incompleto: `${peticion(1_000)}{`,
      recibida: recibida.promise,
      soltar: () => {
        retenida.resolve(undefined);
      },
    };
  }
  const estadosHttpDe = (crudo: string) =>
    [...crudo.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, estado]) => Number(estado));

  it('gets them in the order of its requests', async () => {
    const { completo, soltar } = await envioRetenido();
    const respuestas = enviarCrudo(
      completo,
      GET('/nada'),
      GET('/health/live').replace('Host', 'Connection: close\r\nHost'),
    );
    soltar();
    expect(estadosHttpDe(await respuestas)).toEqual([201, 404, 200]);
  });

  it.each([
    ['noise', '\x16\x03\x01 hola\r\n\r\n', 400],
    ['more noise', `${GET('/nada')}ENVIAR\r\n\r\n`, 400],
  ])('gets the answer of a request that waits before that of %s behind it', async (_caso, ruido, ultimo) => {
    const { completo, recibida, soltar } = await envioRetenido();
    const respuestas = enviarCrudo(completo, ruido);
    await recibida;
    soltar();
    const estadosHttp = estadosHttpDe(await respuestas);
    expect([estadosHttp[0], estadosHttp.at(-1)]).toEqual([201, ultimo]);
  });

  it('gets the answer of a request that waits before the 408 of a half one behind it', async () => {
    const { completo, incompleto, recibida, soltar } = await envioRetenido();
    const respuestas = enviarCrudo(completo, incompleto);
    await recibida;
    // One that came later is late already, and was told so.
    expect(estadosHttpDe(await enviarCrudo('GET /health/live HTTP/1.1\r\nHost'))).toEqual([408]);
    soltar();
    expect(estadosHttpDe(await respuestas)).toEqual([201, 408]);
  });
});

describe('a route', () => {
  it.each([
    ['PUT', RUTA_POST, 'POST, OPTIONS'],
    ['GET', RUTA_POST, 'POST, OPTIONS'],
    ['DELETE', `${BASE}/solicitudes/X`, 'GET, HEAD, OPTIONS'],
    ['POST', '/health/live', 'GET, HEAD, OPTIONS'],
    ['TRACE', '/docs', 'GET, HEAD, OPTIONS'],
  ])('answers %s %s by 405 and says what it admits', async (metodo, ruta, allow) => {
    const respuesta = await api.pedir({ metodo, ruta });
    expect(respuesta.estadoHttp).toBe(405);
    expect(respuesta.sobre.error?.tipo).toBe('METODO_NO_PERMITIDO');
    expect(respuesta.cabeceras.allow).toBe(allow);
  });

  it('answers OPTIONS with its methods', async () => {
    const { estadoHttp, cabeceras, texto } = await api.pedirTexto({ metodo: 'OPTIONS', ruta: RUTA_POST });
    expect([estadoHttp, cabeceras.allow, texto]).toEqual([200, 'POST, OPTIONS', '']);
  });

  it.each([
    '/',
    '/nada',
    BASE,
    `${RUTA_POST}/`,
    RUTA_POST.toUpperCase(),
    `/${RUTA_POST}`,
    '/%',
    '/docs/../../package.json',
    '/docs/%2e%2e/package.json',
  ])('is not at %s', async (ruta) => {
    const respuesta = await api.pedir({ ruta });
    expect(respuesta.estadoHttp).toBe(404);
    expect(respuesta.sobre.error?.tipo).toBe('RUTA_NO_ENCONTRADA');
    expect(detallesDe(respuesta)).toEqual(['La ruta no existe']);
  });
});

/** Clients that send and do not read, open and do not send, or say that they will send no more: what each gets. */
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
// eslint-disable-next-line no-restricted-imports -- a client that reads slowly waits between two reads
import { setTimeout as pausa } from 'node:timers/promises';
import { jest } from '@jest/globals';
import type { Conexion } from '../../../../api/http/servidor/conexion.ts';
import { ApiDePrueba, RUTA_POST } from '../../../support/api/api-de-prueba.ts';
import { solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';
import { hasta } from '../../../support/hasta.ts';

const GET = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
const LECTURA_MS = 400;

let api: ApiDePrueba;
/** Requests that came to be one, of all connections. */
let recibidas: number;
const sockets: Socket[] = [];
const cortadas = jest.fn();

async function iniciar(limites: Record<string, number> = {}): Promise<void> {
  api = await ApiDePrueba.iniciar({
    limites: { lecturaMs: LECTURA_MS, revisionMs: 50, ...limites },
    alFaltarConexiones: cortadas,
  });
  // The one over which the harness asked for the document.
  api.server.closeIdleConnections();
  recibidas = 0;
  api.server.on('request', () => recibidas++);
}
beforeEach(() => {
  cortadas.mockClear();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await api.detener();
});

async function conectar(opciones: { allowHalfOpen?: boolean; localAddress?: string } = {}): Promise<Socket> {
  const socket = connect({ port: api.puerto, host: '127.0.0.1', ...opciones });
  socket.on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

/** The codes of the final answers that come until the server closes, or until there are as many. */
function leerCodigos(socket: Socket, cuantos = Infinity): Promise<number[]> {
  return new Promise((resolve) => {
    const estadosHttp: number[] = [];
    let resto = '';
    socket.on('data', (parte) => {
      resto += parte.toString('latin1');
      estadosHttp.push(
        ...[...resto.matchAll(/HTTP\/1\.1 ([2-5]\d\d) /g)].map(([, estado]) => Number(estado)),
      );
      // What may be the beginning of the next.
      resto = /H[TP/1. \d]{0,12}$/.exec(resto)?.[0] ?? '';
      if (estadosHttp.length >= cuantos) resolve(estadosHttp);
    });
    socket.on('close', () => {
      resolve(estadosHttp);
    });
  });
}

/** The next connection that the server takes, closed. */
async function conexionCerrada(): Promise<void> {
  const [socket] = (await once(api.server, 'connection')) as [Socket];
  await new Promise((cerrada) => socket.once('close', cerrada));
}

describe('65 kB of requests in one write', () => {
  const MUCHAS = Math.floor(65_536 / GET('/openapi.json').length);

  it('are not begun while the client reads nothing, and the connection is cut', async () => {
    await iniciar();
    const cierre = conexionCerrada();
    const socket = await conectar();
    socket.pause();
    socket.write(GET('/openapi.json').repeat(MUCHAS));
    await cierre;

    expect(recibidas).toBeLessThan(100);
  });

  it.each(['/health/live', '/nada', '/openapi.json'])(
    'are all answered in order to a client that reads (%s)',
    async (path) => {
      await iniciar();
      const cuantas = path === '/openapi.json' ? 100 : MUCHAS;
      const socket = await conectar();
      const leidos = leerCodigos(socket, cuantas + 1);
      socket.write(GET(path).repeat(cuantas) + GET('/docs'));

      const estadosHttp = await leidos;

      expect(estadosHttp).toHaveLength(cuantas + 1);
      expect(new Set(estadosHttp.slice(0, -1)).size).toBe(1);
      expect(estadosHttp.at(-1)).toBe(200);
    },
  );
});

it('who sends a thousand requests at once does not keep others from their answers', async () => {
  await iniciar();
  const [socket, otro] = [await conectar(), await conectar()];
  const todas = leerCodigos(socket, 1_000);
  const una = leerCodigos(otro, 1);
  const cincuenta = new Promise<void>((resolve) => {
    api.server.on('request', () => {
      if (recibidas === 50) resolve();
    });
  });
  socket.write(GET('/nada').repeat(1_000));
  await cincuenta;
  otro.write(GET('/health/live'));

  expect(await una).toEqual([200]);
  expect(recibidas).toBeLessThan(500);
  expect(await todas).toHaveLength(1_000);
});

it('a client that reads slowly gets all of it', async () => {
  // The kernel hands on that a client reads only in steps of a megabyte: slow is as much in a fraction of this.
  const lecturaMs = 1_000;
  await iniciar({ lecturaMs });
  const socket = await conectar();
  let leidos = 0;
  socket.write(
    GET('/docs/swagger-ui-bundle.js').repeat(12) +
      GET('/health/live').replace('Host', 'Connection: close\r\nHost'),
  );
  const pausaMs = 10;
  let pausas = 0;
  let final = '';
  for await (const parte of socket as AsyncIterable<Buffer>) {
    leidos += parte.length;
    final = parte.toString('latin1');
    if (++pausas * pausaMs < 1.2 * lecturaMs) await pausa(pausaMs);
  }
  // In all it took longer than reading nothing may.
  expect(pausas * pausaMs).toBeGreaterThan(lecturaMs);
  expect(leidos).toBeGreaterThan(12_000_000);
  expect(final.endsWith('{"estado":"VIVO"}')).toBe(true);
});

/** A submission as bytes, and its answer, which waits until the test lets it go. */
async function envioRetenido() {
  const recibida = Promise.withResolvers<undefined>();
  const retenida = Promise.withResolvers<undefined>();
  api.servicio.responder = async (vista) => {
    recibida.resolve(undefined);
    await retenida.promise;
    return { tipo: 'EMITIDO', vista };
  };
  const cuerpo = JSON.stringify(solicitudDePrueba());
  const cabeceras = Object.entries(await api.cabeceras()).map(([nombre, valor]) => `${nombre}: ${valor}\r\n`);
  return {
    bytes: `POST ${RUTA_POST} HTTP/1.1\r\nHost: x\r\nContent-Length: ${Buffer.byteLength(cuerpo)}\r\n${cabeceras.join('')}\r\n${cuerpo}`,
    recibida: recibida.promise,
    soltar: () => {
      retenida.resolve(undefined);
    },
  };
}

/** A request whose other half never comes was answered so: whatever was late already when it was begun has been so for long. */
async function vencida(): Promise<void> {
  const socket = await conectar();
  const leidos = leerCodigos(socket);
  socket.write('GET /health/live HT');
  expect(await leidos).toEqual([408]);
}

/** When half a request is late: longer than this process may be too busy to read a whole one. */
const TARDIA = { cabecerasMs: 1_000, peticionMs: 1_000 };

describe('behind a request that waits for its issuance', () => {
  it('others wait for longer than a late one may, and are answered in their turn', async () => {
    await iniciar(TARDIA);
    const { bytes, recibida, soltar } = await envioRetenido();
    const socket = await conectar();
    const leidos = leerCodigos(socket, 201);
    socket.write(bytes + GET('/nada').repeat(200));
    await recibida;
    await vencida();
    const antes = recibidas;
    soltar();

    expect(await leidos).toEqual([201, ...Array.from({ length: 200 }, () => 404)]);
    expect(antes).toBeLessThan(60);
  });

  it('half a request has its time once it is its turn, and no more', async () => {
    await iniciar(TARDIA);
    const { bytes, recibida, soltar } = await envioRetenido();
    const socket = await conectar();
    const leidos = leerCodigos(socket);
    socket.write(`${bytes}GET /health/live HT`);
    await recibida;
    await vencida();
    soltar();

    expect(await leidos).toEqual([201, 408]);
  });

  it('nothing is begun once its client is gone, nor after an answer that ends the connection', async () => {
    await iniciar();
    const { bytes, recibida } = await envioRetenido();
    const cierre = conexionCerrada();
    const socket = await conectar();
    socket.write(bytes + bytes);
    await recibida;
    socket.resetAndDestroy();
    await cierre;
    const otro = await conectar();
    otro.write(GET('/nada').replace('Host', 'Connection: close\r\nHost') + bytes);

    expect(await leerCodigos(otro)).toEqual([404]);
    expect(api.servicio.emitidas).toHaveLength(1);
  });
});

describe('a client that says that it will send no more', () => {
  it.each(['/health/live', '/openapi.json', '/nada'])('gets its answer (%s)', async (path) => {
    await iniciar();
    const socket = await conectar({ allowHalfOpen: true });
    const leidos = leerCodigos(socket);
    socket.end(GET(path) + GET(path));
    const estadosHttp = await leidos;
    expect(estadosHttp).toEqual(path === '/nada' ? [404, 404] : [200, 200]);
  });

  it('is waited with for its issuance, and told how it ended', async () => {
    await iniciar();
    const { bytes, recibida, soltar } = await envioRetenido();
    const socket = await conectar({ allowHalfOpen: true });
    const leidos = leerCodigos(socket);
    let dicho = '';
    socket.on('data', (parte) => (dicho += parte.toString('latin1')));
    socket.end(bytes);
    await recibida;
    await hasta(
      'it to hear a second time that its request is worked on',
      () => dicho.split('102 ').length > 2,
    );
    expect(api.servicio.esperas[0]?.abandono.aborted).toBe(false);
    soltar();
    expect(await leidos).toEqual([201]);
  });

  it('in the middle of a request is told so', async () => {
    await iniciar();
    const socket = await conectar({ allowHalfOpen: true });
    const leidos = leerCodigos(socket);
    socket.end('GET /health/live HT');
    expect(await leidos).toEqual([400]);
  });

  it('is waited with for each of several, one after the other', async () => {
    await iniciar();
    const { bytes, recibida, soltar } = await envioRetenido();
    const socket = await conectar({ allowHalfOpen: true });
    const leidos = leerCodigos(socket);
    socket.end(GET('/nada') + bytes + GET('/health/live'));
    await recibida;
    soltar();
    expect(await leidos).toEqual([404, 201, 200]);
  });

  it.each(['destroy', 'resetAndDestroy'] as const)(
    'and is gone (%s) is waited with no longer',
    async (como) => {
      await iniciar();
      const { bytes, recibida } = await envioRetenido();
      const socket = await conectar();
      socket.write(bytes);
      await recibida;
      const [espera] = api.servicio.esperas;
      if (!espera) throw new Error('unreachable: it was received');
      const abandonada = once(espera.abandono, 'abort');
      socket[como]();
      await abandonada;
      expect(espera.abandono.aborted).toBe(true);
    },
  );

  it('hears now and then that its request is worked on, where its version of HTTP knows such a word', async () => {
    await iniciar();
    const { bytes, recibida, soltar } = await envioRetenido();
    const [moderno, antiguo] = [
      await conectar({ allowHalfOpen: true }),
      await conectar({ allowHalfOpen: true }),
    ];
    const leido = [moderno, antiguo].map((socket) => text(socket));
    moderno.end(bytes);
    antiguo.end(bytes.replace('HTTP/1.1', 'HTTP/1.0'));
    await recibida;
    await once(moderno, 'readable');
    soltar();

    const [delModerno = '', delAntiguo = ''] = await Promise.all(leido);
    expect(delModerno).toMatch(/^(HTTP\/1\.1 102 Processing\r\n\r\n)+HTTP\/1\.1 201 /);
    expect(delAntiguo).toMatch(/^HTTP\/1\.1 201 /);
  });
});

describe('where no more connections may be open', () => {
  const MIA = '127.0.0.2';
  const LLENAN = 6;

  /** So many connections, one after the other, whose clients read nothing of what they asked for. */
  async function sinLeer(localAddress: string, cuantas: number): Promise<void> {
    const vistas = new Set<Conexion>();
    api.server.on('request', ({ socket }: { socket: unknown }) => vistas.add(socket as Conexion));
    const leeAun = (una: Conexion) => {
      // eslint-disable-next-line no-restricted-syntax -- the kernel takes what it has room for in steps: full is what stays so
      const sinLeerMs = performance.now() - (una.sinLeerDesdeMs ?? Infinity);
      return !una.destroyed && sinLeerMs < LECTURA_MS / 20;
    };
    for (let i = 0; i < cuantas; i++) {
      const socket = await conectar({ localAddress });
      socket.pause();
      // More than the kernel holds for it.
      socket.write(GET('/docs/swagger-ui-bundle.js').repeat(60));
      await hasta('the connection to be full', () => vistas.size > i && ![...vistas].some(leeAun));
    }
  }

  /** The codes that a new connection gets. */
  async function sondeo(localAddress: string): Promise<number[]> {
    const socket = await conectar({ localAddress });
    const leidos = leerCodigos(socket, 1);
    socket.write(GET('/health/live'));
    return leidos;
  }

  it('one address that reads nothing keeps no other out, nor takes the place of what another has idle', async () => {
    await iniciar({ conexionesMax: LLENAN, lecturaMs: 60_000 });
    const mia = await conectar({ localAddress: MIA });
    const [primera, ultima] = [leerCodigos(mia, 1), leerCodigos(mia, 2)];
    mia.write(GET('/health/live'));
    expect(await primera).toEqual([200]);
    await sinLeer('127.0.0.1', LLENAN * 2);

    const sondeos = [];
    for (let i = 0; i < LLENAN; i++) sondeos.push(await sondeo('127.0.0.3'));
    mia.write(GET('/nada'));

    expect(sondeos).toEqual(Array.from({ length: LLENAN }, () => [200]));
    expect(await ultima).toEqual([200, 404]);
  });

  it('whoever waits for an issuance keeps its place, however many it has', async () => {
    await iniciar({ conexionesMax: 2 });
    const { bytes, recibida, soltar } = await envioRetenido();
    const esperan = [await conectar(), await conectar()].map((socket) => {
      socket.write(bytes);
      return leerCodigos(socket, 1);
    });
    await recibida;
    await hasta('both to be at work', () => api.servicio.emitidas.length === 2);

    expect(await sondeo(MIA)).toEqual([]);
    soltar();
    expect(await Promise.all(esperan)).toEqual([[201], [201]]);
  });

  it('one more takes the place of the one that has been idle longest, of who has most of them', async () => {
    await iniciar({ conexionesMax: 3 });
    const sola = await conectar({ localAddress: '127.0.0.2' });
    const [primera, segunda] = [await conectar(), await conectar()];
    const [usada, cerrada] = [leerCodigos(primera, 1), once(segunda, 'close')];
    primera.write(GET('/health/live'));
    expect(await usada).toEqual([200]);

    const otra = await conectar();
    const leidos = leerCodigos(otra, 1);
    otra.write(GET('/health/live'));

    expect(await leidos).toEqual([200]);
    segunda.resume();
    await cerrada;
    expect([sola, primera].map(({ readyState }) => readyState)).toEqual(['open', 'open']);
    expect(cortadas).toHaveBeenCalledTimes(1);
  });

  it('one more is closed where all others are at work, and none of them is', async () => {
    await iniciar({ conexionesMax: 1 });
    const { bytes, recibida, soltar } = await envioRetenido();
    const primera = await conectar();
    const leidos = leerCodigos(primera, 1);
    primera.write(bytes);
    await recibida;

    const otra = await conectar();
    expect(await leerCodigos(otra)).toEqual([]);
    expect(cortadas).toHaveBeenCalledTimes(1);
    soltar();
    expect(await leidos).toEqual([201]);
  });
});

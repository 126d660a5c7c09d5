/** Clients that send on and on, or read slowly, or nothing: what is begun for them, and in which order it is answered. */
// eslint-disable-next-line no-restricted-imports -- a client that reads slowly waits between two reads
import { setTimeout as pausa } from 'node:timers/promises';
import {
  GET,
  api,
  conectar,
  conexionCerrada,
  envioRetenido,
  iniciar,
  leerCodigos,
  recibidas,
} from './conexiones-de-prueba.ts';

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

      const codigos = await leidos;

      expect(codigos).toHaveLength(cuantas + 1);
      expect(new Set(codigos.slice(0, -1)).size).toBe(1);
      expect(codigos.at(-1)).toBe(200);
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

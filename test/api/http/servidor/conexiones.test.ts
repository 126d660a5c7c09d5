/** Where no more connections may be open: which gives way to one more. */
import { once } from 'node:events';
import type { Conexion } from '../../../../api/http/servidor/conexion.ts';
import { hasta } from '../../../support/hasta.ts';
import {
  GET,
  LECTURA_MS,
  api,
  conectar,
  cortadas,
  envioRetenido,
  iniciar,
  leerCodigos,
} from './conexiones-de-prueba.ts';

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

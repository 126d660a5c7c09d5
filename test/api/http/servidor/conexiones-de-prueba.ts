/** The API over connections that a test opens byte by byte. */
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { jest } from '@jest/globals';
import { ApiDePrueba, RUTA_POST } from '../../../support/api/api-de-prueba.ts';
import { solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';

export const GET = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
export const LECTURA_MS = 400;

export let api: ApiDePrueba;
/** Requests that came to be one, of all connections. */
export let recibidas: number;
const sockets: Socket[] = [];
export const cortadas = jest.fn();

export async function iniciar(limites: Record<string, number> = {}): Promise<void> {
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

export async function conectar(
  opciones: { allowHalfOpen?: boolean; localAddress?: string } = {},
): Promise<Socket> {
  const socket = connect({ port: api.puerto, host: '127.0.0.1', ...opciones });
  socket.on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

/** The codes of the final answers that come until the server closes, or until there are as many. */
export function leerCodigos(socket: Socket, cuantos = Infinity): Promise<number[]> {
  return new Promise((resolve) => {
    const codigos: number[] = [];
    let resto = '';
    socket.on('data', (parte) => {
      resto += parte.toString('latin1');
      codigos.push(...[...resto.matchAll(/HTTP\/1\.1 ([2-5]\d\d) /g)].map(([, codigo]) => Number(codigo)));
      // What may be the beginning of the next.
      resto = /H[TP/1. \d]{0,12}$/.exec(resto)?.[0] ?? '';
      if (codigos.length >= cuantos) resolve(codigos);
    });
    socket.on('close', () => {
      resolve(codigos);
    });
  });
}

/** The next connection that the server takes, closed. */
export async function conexionCerrada(): Promise<void> {
  const [socket] = (await once(api.server, 'connection')) as [Socket];
  await new Promise((cerrada) => socket.once('close', cerrada));
}

/** A submission as bytes, and its answer, which waits until the test lets it go. */
export async function envioRetenido() {
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

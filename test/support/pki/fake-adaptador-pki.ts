/** MsAdaptadorPKI as a bare HTTP server: it answers what a test tells it, broken answers too, and keeps what it was sent. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface LlamadaRecibida {
  metodo: string;
  ruta: string;
  cabeceras: IncomingHttpHeaders;
  cuerpo: string;
}

export class FakeAdaptadorPki {
  readonly recibidas: LlamadaRecibida[] = [];
  /** Every connection that was ever opened. */
  readonly conexiones: Socket[] = [];
  readonly #server: Server;

  private constructor(responder: RequestListener) {
    this.#server = createServer((peticion, respuesta) => {
      const trozos: Buffer[] = [];
      peticion.on('data', (trozo: Buffer) => trozos.push(trozo));
      peticion.on('end', () => {
        const { method = '', url = '', headers } = peticion;
        const cuerpo = Buffer.concat(trozos).toString('utf8');
        this.recibidas.push({ metodo: method, ruta: url, cabeceras: headers, cuerpo });
        responder(peticion, respuesta);
      });
    });
    this.#server.on('connection', (socket) => this.conexiones.push(socket));
  }

  static async iniciar(responder: RequestListener): Promise<FakeAdaptadorPki> {
    const adaptador = new FakeAdaptadorPki(responder);
    adaptador.#server.listen(0, '127.0.0.1');
    await once(adaptador.#server, 'listening');
    return adaptador;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async detener(): Promise<void> {
    const cerrado = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await cerrado;
  }
}

/** An answer with this code; `datos` is the envelope's data, a text is sent as it is. */
export function responde(
  estadoHttp: number,
  datos: unknown,
  cabeceras: Record<string, string> = {},
): RequestListener {
  return (_peticion, respuesta) => {
    respuesta.writeHead(estadoHttp, { 'content-type': 'application/json', ...cabeceras });
    respuesta.end(typeof datos === 'string' ? datos : JSON.stringify({ data: datos }));
  };
}

/** An answer that refuses, in the seed's envelope: the adapter's own voice. */
export function rechaza(
  estadoHttp: number,
  palabras: string[],
  cabeceras: Record<string, string> = {},
): RequestListener {
  const errores = palabras.map((detalleError) => ({ detalleError }));
  return responde(estadoHttp, JSON.stringify(sobreDeRechazo(estadoHttp, errores)), cabeceras);
}

function sobreDeRechazo(statusCode: number, errores: { detalleError: string }[]) {
  return { success: false, statusCode, message: '', data: null, error: { errores } };
}

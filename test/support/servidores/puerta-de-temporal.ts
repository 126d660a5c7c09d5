/**
 * A door between the API and Temporal that holds the start of one codigo: either the request, so that Temporal has not
 * heard of it, or its answer, so that the API does not know that it was recorded.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer, Server as TlsServer } from 'node:tls';
import { certificateFiles } from '../../../deploy/temporal/certificates.ts';
import { workflowId } from '../../../shared/emision/contrato.ts';

export type Lado = 'PETICION' | 'RESPUESTA';

/** More than lies between the name of a call and the workflow's id in it. */
const VENTANA_BYTES = 4_096;

export class PuertaDeTemporal {
  readonly direccion: string;
  readonly #server: Server;
  readonly #pares = new Set<Par>();
  readonly #codigos = new Map<string, Lado>();
  readonly #retenidos = new Set<string>();

  private constructor(server: Server, conectar: () => Socket) {
    this.#server = server;
    // By the name that the server's certificate has too.
    this.direccion = `localhost:${(server.address() as AddressInfo).port}`;
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (cliente: Socket) => {
      this.#unir({ cliente, servidor: conectar(), retenido: [], calla: false, visto: '' });
    });
  }

  /**
   * @param destino host:port of the server
   * @param certificados where it is closed by mutual TLS: what deploy/temporal/certificates.ts made
   */
  static async abrir(destino: string, certificados?: string): Promise<PuertaDeTemporal> {
    const [host = '', port = ''] = destino.split(':');
    const donde = { host, port: Number(port) };
    const de = (quien: 'servidor' | 'api') => {
      const { ca, certificate, key } = certificateFiles(certificados ?? '', quien);
      const archivos = { ca: readFileSync(ca), cert: readFileSync(certificate), key: readFileSync(key) };
      return { ...archivos, ALPNProtocols: ['h2'] };
    };
    const server = certificados ? createTlsServer({ ...de('servidor'), requestCert: true }) : createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new PuertaDeTemporal(server, () =>
      certificados ? connectTls({ ...donde, ...de('api'), servername: host }) : connect(donde),
    );
  }

  /** The first call that names the codigo is held, and with it its whole connection. */
  cerrar(codigo: string, lado: Lado): void {
    this.#codigos.set(codigo, lado);
  }

  hayQuienEspere(codigo: string): boolean {
    return this.#retenidos.has(codigo);
  }

  /** Lets go of all that is held. */
  abrir(): void {
    this.#codigos.clear();
    this.#retenidos.clear();
    for (const par of this.#pares) {
      par.calla = false;
      for (const bytes of par.retenido.splice(0)) par.servidor.write(bytes);
      par.cliente.resume();
      par.servidor.resume();
    }
  }

  async detener(): Promise<void> {
    for (const { cliente, servidor } of this.#pares) {
      cliente.destroy();
      servidor.destroy();
    }
    this.#server.close();
    await once(this.#server, 'close');
  }

  #unir(par: Par): void {
    const { cliente, servidor } = par;
    this.#pares.add(par);
    cliente.on('data', (bytes: Buffer) => {
      const lado = this.#ladoDe(par, bytes);
      if (lado === 'PETICION') par.calla = true;
      if (lado === 'RESPUESTA') servidor.pause();
      if (par.calla) par.retenido.push(bytes);
      else servidor.write(bytes);
    });
    servidor.on('data', (bytes: Buffer) => cliente.write(bytes));
    const soltar = () => {
      this.#pares.delete(par);
      cliente.destroy();
      servidor.destroy();
    };
    for (const socket of [cliente, servidor]) socket.on('error', soltar).on('close', soltar);
  }

  #ladoDe(par: Par, bytes: Buffer): Lado | null {
    par.visto = (par.visto + bytes.toString('latin1')).slice(-VENTANA_BYTES - bytes.length);
    for (const [codigo, lado] of this.#codigos) {
      if (this.#retenidos.has(codigo) || !par.visto.includes(workflowId(codigo))) continue;
      this.#retenidos.add(codigo);
      return lado;
    }
    return null;
  }
}

interface Par {
  cliente: Socket;
  servidor: Socket;
  retenido: Buffer[];
  calla: boolean;
  visto: string;
}

/** A door before a server: it lets everything through, refuses connections, or takes them and says nothing. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export class Puerta {
  readonly puerto: number;
  readonly #server: Server;
  readonly #abiertas = new Set<Socket>();
  #callada = false;

  private constructor(server: Server, destino: number) {
    this.#server = server;
    this.puerto = (server.address() as AddressInfo).port;
    server.on('connection', (de) => {
      const a = connect(destino, '127.0.0.1');
      for (const [uno, otro] of [
        [de, a],
        [a, de],
      ] as const) {
        this.#abiertas.add(uno);
        uno.on('data', (bytes) => {
          if (!this.#callada) otro.write(bytes);
        });
        uno
          .on('error', () => undefined)
          .on('close', () => {
            this.#abiertas.delete(uno);
            otro.destroy();
          });
      }
    });
  }

  /** @param destino a port of 127.0.0.1 */
  static async abrir(destino: number): Promise<Puerta> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Puerta(server, destino);
  }

  /** From now on what stands behind it takes connections and bytes, and is never heard of. */
  callar(): void {
    this.#callada = true;
  }

  /** Cuts what is open, and refuses what comes. */
  async cerrar(): Promise<void> {
    for (const socket of this.#abiertas) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** As at first; what was open while it was silent is cut. */
  async reabrir(): Promise<void> {
    for (const socket of this.#abiertas) socket.destroy();
    this.#callada = false;
    if (this.#server.listening) return;
    this.#server.listen(this.puerto, '127.0.0.1');
    await once(this.#server, 'listening');
  }
}

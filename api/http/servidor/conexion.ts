/**
 * A client's connection as the HTTP server sees it: what the client sends is handed on no faster than it is answered,
 * and what it does not read is not kept for it (ADR 43). Node parses all that it has read at once, so that one write of
 * 65 kB would be some thousand requests at work, and as many answers in memory.
 */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** How much is handed on at once: some twenty-five of the shortest requests. */
const TROZO_BYTES = 512;
/** How much is written at once: a client that has read as much is making progress. */
const PARTE_BYTES = 16 * 1024;

interface ConexionDeps {
  socket: Socket;
  /** Longest time in which the client reads nothing of what waits for it. */
  lecturaMs: number;
  /** Whether what came must wait, since earlier requests are not answered yet. */
  detenida: () => boolean;
}

type Listo = (error?: Error | null) => void;

/** Any Duplex serves as a connection of node:http ('connection' event); what it asks of a net.Socket beyond that is here. */
export class Conexion extends Duplex {
  /** Kept here, since a socket forgets it when it closes. */
  readonly remoteAddress: string | undefined;
  readonly #socket: Socket;
  readonly #lecturaMs: number;
  readonly #detenida: () => boolean;
  /** What came and is not handed on yet. */
  #recibido: Buffer | null = null;
  #hayFin = false;
  #pedido = false;
  #plazo: NodeJS.Timeout | undefined;
  #sinLeerDesdeMs: number | null = null;

  constructor({ socket, lecturaMs, detenida }: ConexionDeps) {
    super({ readableHighWaterMark: TROZO_BYTES, allowHalfOpen: true });
    this.#socket = socket;
    this.#lecturaMs = lecturaMs;
    this.#detenida = detenida;
    this.remoteAddress = socket.remoteAddress;
    // The socket is read even while the connection waits, until something comes: nothing else tells that the client is
    // gone.
    socket.on('data', (recibido) => {
      socket.pause();
      this.#recibido = recibido;
      this.#entregar();
    });
    socket.on('end', () => {
      this.#hayFin = true;
      this.#entregar();
    });
    socket.on('timeout', () => this.emit('timeout'));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  /** Since when the client has read nothing of what waits for it (performance.now()); null where nothing waits. */
  get sinLeerDesdeMs(): number | null {
    return this.#sinLeerDesdeMs;
  }

  /** Ends it at once; what the client has not read is dropped. */
  cortar(): void {
    if (this.#sinLeerDesdeMs !== null) this.#socket.resetAndDestroy();
    this.destroy();
  }

  /** What was held back may go on. */
  seguir(): void {
    this.#entregar();
  }

  /** Of node:net: after so long without a byte either way, 'timeout'. */
  setTimeout(ms: number): this {
    this.#socket.setTimeout(ms);
    return this;
  }

  /** Of node:net: closes once all is written. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  override _read(): void {
    this.#pedido = true;
    this.#entregar();
  }

  override _write(parte: Buffer, _encoding: BufferEncoding, listo: Listo): void {
    this.#enviar([parte], listo);
  }

  override _writev(partes: { chunk: unknown }[], listo: Listo): void {
    const trozos = partes.map(({ chunk }) => chunk as Buffer);
    const total = trozos.reduce((suma, { length }) => suma + length, 0);
    // Head and body of a short answer are one write; a long one is not copied.
    this.#enviar(total <= PARTE_BYTES ? [Buffer.concat(trozos)] : trozos, listo);
  }

  override _final(listo: Listo): void {
    this.#socket.end(() => {
      listo();
    });
  }

  override _destroy(error: Error | null, listo: Listo): void {
    clearTimeout(this.#plazo);
    this.#recibido = null;
    this.#socket.destroy();
    listo(error);
  }

  #entregar(): void {
    if (!this.#pedido || this.destroyed) return;
    if (this.#recibido === null) {
      if (this.#hayFin) this.push(null);
      return;
    }
    if (this.#detenida()) return;
    const trozo = this.#recibido.subarray(0, TROZO_BYTES);
    const resto = this.#recibido.subarray(TROZO_BYTES);
    this.#recibido = resto.length > 0 ? resto : null;
    if (this.#recibido === null) this.#socket.resume();
    this.#pedido = false;
    this.push(trozo);
  }

  #enviar([primero, ...otros]: Buffer[], listo: Listo): void {
    if (primero === undefined) {
      listo();
      return;
    }
    const resto = primero.subarray(PARTE_BYTES);
    let leida = false;
    this.#sinLeerDesdeMs = performance.now();
    this.#plazo = setTimeout(() => {
      // A process that was busy so long has not heard yet what the client read meanwhile.
      setImmediate(() => {
        if (!leida) this.cortar();
      });
    }, this.#lecturaMs);
    this.#socket.write(primero.subarray(0, PARTE_BYTES), (error) => {
      leida = true;
      this.#sinLeerDesdeMs = null;
      clearTimeout(this.#plazo);
      if (error) listo(error);
      else this.#enviar(resto.length > 0 ? [resto, ...otros] : otros, listo);
    });
  }
}

/** How long a client may read nothing of what waits for it: what it has read meanwhile counts, not the whole. */
import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { jest } from '@jest/globals';
import { Conexion } from '../../../../api/http/servidor/conexion.ts';

const LECTURA_MS = 1_000;

/** A client that takes what is written only where the test lets it: a kernel's buffers hide that from a real one. */
class ClienteLento extends Duplex {
  readonly remoteAddress = '127.0.0.1';
  readonly leidos: number[] = [];
  reiniciado = false;
  #leer: (() => void) | null = null;

  override _read(): void {
    // It sends nothing.
  }
  override _write(parte: Buffer, _encoding: BufferEncoding, listo: () => void): void {
    this.#leer = () => {
      this.leidos.push(parte.length);
      listo();
    };
  }
  resetAndDestroy(): void {
    this.reiniciado = true;
    this.destroy();
  }
  async leer(): Promise<void> {
    this.#leer?.();
    await jest.advanceTimersByTimeAsync(0);
  }
}

let cliente: ClienteLento;
let conexion: Conexion;
beforeEach(() => {
  jest.useFakeTimers();
  cliente = new ClienteLento();
  conexion = new Conexion({
    socket: cliente as unknown as Socket,
    lecturaMs: LECTURA_MS,
    detenida: () => false,
  });
});
afterEach(() => {
  conexion.destroy();
  jest.useRealTimers();
});

it('a client that reads a little of one long answer in time, again and again, is not cut', async () => {
  const LARGA = 8 * 1024 * 1024;
  conexion.write(Buffer.alloc(LARGA));
  for (let i = 0; i < 20; i++) {
    await jest.advanceTimersByTimeAsync(LECTURA_MS - 1);
    // eslint-disable-next-line no-restricted-syntax -- jest's clock, which this test moves
    expect(conexion.sinLeerDesdeMs).toBe(performance.now() - LECTURA_MS + 1);
    await cliente.leer();
  }

  expect(cliente.reiniciado).toBe(false);
  expect(cliente.leidos).toHaveLength(20);
  expect(Math.max(...cliente.leidos)).toBeLessThanOrEqual(64 * 1024);
});

it('one that reads nothing for as long is reset, whatever it read before', async () => {
  conexion.write(Buffer.alloc(1024 * 1024));
  await jest.advanceTimersByTimeAsync(LECTURA_MS - 1);
  await cliente.leer();
  await jest.advanceTimersByTimeAsync(LECTURA_MS - 1);
  const aTiempo = cliente.reiniciado;
  await jest.advanceTimersByTimeAsync(2);

  expect([aTiempo, cliente.reiniciado]).toEqual([false, true]);
  expect(conexion.destroyed).toBe(true);
});

it('one for which nothing waits is not, however long', async () => {
  conexion.write(Buffer.alloc(100));
  await cliente.leer();
  await jest.advanceTimersByTimeAsync(LECTURA_MS * 10);

  expect(cliente.reiniciado).toBe(false);
  expect(conexion.sinLeerDesdeMs).toBeNull();
});

/**
 * Clients that pay nothing: each writes 65 kB of requests at once, reads no answer, and comes again when it is cut. The
 * service's memory stays where it was, it says that it lives, and issuances go on. ADR 43.
 */
/* eslint-disable no-restricted-syntax -- how long the service takes to say that it lives is the question */
import { connect, type Socket } from 'node:net';
// eslint-disable-next-line no-restricted-imports -- memory and life are sampled now and then while the load lasts
import { setTimeout as pausa } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { largoOCorto } from '../../support/forma-corta.ts';
import { Stack, solicitudNueva } from '../../support/servidores/stack.ts';

const ESCALONES = [1, 5, 20, 50] as const;
const ESCALON_S = 18;
const ESCALONES_EN_REPOSO = largoOCorto(4, 2);
const MB = 1024 * 1024;
const MEMORIA_MAX_MB = 100;
const VIDA_MAX_MS = 1_000;
const ESCRITURA_BYTES = 65_536;
/** Greatest of what is served for next to nothing: a document that is many thousand times its request. */
const PATH = '/openapi.json';
/** What clients that read ask before. */
const PATHS = [PATH, '/docs/swagger-ui-bundle.js', '/metrics', '/nada'];

jest.setTimeout(60_000);

interface Muestra {
  clientes: number;
  residente: number;
  vidaMs: number;
}

let stack: Stack;
let enReposo: number;
const muestras: Muestra[] = [];
/** HTTP codes of the issuances sent meanwhile. */
const emitidas: number[] = [];
let cortes = 0;

beforeAll(async () => {
  stack = await Stack.start({ LOG_LEVEL: 'warn' });
  // As many clients that read, one after the other's answer: the room that the heap takes for any load is no cost of the others.
  for (let n = 0; n < 20; n++) {
    await emitir(`ANTES-${n}`);
    const leidas = Array.from({ length: 50 }, async (_, i) => {
      const respuesta = await fetch(`${stack.url('api')}${PATHS[i % PATHS.length] ?? '/'}`);
      return respuesta.arrayBuffer();
    });
    await Promise.all(leidas);
  }
  const fin = new AbortController();
  const emisiones = emitirSinCesar(fin.signal);
  const abusones: Promise<void>[] = [];
  // Nor is the room that it takes for the issuances, by and by, until it has enough.
  for (let n = 0; n < ESCALONES_EN_REPOSO; n++) await cargar(0);
  enReposo = Math.max(...de(0).map((muestra) => muestra.residente));
  // Each stays to the end, so that the first outlive the time in which they must read something.
  for (const clientes of ESCALONES) {
    while (abusones.length < clientes) abusones.push(abusar(fin.signal));
    await cargar(clientes);
  }
  fin.abort();
  await Promise.all([emisiones, ...abusones]);
  informar();
}, 300_000);
afterAll(() => stack.stop());

test.each(ESCALONES)('%i clients that read nothing cost the service less than 100 MB', (clientes) => {
  const maximo = Math.max(...de(clientes).map((muestra) => muestra.residente));

  expect((maximo - enReposo) / MB).toBeLessThan(MEMORIA_MAX_MB);
});

test('the service says meanwhile that it lives, each time within a second', () => {
  expect(muestras.length).toBeGreaterThan(ESCALONES.length * ESCALON_S);
  expect(Math.max(...muestras.map(({ vidaMs }) => vidaMs))).toBeLessThan(VIDA_MAX_MS);
});

test('issuances go on meanwhile', () => {
  expect(emitidas.length).toBeGreaterThan(ESCALONES.length);
  expect([...new Set(emitidas)]).toEqual([201]);
});

test('a client that reads nothing is cut off', () => {
  expect(cortes).toBeGreaterThan(0);
});

async function cargar(clientes: number): Promise<void> {
  const hasta = performance.now() + ESCALON_S * 1000;
  while (performance.now() < hasta) {
    const inicio = performance.now();
    const { status } = await fetch(`${stack.url('api')}/health/live`);
    const vidaMs = status === 200 ? performance.now() - inicio : Infinity;
    muestras.push({ clientes, residente: await residente(), vidaMs });
    await pausa(500);
  }
}

/** One connection after the other, none of which reads. */
async function abusar(fin: AbortSignal): Promise<void> {
  const { hostname, port } = new URL(stack.url('api'));
  const peticion = `GET ${PATH} HTTP/1.1\r\nHost: x\r\n\r\n`;
  const escritura = peticion.repeat(Math.floor(ESCRITURA_BYTES / peticion.length));
  const sigue = () => !fin.aborted;
  while (sigue()) {
    const socket = connect(Number(port), hostname).on('error', () => undefined);
    socket.pause();
    insistir(socket, escritura);
    const soltar = () => socket.destroy();
    fin.addEventListener('abort', soltar);
    await new Promise((cerrado) => socket.once('close', cerrado));
    fin.removeEventListener('abort', soltar);
    if (sigue()) cortes++;
  }
}

/** Writes as much as the server takes. Who does not read learns of a cut only as it writes. */
function insistir(socket: Socket, escritura: string): void {
  socket.write(escritura);
  // eslint-disable-next-line no-restricted-globals -- as often as a client would that waits for nothing
  const otra = setInterval(() => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), 1_000);
  socket.once('close', () => {
    clearInterval(otra);
  });
}

async function emitirSinCesar(fin: AbortSignal): Promise<void> {
  for (let n = 0; !fin.aborted; n++) {
    emitidas.push(await emitir(`MIENTRAS-${n}`));
    await pausa(300);
  }
}

async function emitir(codigo: string): Promise<number> {
  return (await stack.emitir(solicitudNueva(codigo))).estadoHttp;
}

async function residente(): Promise<number> {
  const metricas = await (await fetch(`${stack.url('api')}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\d+)/m.exec(metricas)?.[1]);
}

function de(clientes: number): Muestra[] {
  return muestras.filter((muestra) => muestra.clientes === clientes);
}

/** The curve, as the ADR shows it. */
function informar(): void {
  const filas = ESCALONES.map((clientes) => {
    const suyas = de(clientes);
    const maximo = Math.max(...suyas.map((muestra) => muestra.residente));
    const vida = suyas.map(({ vidaMs }) => vidaMs).sort((a, b) => a - b);
    return `${clientes}: +${Math.round((maximo - enReposo) / MB)} MB, live max ${Math.round(vida.at(-1) ?? NaN)} ms`;
  });
  const lineas = [
    `at rest ${Math.round(enReposo / MB)} MB`,
    ...filas,
    `issued ${emitidas.length}, cut ${cortes}`,
  ];
  process.stdout.write(`${lineas.join('\n')}\n`);
}

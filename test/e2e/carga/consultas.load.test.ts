/**
 * A storm of GETs over issuances that are open, beside issuing: what asks how work goes must not keep it from going on
 * (ADR 49).
 */
/* eslint-disable no-restricted-syntax -- how much is issued in a time is the question */
import { Agent, get } from 'node:http';
// eslint-disable-next-line no-restricted-imports -- a load is so many requests a second
import { setTimeout as pausa } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { requestDevelopmentToken } from '../../../simulator/oidc/development-token.ts';
import { BASE } from '../../support/api/api-de-prueba.ts';
import { largoOCorto } from '../../support/forma-corta.ts';
import { Stack, solicitudNueva } from '../../support/servidores/stack.ts';

const ABIERTAS = largoOCorto(2_000, 500);
const CONSULTAS_POR_SEGUNDO = 400;
/** Each beside the other, so that what else the machine does strikes both. */
const TANDAS = ['SIN', 'CON', 'SIN', 'CON', 'SIN', 'CON'] as const;
const TANDA_MS = largoOCorto(15_000, 12_000);
/** They are accepted faster than they are tried: a slow machine has some minutes to try for, all of them. */
const INTENTADAS_MS = 240_000;
/** What two busy cores issue with ease: the clients' requests, and their answers, take their share of the processor too. */
const EMISIONES_POR_SEGUNDO = 2;

jest.setTimeout(400_000);

type Tanda = (typeof TANDAS)[number];

let stack: Stack;
let token: string;
const agente = new Agent({ keepAlive: true, maxSockets: 60 });
const emitidas: Record<Tanda, number> = { SIN: 0, CON: 0 };
const tardanzas: Record<Tanda, number[]> = { SIN: [], CON: [] };
/** By HTTP status and estado. */
const vistas = new Map<string, number>();

beforeAll(async () => {
  stack = await Stack.start(
    { LOG_LEVEL: 'warn', EMISIONES_ABIERTAS_MAX: '50000' },
    {
      // They wait for the rest of their retry window after the first attempt: open, and not written to.
      conducta: ({ codigoSolicitudTramite }) =>
        codigoSolicitudTramite.startsWith('ABIERTA-') ? { answer: OCUPADA } : {},
    },
  );
  token = await requestDevelopmentToken(stack.variable('OIDC_ISSUER'), 'siirc');
  await abrir();
  for (const tanda of TANDAS) emitidas[tanda] += await emitirUnaTanda(tanda);
}, 600_000);
afterAll(async () => {
  agente.destroy();
  await stack.stop();
});

// By an answer that opens no circuit, however often it comes.
const OCUPADA = {
  status: 409,
  headers: { 'Retry-After': '3600', 'Content-Type': 'application/json' },
  body: JSON.stringify({
    success: false,
    statusCode: 409,
    message: 'ocupada',
    data: null,
    error: {
      tipo: 'OCUPADA',
      titulo: 'ocupada',
      estado: 409,
      errores: [{ detalleError: 'ocupada' }],
    },
  }),
};

test('every question is answered, and what is open is told as open', () => {
  expect([...vistas.keys()]).toEqual(['200 EN_PROCESO']);
  const preguntadas = [...vistas.values()].reduce((suma, unas) => suma + unas, 0);
  const segundos = (TANDAS.filter((tanda) => tanda === 'CON').length * TANDA_MS) / 1_000;
  expect(preguntadas).toBeGreaterThan(0.95 * CONSULTAS_POR_SEGUNDO * segundos);
});

test('issuing goes on at four fifths of its rate, at least', () => {
  const razon = emitidas.CON / emitidas.SIN;
  const medianas = [tardanzas.SIN, tardanzas.CON].map((unas) =>
    Math.round(unas.sort((a, b) => a - b)[unas.length >> 1] ?? NaN),
  );
  process.stdout.write(
    `issued ${JSON.stringify(emitidas)}, ratio ${razon.toFixed(2)}; median ms ${medianas.join(', ')}\n`,
  );

  expect(razon).toBeGreaterThanOrEqual(0.8);
});

/** So many are accepted, each asked of the PKI once. */
async function abrir(): Promise<void> {
  const codigos = Array.from({ length: ABIERTAS }, (_, n) => `ABIERTA-${n}`).values();
  const enviar = async () => {
    for (const codigo of codigos)
      await stack.emitir(solicitudNueva(codigo), undefined, {
        cabeceras: { Prefer: 'respond-async, wait=0' },
      });
  };
  await Promise.all(Array.from({ length: 10 }, enviar));
  await stack.hastaLlamada(`ABIERTA-${ABIERTAS - 1}`, 'paso1', 1, INTENTADAS_MS);
}

/** @returns how many were issued in its time */
async function emitirUnaTanda(tanda: Tanda): Promise<number> {
  const fin = performance.now() + TANDA_MS;
  let hechas = 0;
  const emitir = async (n: number) => {
    const inicio = performance.now();
    const { estadoHttp } = await stack.emitir(solicitudNueva(`${tanda}-${Math.round(fin)}-${n}`));
    expect(estadoHttp).toBe(201);
    tardanzas[tanda].push(performance.now() - inicio);
    if (performance.now() < fin) hechas++;
  };
  const preguntar = () => consultar(`ABIERTA-${Math.floor(Math.random() * ABIERTAS)}`);
  await Promise.all([
    cadaSegundo(EMISIONES_POR_SEGUNDO, fin, emitir),
    ...(tanda === 'CON' ? [cadaSegundo(CONSULTAS_POR_SEGUNDO, fin, preguntar)] : []),
  ]);
  return hechas;
}

/** At this rate, whatever was answered before. */
async function cadaSegundo(veces: number, fin: number, hacer: (n: number) => Promise<void>): Promise<void> {
  const comienzo = performance.now();
  const enVuelo: Promise<void>[] = [];
  for (let n = 0; performance.now() < fin; n++) {
    const faltaMs = comienzo + (n * 1_000) / veces - performance.now();
    if (faltaMs > 1) await pausa(faltaMs);
    enVuelo.push(hacer(n));
  }
  await Promise.all(enVuelo);
}

async function consultar(codigo: string): Promise<void> {
  const visto = await new Promise<string>((resolve, reject) => {
    const url = `${stack.url('api')}${BASE}/solicitudes/${codigo}`;
    get(url, { agent: agente, headers: { Authorization: `Bearer ${token}` } }, (respuesta) => {
      let texto = '';
      respuesta
        .on('data', (parte: Buffer) => (texto += parte.toString()))
        .on('end', () => {
          const [, estado] = /"estado":"(\w+)"/.exec(texto) ?? [];
          resolve(`${respuesta.statusCode} ${estado}`);
        });
    }).on('error', reject);
  });
  vistas.set(visto, (vistas.get(visto) ?? 0) + 1);
}

/**
 * Minutes of several times the load that the system can take: it accepts what it can finish, says so to the rest at
 * once, and is as it was when the load goes. ADR 37.
 */
/* eslint-disable no-restricted-syntax -- within how long the service answers under load is the question */
// eslint-disable-next-line no-restricted-imports -- a load is so many requests a second
import { setTimeout as pausa } from 'node:timers/promises';
import { jest } from '@jest/globals';
import pg from 'pg';
import { largoOCorto } from '../../support/forma-corta.ts';
import { Stack, solicitudNueva } from '../../support/servidores/stack.ts';

const CARGA_S = largoOCorto(120, 50);
/** Sent at this rate, whatever was answered before: half wait for their certificates, half prefer not to. */
const POR_SEGUNDO = 40;
const PETICIONES_MAX = 50;
const ESPERAS_MAX = 40;
const ABIERTAS_MAX = 60;
const ESPERA_SINCRONA_MS = 25_000;
/** A machine whose two cores also run Temporal, PostgreSQL and the clients is slow to answer even what needs no wait. */
const HOLGURA_MS = 15_000;
const RECHAZO_MS = 5_000;

jest.setTimeout(180_000);

interface Envio {
  codigo: string;
  ms: number;
  http: number;
  retryAfter: string | null;
  estado: string | undefined;
  detalles: string[];
}

const PROCESOS = ['api', 'worker'] as const;
const MONTON_MAX = { NODE_OPTIONS: '--max-old-space-size=192' };

interface Muestra {
  /** Bytes. */
  residente: Record<(typeof PROCESOS)[number], number>;
  abiertas: number;
}

let stack: Stack;
const envios: Envio[] = [];
/** One a second. */
const muestras: Muestra[] = [];
let antes: Envio[];
let despues: Envio[];

beforeAll(async () => {
  stack = await Stack.start(
    {
      SIMULADOR_LATENCIA_MS: '1000',
      PETICIONES_SIMULTANEAS_MAX: String(PETICIONES_MAX),
      ESPERAS_SIMULTANEAS_MAX: String(ESPERAS_MAX),
      EMISIONES_ABIERTAS_MAX: String(ABIERTAS_MAX),
      ESPERA_SINCRONA_MS: String(ESPERA_SINCRONA_MS),
      // One office in three requests goes beyond it.
      LIMITE_OFICINA_POR_MINUTO: String(POR_SEGUNDO * 10),
      LOG_LEVEL: 'warn',
    },
    // A heap that holds little more than they need: what were kept of each request would soon end them.
    { propios: Object.fromEntries(PROCESOS.map((proceso) => [proceso, { variables: MONTON_MAX }])) },
  );
  antes = await emitirSeguidas('ANTES');
  await cargar();
  despues = await emitirSeguidas('DESPUES');
}, 400_000);
afterAll(() => stack.stop());

test('what it cannot take is refused by 429 or 503 that say when to come back, and nothing else goes wrong', async () => {
  const rechazos = envios.filter((envio) => !fueAceptado(envio));

  expect(envios).toHaveLength(CARGA_S * POR_SEGUNDO);
  expect([...new Set(rechazos.map(({ http }) => http))].sort()).toEqual([429, 503]);
  for (const { retryAfter } of rechazos) expect(Number(retryAfter)).toBeGreaterThan(0);
  // Much more than it can take: a test of what was taken with ease would show nothing.
  expect(rechazos.length).toBeGreaterThan(envios.length / 2);
  expect(await rechazadasPor('emisiones')).toBeGreaterThan(0);
});

test('what it accepts is answered within its bound, and what it refuses soon', () => {
  const [aceptados, rechazos] = [envios.filter(fueAceptado), envios.filter((envio) => !fueAceptado(envio))];

  expect(percentil(aceptados, 0.99)).toBeLessThan(ESPERA_SINCRONA_MS + HOLGURA_MS);
  expect(percentil(rechazos, 0.95)).toBeLessThan(RECHAZO_MS);
});

test('of a burst of questions it answers as many as it can work on, and refuses the rest', async () => {
  const estados = await Promise.all(
    Array.from({ length: 10 * PETICIONES_MAX }, async () => (await stack.consultar('NO-HAY')).estadoHttp),
  );

  expect([...new Set(estados)].sort()).toEqual([404, 503]);
  expect(estados.filter((http) => http === 404).length).toBeGreaterThanOrEqual(PETICIONES_MAX);
  expect(await rechazadasPor('peticiones')).toBeGreaterThan(0);
});

test('no more issuances are open than may be, but for those that came between two counts', () => {
  const maximo = Math.max(...muestras.map(({ abiertas }) => abiertas));

  expect(maximo).toBeGreaterThan(ABIERTAS_MAX / 2);
  expect(maximo).toBeLessThan(2 * ABIERTAS_MAX);
});

test.each(PROCESOS)('the memory of the %s does not grow with the load', (proceso) => {
  const mitad = Math.floor(muestras.length / 2);
  const maximos = [muestras.slice(0, mitad), muestras.slice(mitad)].map((unas) =>
    Math.max(...unas.map(({ residente }) => residente[proceso])),
  );

  expect(maximos[1]).toBeLessThan(1.25 * (maximos[0] ?? 0));
});

test('once the load is gone issuances are accepted and as fast as before', () => {
  expect(despues.map(({ http }) => http)).toEqual(despues.map(() => 201));
  expect(percentil(despues, 0.5)).toBeLessThan(2 * percentil(antes, 0.5));
});

test('what was accepted is issued once; of what was refused nobody knows', async () => {
  const aceptados = envios.filter(fueAceptado).map(({ codigo }) => codigo);

  for (const codigo of aceptados) {
    const { sobre } = await stack.hastaEstado(codigo, 'COMPLETADO');
    expect(sobre.data?.certificados).toHaveLength(3);
    expect(await stack.emisiones(codigo)).toMatchObject({ emisiones: 1, certificados: 3 });
  }
  const registro = new pg.Client({ connectionString: stack.databaseUrl });
  await registro.connect();
  const { rows } = await registro.query<{ codigo: string }>(
    "select codigo from solicitudes where codigo like 'CARGA-%'",
  );
  await registro.end();
  const conocidos = new Set(rows.map(({ codigo }) => codigo));
  expect(envios.filter((envio) => noEmpezo(envio) && conocidos.has(envio.codigo))).toEqual([]);
});

async function cargar(): Promise<void> {
  const enVuelo: Promise<Envio>[] = [];
  const fin = new AbortController();
  const muestreo = muestrear(fin.signal);
  const comienzo = performance.now();
  for (let n = 0; n < CARGA_S * POR_SEGUNDO; n++) {
    const faltaMs = comienzo + (n * 1000) / POR_SEGUNDO - performance.now();
    if (faltaMs > 0) await pausa(faltaMs);
    enVuelo.push(
      emitir(`CARGA-${n}`, {
        'X-Office-Code': n % 3 === 0 ? 'LIMA-NORTE' : `OFICINA-${n % 50}`,
        ...(n % 2 === 0 && { Prefer: 'respond-async' }),
      }),
    );
  }
  envios.push(...(await Promise.all(enVuelo)));
  fin.abort();
  await muestreo;
}

async function emitir(codigo: string, cabeceras: Record<string, string> = {}): Promise<Envio> {
  const inicio = performance.now();
  const { estadoHttp: http, ...respuesta } = await stack.emitir(solicitudNueva(codigo), undefined, {
    cabeceras,
  });
  return {
    codigo,
    ms: performance.now() - inicio,
    http,
    retryAfter: respuesta.cabeceras.get('retry-after'),
    estado: respuesta.sobre.data?.transaccion.estado,
    detalles: respuesta.sobre.error?.errores.map(({ detalleError }) => detalleError) ?? [],
  };
}

async function emitirSeguidas(nombre: string): Promise<Envio[]> {
  const hechas: Envio[] = [];
  for (let n = 0; n < 10; n++) hechas.push(await emitir(`${nombre}-${n}`));
  return hechas;
}

async function muestrear(fin: AbortSignal): Promise<void> {
  while (!fin.aborted) {
    const [api = NaN, worker = NaN] = await Promise.all(PROCESOS.map(residenteDe));
    const { count: abiertas } = await stack.client.workflow.count("ExecutionStatus = 'Running'");
    muestras.push({ residente: { api, worker }, abiertas });
    await pausa(1000, undefined, { signal: fin }).catch(() => undefined);
  }
}

async function residenteDe(proceso: (typeof PROCESOS)[number]): Promise<number> {
  const metricas = await (await fetch(`${stack.url(proceso)}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\d+)/m.exec(metricas)?.[1]);
}

/** Its issuance goes on, whether or not the answer came in time: 201, 202, or 504 with EN_PROCESO. */
function fueAceptado({ estado }: Envio): boolean {
  return estado !== undefined;
}

/** Refused by a bound. A 503 of a Temporal that was too slow to answer may have been heard all the same. */
function noEmpezo({ http, detalles }: Envio): boolean {
  return http === 429 || detalles.some((detalle) => detalle.includes('no se aceptó'));
}

async function rechazadasPor(tope: string): Promise<number> {
  const metricas = await (await fetch(`${stack.url('api')}/metrics`)).text();
  return Number(new RegExp(`^http_shed_requests_total\\{tope="${tope}"\\} (\\d+)`, 'm').exec(metricas)?.[1]);
}

function percentil(unos: readonly Envio[], parte: number): number {
  const ms = unos.map((uno) => uno.ms).sort((a, b) => a - b);
  return ms[Math.ceil(parte * ms.length) - 1] ?? NaN;
}

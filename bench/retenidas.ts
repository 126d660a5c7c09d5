/**
 * `npm run bench:retenidas -- [ISSUANCES] [SECONDS]`: what issuances (2,000) cost that an outage of the PKI holds for so long
 * (300 s), and how they come back, beside what as many cost that no outage holds. On a PostgreSQL and a Temporal of its own.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pausa } from 'node:timers/promises';
import { Stack, solicitudNueva } from '../test/support/servidores/stack.ts';

const cuantas = Number(process.argv[2] ?? 2_000);
const segundos = Number(process.argv[3] ?? 300);
const A_LA_VEZ = 16;
/** Circuits have opened, and what was under way has been turned away. */
const ASENTADO_MS = 20_000;

interface Uso {
  ms: number;
  mb: number;
}
/** By name: what those of it have used of a processor, and hold of memory. */
type Procesos = Map<string, Uso>;

interface Medida {
  segundos: number;
  procesos: Procesos;
  /** Part of the machine's processors that nobody used, percent. */
  ociosa: number;
}

const stack = await Stack.start({ LOG_LEVEL: 'warn' });
try {
  const corrientes = codigosDe('CORRIENTE');
  const corriente = await medir(async () => {
    await aceptar(corrientes);
    await hastaEmitidas(cuantas);
  });
  console.log(`${cuantas} issued while the PKI is up`);

  await stack.matar('simulador');
  const retenidas = codigosDe('RETENIDA');
  await aceptar(retenidas);
  console.log(`${cuantas} accepted while it is down`);
  await pausa(ASENTADO_MS);

  const antes = await intentos();
  const caida = await medir(() => pausa(segundos * 1_000));
  const hechos = (await intentos()) - antes;
  console.log(`held for ${segundos} s`);

  await stack.arrancar('simulador');
  const hastaLaPrimera = await medir(() => hastaEmitidas(cuantas + 1));
  const vuelta = await medir(() => hastaEmitidas(2 * cuantas));
  let deMas = 0;
  for (const codigo of retenidas) if ((await stack.emisiones(codigo)).emisiones !== 1) deMas += 1;

  const ritmo = ({ segundos: tomo, ociosa }: Medida) =>
    `${tomo} s, ${(cuantas / tomo).toFixed(1)} a second; ${ociosa.toFixed(0)} % of the machine idle`;
  const [porSegundo, porEmision] = [1 / (segundos * 10), 1 / cuantas];
  console.log(`
${cuantas} issuances, held for ${segundos} s
  attempts of the PKI and turned away   ${(hechos / segundos).toFixed(2)} a second
  the first is back after               ${hastaLaPrimera.segundos} s
  all are back after it in              ${ritmo(vuelta)}
  as many that no outage held           ${ritmo(corriente)}
  held, and not issued once             ${deMas}

  process     held: % of a core      MB   drained: ms of CPU each      MB   not held: ms of CPU each`);
  for (const nombre of new Set([...caida.procesos.keys(), ...vuelta.procesos.keys()]))
    console.log(
      `  ${nombre.padEnd(10)}` +
        uso(caida, nombre, porSegundo).padStart(23) +
        mb(caida, nombre).padStart(8) +
        uso(vuelta, nombre, porEmision).padStart(27) +
        mb(vuelta, nombre).padStart(8) +
        uso(corriente, nombre, porEmision).padStart(28),
    );
} finally {
  await stack.stop();
}

function codigosDe(nombre: string): string[] {
  return Array.from({ length: cuantas }, (_, i) => `${nombre}-${i}`);
}

async function aceptar(codigos: readonly string[]): Promise<void> {
  const porPedir = codigos.values();
  await Promise.all(
    Array.from({ length: A_LA_VEZ }, async () => {
      for (const codigo of porPedir) {
        const { estadoHttp } = await stack.emitir(solicitudNueva(codigo), undefined, {
          cabeceras: { Prefer: 'respond-async' },
        });
        if (estadoHttp !== 202) throw new Error(`${codigo}: ${estadoHttp}`);
      }
    }),
  );
}

async function hastaEmitidas(tantas: number): Promise<void> {
  const desde = Date.now();
  for (let emitidas = 0, avisos = 0; emitidas < tantas;) {
    await pausa(250);
    const enMetricas = /^emisiones_total\{estado="COMPLETADO",tipo="NINGUNO"\} (\d+)$/m.exec(
      await metricas(),
    );
    emitidas = Number(enMetricas?.[1] ?? 0);
    const llevaMs = Date.now() - desde;
    if (llevaMs < (avisos + 1) * 10_000) continue;
    avisos += 1;
    console.log(`  after ${Math.round(llevaMs / 1_000)} s: ${emitidas} of ${tantas} issued`);
  }
}

function metricas(): Promise<string> {
  return fetch(`${stack.url('worker')}/metrics`).then((respuesta) => respuesta.text());
}

/** Calls of the PKI, and what the circuit turned away. */
async function intentos(): Promise<number> {
  const texto = await metricas();
  const suma = (nombre: string) =>
    [...texto.matchAll(new RegExp(`^${nombre}\\{[^}]*\\} (\\d+)$`, 'gm'))].reduce(
      (total, [, n]) => total + Number(n),
      0,
    );
  return suma('pki_call_duration_seconds_count') + suma('pki_circuit_rejected_total');
}

/** What the work took, and what each process used meanwhile. */
async function medir(trabajo: () => Promise<unknown>): Promise<Medida> {
  const antes = { procesos: leerProcesos(), maquina: leerMaquina() };
  const desde = performance.now();
  await trabajo();
  const segundosQueTomo = Math.round((performance.now() - desde) / 100) / 10;
  const [procesos, maquina] = [leerProcesos(), leerMaquina()];
  // What PostgreSQL's backends used goes with them.
  for (const [nombre, uno] of procesos) uno.ms = Math.max(0, uno.ms - (antes.procesos.get(nombre)?.ms ?? 0));
  const ociosa =
    (100 * (maquina.ociosa - antes.maquina.ociosa)) / Math.max(1, maquina.total - antes.maquina.total);
  return { segundos: segundosQueTomo, procesos, ociosa };
}

function uso({ procesos }: Medida, nombre: string, factor: number): string {
  return ((procesos.get(nombre)?.ms ?? 0) * factor).toFixed(1);
}

function mb({ procesos }: Medida, nombre: string): string {
  return String(procesos.get(nombre)?.mb ?? '-');
}

/** In ticks, of all processors. */
function leerMaquina(): { ociosa: number; total: number } {
  const tics = (/^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? '').split(' ').map(Number);
  return { ociosa: tics[3] ?? 0, total: tics.reduce((suma, uno) => suma + uno, 0) };
}

/** Of this process, its children and theirs, by name: those of PostgreSQL are one. */
function leerProcesos(): Procesos {
  const MS_POR_TIC = 10;
  const PAGINA_MB = 4_096 / 2 ** 20;
  const vistos: Procesos = new Map();
  const mirar = (pid: number) => {
    const leidos = leerProceso(pid);
    if (!leidos) return;
    const { campos, orden, hijos } = leidos;
    const nombre = pid === process.pid ? 'this bench' : nombreDe(orden);
    const { ms, mb: suyos } = vistos.get(nombre) ?? { ms: 0, mb: 0 };
    vistos.set(nombre, {
      ms: ms + (Number(campos[11]) + Number(campos[12])) * MS_POR_TIC,
      mb: suyos + Math.round(Number(campos[21]) * PAGINA_MB),
    });
    for (const hijo of hijos) mirar(hijo);
  };
  mirar(process.pid);
  return vistos;
}

/** @returns null of one that has just ended */
function leerProceso(pid: number): { campos: string[]; orden: string; hijos: number[] } | null {
  const leer = (archivo: string) => readFileSync(`/proc/${pid}/${archivo}`, 'utf8');
  try {
    // Temporal's server is the child of a thread of the SDK's core, not of the first.
    const hijos = readdirSync(`/proc/${pid}/task`).flatMap((hilo) =>
      leer(`task/${hilo}/children`).split(' '),
    );
    const [, , ...campos] = leer('stat')
      .replace(/\(.*\)/s, '()')
      .split(' ');
    return { campos, orden: leer('cmdline'), hijos: hijos.filter(Boolean).map(Number) };
  } catch {
    return null;
  }
}

function nombreDe(orden: string): string {
  const [, cual = '?'] =
    /\/(api|worker|oidc\/main|pki\/main)\.ts|(?:^|\/)(temporal|postgres)/.exec(orden)?.filter(Boolean) ?? [];
  return { 'oidc/main': 'issuer', 'pki/main': 'simulator' }[cual] ?? cual;
}

/**
 * `npm run bench:retenidas -- [ISSUANCES] [SECONDS]`: what issuances (2,000) cost that an outage of the PKI holds for so long
 * (300 s), and how they come back. On a PostgreSQL and a Temporal of its own.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pausa } from 'node:timers/promises';
import { Stack, solicitudNueva } from '../test/support/servidores/stack.ts';

const cuantas = Number(process.argv[2] ?? 2_000);
const segundos = Number(process.argv[3] ?? 300);
const A_LA_VEZ = 16;
/** Circuits have opened, and what was under way has been turned away. */
const ASENTADO_MS = 20_000;
const codigos = Array.from({ length: cuantas }, (_, i) => `RETENIDA-${i}`);

interface Uso {
  ms: number;
  mb: number;
}
/** The process, and what it and those of its name have used of a processor and hold of memory. */
type Procesos = Map<string, Uso>;

const stack = await Stack.start({ LOG_LEVEL: 'warn' });
try {
  const enMarcha = await medido(aceptar);
  console.log(`${cuantas} issuances accepted in ${enMarcha.segundos} s; the PKI is down`);
  await pausa(ASENTADO_MS);

  const antes = await intentos();
  const retenidas = await medido(() => pausa(segundos * 1_000));
  const porSegundo = (await intentos()) - antes;
  console.log(`held for ${segundos} s`);

  await stack.arrancar('simulador');
  const vuelta = await medido(hastaQueTodasEsten);
  let deMas = 0;
  for (const codigo of codigos) if ((await stack.emisiones(codigo)).emisiones !== 1) deMas += 1;

  const nombres = new Set([enMarcha, retenidas, vuelta].flatMap(({ procesos }) => [...procesos.keys()]));
  console.log(`
${cuantas} issuances held for ${segundos} s
  attempts of the PKI and turned away  ${(porSegundo / segundos).toFixed(2)} a second
  drained                              ${vuelta.segundos} s, ${(cuantas / vuelta.segundos).toFixed(1)} a second
  not issued once                      ${deMas}

  process      held, % of a core     MB   drained, % of a core     MB`);
  for (const nombre of nombres)
    console.log(
      `  ${nombre.padEnd(10)}${parte(retenidas, nombre).padStart(19)}${mb(retenidas, nombre).padStart(9)}${parte(vuelta, nombre).padStart(21)}${mb(vuelta, nombre).padStart(9)}`,
    );
} finally {
  await stack.stop();
}

async function aceptar(): Promise<void> {
  await stack.matar('simulador');
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

async function hastaQueTodasEsten(): Promise<void> {
  const desde = Date.now();
  for (let listas = 0, avisoMs = 0; listas < cuantas;) {
    await pausa(500);
    listas = Number(
      /^emisiones_total\{estado="COMPLETADO",tipo="NINGUNO"\} (\d+)$/m.exec(await metricas())?.[1] ?? 0,
    );
    const llevaMs = Date.now() - desde;
    if (llevaMs - avisoMs < 5_000 && listas < cuantas) continue;
    avisoMs = llevaMs;
    console.log(`  ${Math.round(llevaMs / 1_000)} s after the PKI is back: ${listas} issued`);
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

/** @returns how long it took, and what each process used meanwhile */
async function medido(trabajo: () => Promise<unknown>): Promise<{ segundos: number; procesos: Procesos }> {
  const antes = leerProcesos();
  const desde = performance.now();
  await trabajo();
  const segundosQueTomo = Math.round((performance.now() - desde) / 100) / 10;
  const procesos = leerProcesos();
  for (const [nombre, uso] of procesos) uso.ms -= antes.get(nombre)?.ms ?? 0;
  return { segundos: segundosQueTomo, procesos };
}

function parte(
  { segundos: tomo, procesos }: { segundos: number; procesos: Procesos },
  nombre: string,
): string {
  return (((procesos.get(nombre)?.ms ?? 0) / (tomo * 1_000)) * 100).toFixed(1);
}

function mb({ procesos }: { procesos: Procesos }, nombre: string): string {
  return String(procesos.get(nombre)?.mb ?? '-');
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

/**
 * `node bench/retenidas.ts [ISSUANCES] [SECONDS]`: what issuances (2,000) cost that an outage of the PKI holds for so long (300 s), and how
 * they come back. On a PostgreSQL and a Temporal of its own.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as pausa } from 'node:timers/promises';
import { Stack, solicitudNueva } from '../test/support/servidores/stack.ts';

const cuantas = Number(process.argv[2] ?? 2_000);
const segundos = Number(process.argv[3] ?? 300);
const A_LA_VEZ = 16;
const codigos = Array.from({ length: cuantas }, (_, i) => `RETENIDA-${i}`);

const stack = await Stack.start({ LOG_LEVEL: 'warn' });
try {
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
  console.log(`${cuantas} issuances accepted; the PKI is down`);
  await pausa(20_000);

  const antes = { intentos: await intentos(), procesador: procesador() };
  await pausa(segundos * 1_000);
  const despues = { intentos: await intentos(), procesador: procesador() };
  console.log(
    `held for ${segundos} s: ${((despues.intentos - antes.intentos) / segundos).toFixed(2)} attempts a second`,
  );
  for (const [pid, { nombre, ms, mb }] of despues.procesador) {
    const gastado = ms - (antes.procesador.get(pid)?.ms ?? 0);
    console.log(`  ${nombre}: ${((100 * gastado) / (segundos * 1_000)).toFixed(1)} % of a core, ${mb} MB`);
  }

  await stack.arrancar('simulador');
  const desde = Date.now();
  let listas = 0;
  while (listas < cuantas) {
    await pausa(5_000);
    listas = Number(
      /^emisiones_total\{estado="COMPLETADO",tipo="NINGUNO"\} (\d+)$/m.exec(await metricas())?.[1] ?? 0,
    );
    console.log(`  ${Math.round((Date.now() - desde) / 1_000)} s after the PKI is back: ${listas} issued`);
  }
  const deMas = [];
  for (const codigo of codigos) if ((await stack.emisiones(codigo)).emisiones !== 1) deMas.push(codigo);
  console.log(`not issued once: ${deMas.length}`);
} finally {
  await stack.stop();
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

/** Of this process's children and theirs: what they have used of a processor, in ms, and what they hold of memory. */
function procesador(): Map<number, { nombre: string; ms: number; mb: number }> {
  const MS_POR_TIC = 10;
  const PAGINA_MB = 4_096 / 2 ** 20;
  const vistos = new Map<number, { nombre: string; ms: number; mb: number }>();
  const mirar = (pid: number) => {
    for (const hijo of readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number)) {
      const [, , ...campos] = readFileSync(`/proc/${hijo}/stat`, 'utf8')
        .replace(/\(.*\)/, '()')
        .split(' ');
      const orden = readFileSync(`/proc/${hijo}/cmdline`, 'utf8').split('\0');
      vistos.set(hijo, {
        nombre: orden.find((parte) => /\.ts$|temporal|postgres/.test(parte))?.replace(/^.*\//, '') ?? '?',
        ms: (Number(campos[11]) + Number(campos[12])) * MS_POR_TIC,
        mb: Math.round(Number(campos[21]) * PAGINA_MB),
      });
      mirar(hijo);
    }
  };
  mirar(process.pid);
  return vistos;
}

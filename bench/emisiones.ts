/**
 * `npm run bench:emisiones -- [ISSUANCES] [AT ONCE]`: how many issuances (1,000, of 40 at once) the whole system ends in a second,
 * with a PKI that answers at once, and what of a processor the worker and the API use for each. Compare two of one machine.
 */
import { Stack, solicitudNueva } from '../test/support/servidores/stack.ts';

const cuantas = Number(process.argv[2] ?? 1_000);
const aLaVez = Number(process.argv[3] ?? 40);
/** What the code is compiled by, and the pools fill by. */
const DE_CALENTAMIENTO = 200;

const stack = await Stack.start({ SIMULADOR_LATENCIA_MS: '0' });
try {
  await emitirTodas('C', DE_CALENTAMIENTO);
  const [worker, api] = await Promise.all([cpuS('worker'), cpuS('api')]);
  const desdeMs = performance.now();
  await emitirTodas('E', cuantas);
  const segundos = (performance.now() - desdeMs) / 1_000;
  const porEmision = async (parte: 'worker' | 'api', antesS: number) =>
    `${(((await cpuS(parte)) - antesS) * 1_000) / cuantas} ms`;
  console.log(
    `${(cuantas / segundos).toFixed(1)} issuances/s; CPU of each: worker ${await porEmision('worker', worker)}, API ${await porEmision('api', api)}`,
  );
} finally {
  await stack.stop();
}

async function emitirTodas(prefijo: string, total: number): Promise<void> {
  let siguiente = 0;
  const emitirVarias = async () => {
    while (siguiente < total) {
      const codigo = `${prefijo}-${siguiente++}`;
      const { estadoHttp } = await stack.emitir(solicitudNueva(codigo));
      if (estadoHttp !== 201) throw new Error(`${codigo} was answered ${estadoHttp}`);
    }
  };
  await Promise.all(Array.from({ length: aLaVez }, emitirVarias));
}

/** Seconds of a processor that a part has used. */
async function cpuS(parte: 'worker' | 'api'): Promise<number> {
  const texto = await (await fetch(`${stack.url(parte)}/metrics`)).text();
  const [, valor = ''] = /^process_cpu_seconds_total (\S+)/m.exec(texto) ?? [];
  return Number(valor);
}

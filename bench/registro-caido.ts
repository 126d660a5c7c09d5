/**
 * `node bench/registro-caido.ts [MINUTES] [ISSUANCES]`: a register that is down for so long (10) under load, with so many issuances
 * (200) at every point of their way: what they hold of the worker and cost Temporal meanwhile, and how they come back. On a PostgreSQL and a Temporal
 * of its own.
 */
import { setTimeout as pausa } from 'node:timers/promises';
import { CONSULTA_DETALLE, workflowId } from '../shared/emision/contrato.ts';
import { Stack, solicitudNueva } from '../test/support/servidores/stack.ts';
import { startPostgres } from '../scripts/topology/postgres.ts';
import { temporalServer } from '../test/support/temporal/temporal-server.ts';

const minutos = Number(process.argv[2] ?? 10);
const cuantas = Number(process.argv[3] ?? 200);
const POR_SEGUNDO = 4;

const postgres = await startPostgres();
const stack = await Stack.start(
  { LOG_LEVEL: 'error', SIMULADOR_LATENCIA_MS: '2000' },
  { servidores: { postgres, temporal: await temporalServer() } },
);
const aceptadas: string[] = [];
const respuestas = new Map<number, number>();
const pedir = async (codigo: string) => {
  const { estadoHttp } = await stack.emitir(solicitudNueva(codigo), undefined, {
    cabeceras: { Prefer: 'respond-async' },
  });
  respuestas.set(estadoHttp, (respuestas.get(estadoHttp) ?? 0) + 1);
  if (estadoHttp === 202) aceptadas.push(codigo);
};
const cargar = async (prefijo: string, n: number) => {
  const enCurso: Promise<void>[] = [];
  for (let i = 0; i < n; i++) {
    enCurso.push(pedir(`${prefijo}-${i}`));
    await pausa(1_000 / POR_SEGUNDO);
  }
  await Promise.all(enCurso);
};
try {
  const carga = cargar('ANTES', cuantas);
  await pausa((cuantas / POR_SEGUNDO) * 1_000 * 0.8);
  await postgres.shutDown();
  const desde = Date.now();
  await carga;
  let minuto = 0;
  while (Date.now() - desde < minutos * 60_000) {
    await cargar(`EN-${++minuto}`, POR_SEGUNDO * 2);
    await pausa(Math.max(0, desde + minuto * 60_000 - Date.now()));
    if ([1, 2, 5, 10, 20, 35].includes(minuto))
      console.log(`minute ${minuto} of the outage: ${await abiertas()}`);
  }
  await postgres.startAgain();
  const vuelta = Date.now();
  console.log('answers so far', Object.fromEntries(respuestas));
  for (let listas = 0; listas < aceptadas.length;) {
    await pausa(5_000);
    const estados = await Promise.all(
      aceptadas.map((codigo) => stack.client.workflow.getHandle(workflowId(codigo)).describe()),
    );
    listas = estados.filter(({ status }) => status.name === 'COMPLETED').length;
    const malas = estados.filter(({ status }) => !['COMPLETED', 'RUNNING'].includes(status.name));
    console.log(
      `${Math.round((Date.now() - vuelta) / 1_000)} s after it is back: ${listas} of ${aceptadas.length}, failed ${malas.length}`,
    );
    if (malas.length > 0) break;
  }
  const deMas = [];
  for (const codigo of aceptadas) if ((await stack.emisiones(codigo)).emisiones !== 1) deMas.push(codigo);
  console.log(`not issued once: ${deMas.length}`);
  await cargar('DESPUES', 20);
  console.log('answers', Object.fromEntries(respuestas));
} finally {
  await stack.stop();
}

/** Of the runs that are open: how many, the events of the longest history, and how long queries of 20 of them at once take. */
async function abiertas(): Promise<string> {
  const runs = [];
  for await (const run of stack.client.workflow.list({
    query: "WorkflowType = 'emitirCertificadoDigital' and ExecutionStatus = 'Running'",
  }))
    runs.push(run);
  const eventos = await Promise.all(
    runs
      .slice(0, 50)
      .map(
        async ({ workflowId: id }) => (await stack.client.workflow.getHandle(id).describe()).historyLength,
      ),
  );
  const antes = performance.now();
  await Promise.all(
    runs
      .slice(0, 20)
      .map(({ workflowId: id }) => stack.client.workflow.getHandle(id).query(CONSULTA_DETALLE)),
  );
  return `${runs.length} open, ${Math.max(0, ...eventos)} events at most, 20 queries in ${Math.round(performance.now() - antes)} ms`;
}

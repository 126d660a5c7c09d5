/** The worker's version changes, and changes back, while requests come in (docs/operacion.md, «Cambio de versión»). */
import { jest } from '@jest/globals';
import { REEJECUCIONES_A_LA_VEZ } from '../../../shared/emision/plazos.ts';
import { workflowIdDeReejecucion } from '../../../shared/emision/reejecucion.ts';
import { copiarConOtroWorkflow, type OtraVersion } from './otra-version.ts';
import { Stack, solicitudNueva, type Respuesta } from '../../support/servidores/stack.ts';
import type { Historia } from '../../support/temporal/historia-en-archivo.ts';

jest.setTimeout(240_000);

const DESPLIEGUE = 'MsCoreogCertificadosDigitales';
const CLIENTES = 6;
const LIMITE_MS = 90_000;

let stack: Stack;
let otra: OtraVersion;
/** What the PKI waits for before it looks at a call: by the codigo's word before the hyphen. */
const puertas = new Map<string, Promise<void>>();
/** Codigos that the PKI refuses. */
const rechazados = new Set<string>();

beforeAll(async () => {
  otra = await copiarConOtroWorkflow();
  stack = await Stack.start(
    // An issuance takes long enough to meet a change of version.
    { SIMULADOR_LATENCIA_MS: '300' },
    {
      conducta: ({ codigoSolicitudTramite: codigo, paso }) => {
        const puerta = paso === 2 ? puertas.get(codigo.split('-')[0] ?? '') : undefined;
        return {
          ...(rechazados.has(codigo) && { refusal: 'CIUDADANO_NO_ENCONTRADO' }),
          ...(puerta && { before: () => puerta }),
        };
      },
      propios: {
        worker: { variables: { WORKER_VERSION: 'v1' } },
        worker2: { archivo: otra.archivo, variables: { WORKER_VERSION: 'v2' } },
      },
    },
  );
}, 240_000);
afterAll(async () => {
  await stack.stop();
  await otra.borrar();
});

test('every request accepted meanwhile ends on the version it began on, issued once', async () => {
  await hacerActual('v1');
  const afluencia = enviarSinPausa();
  await afluencia.otras(10);

  await stack.arrancar('worker2');
  await hacerActual('v2');
  await afluencia.otras(20);
  await hacerActual('v1');
  await hastaQueNadieSiga('v2');
  await stack.detener('worker2');
  await afluencia.otras(10);

  const { codigos, respuestas } = await afluencia.terminar();
  expect(respuestas.map(({ estadoHttp }) => estadoHttp)).toEqual(codigos.map(() => 201));
  const cuentas = await Promise.all(codigos.map(cuentaDe));
  for (const cuenta of cuentas)
    expect(cuenta).toEqual({ versiones: [expect.any(String)], tareasFallidas: 0, emisiones: 1 });
  expect([...new Set(cuentas.flatMap(({ versiones }) => versiones))].sort()).toEqual(['v1', 'v2']);
  for (const worker of ['worker', 'worker2'] as const)
    expect(await stack.log(worker)).not.toMatch(/determinis|TMPRL1100/i);
});

test('a bulk re-run goes on in the version that is current now; what it began before stays on its own', async () => {
  const codigos = Array.from({ length: REEJECUCIONES_A_LA_VEZ + 2 }, (_, i) => `MASIVA-${String(i)}`);
  for (const codigo of codigos) rechazados.add(codigo);
  await Promise.all(codigos.map((codigo) => stack.emitir(solicitudNueva(codigo))));
  rechazados.clear();
  const puerta = Promise.withResolvers<undefined>();
  puertas.set('MASIVA', puerta.promise);

  const orden = await stack.pedir({
    metodo: 'POST',
    ruta: 'reejecuciones',
    cuerpo: { codigos, motivo: 'La PKI ya conoce a los ciudadanos' },
    cliente: 'soporte',
  });
  const primeros = codigos.slice(0, REEJECUCIONES_A_LA_VEZ);
  for (const codigo of primeros) await stack.hastaLlamada(codigo, 'paso2');
  await stack.arrancar('worker2');
  await hacerActual('v2');
  puerta.resolve(undefined);
  for (const codigo of codigos) await stack.hastaEstado(codigo, 'COMPLETADO');

  const reejecucionId = (orden.cabeceras.get('location') ?? '').split('/').at(-1) ?? '';
  const masiva = stack.client.workflow.getHandle(workflowIdDeReejecucion(reejecucionId));
  await masiva.result();
  expect(versionesDe(await masiva.fetchHistory())).toEqual(['v1', 'v2']);
  for (const codigo of codigos) {
    const { versiones, emisiones } = await cuentaDe(codigo);
    expect([codigo, versiones, emisiones]).toEqual([codigo, [primeros.includes(codigo) ? 'v1' : 'v2'], 1]);
  }
});

test('an issuance whose version has no worker left waits, and goes on in another once it is moved', async () => {
  const puerta = Promise.withResolvers<undefined>();
  puertas.set('HUERFANA', puerta.promise);
  const pedida = stack.emitir(solicitudNueva('HUERFANA-1'), undefined, { cabeceras: { Prefer: 'wait=15' } });
  await stack.hastaLlamada('HUERFANA-1', 'paso2');

  await hacerActual('v1');
  await stack.matar('worker2');
  puerta.resolve(undefined);
  const sinWorker = await pedida;
  await temporal(
    ...['workflow', 'reset', 'with-workflow-update-options', '--workflow-id', 'emision/HUERFANA-1'],
    ...['--type', 'FirstWorkflowTask', '--reason', 'su versión ya no existe'],
    ...['--versioning-override-behavior', 'auto_upgrade'],
  );
  await stack.hastaEstado('HUERFANA-1', 'COMPLETADO');

  expect([sinWorker.estadoHttp, sinWorker.sobre.data?.transaccion.estado]).toEqual([504, 'EN_PROCESO']);
  expect(await cuentaDe('HUERFANA-1')).toMatchObject({ versiones: ['v1'], tareasFallidas: 0, emisiones: 1 });
});

/** Clients that each send the next request once the last is answered, so that a slow machine is not run over. */
function enviarSinPausa() {
  const codigos: string[] = [];
  const respuestas: Respuesta[] = [];
  const fin = new AbortController();
  const cliente = async () => {
    while (!fin.signal.aborted) {
      const codigo = `AFLUENCIA-${String(codigos.length)}`;
      codigos.push(codigo);
      respuestas.push(await stack.emitir(solicitudNueva(codigo)));
    }
  };
  const clientes = Promise.all(Array.from({ length: CLIENTES }, cliente));
  const contestadas = (cuantas: number) =>
    stack.hasta(`${String(cuantas)} answers`, () => Promise.resolve(respuestas.length >= cuantas), LIMITE_MS);
  return {
    /** Until so many more are answered. */
    otras: (cuantas: number) => contestadas(respuestas.length + cuantas),
    async terminar() {
      fin.abort();
      await clientes;
      return { codigos, respuestas };
    },
  };
}

/** As an operator does it. */
async function temporal(...orden: string[]): Promise<string> {
  const { code, stdout, output } = await stack.temporal(...orden);
  if (code !== 0) throw new Error(output);
  return stdout;
}

/** Temporal learns of the queues of new workers one by one, and refuses a version of which it misses some. */
async function hacerActual(version: string): Promise<void> {
  const orden = ['worker', 'deployment', 'set-current-version', '--yes'];
  await stack.hasta(`${version} to become the current version`, () =>
    temporal(...orden, '--deployment-name', DESPLIEGUE, '--build-id', version).then(
      () => true,
      (error: unknown) => {
        if (!String(error).includes('missing active task queues')) throw error;
        return false;
      },
    ),
  );
}

/** What an operator looks at before the workers of a version are stopped. */
const hastaQueNadieSiga = (version: string) =>
  stack.hasta(
    `${version} to drain`,
    async () => {
      const { count } = await stack.client.workflow.count(
        `TemporalWorkerDeploymentVersion = "${DESPLIEGUE}:${version}" and ExecutionStatus = "Running"`,
      );
      return count === 0;
    },
    LIMITE_MS,
  );

interface Cuenta {
  versiones: string[];
  tareasFallidas: number;
  emisiones: number;
}

async function cuentaDe(codigo: string): Promise<Cuenta> {
  const historia = await stack.workflow(codigo).fetchHistory();
  return {
    versiones: versionesDe(historia),
    tareasFallidas: (historia.events ?? []).filter(
      ({ workflowTaskFailedEventAttributes: fallo }) => fallo && !fallo.newRunId,
    ).length,
    emisiones: (await stack.emisiones(codigo)).emisiones,
  };
}

/** Of the workers that took its tasks. */
function versionesDe({ events }: Historia): string[] {
  const tareas = (events ?? []).flatMap(({ workflowTaskCompletedEventAttributes: tarea }) => tarea ?? []);
  return [...new Set(tareas.map(({ deploymentVersion }) => deploymentVersion?.buildId ?? 'ninguna'))].sort();
}

/**
 * The commands of docs/operacion.md, as they stand there, with what is to be acted on: each does what the page says, with the
 * server of `npm start`, and with Temporal's own on PostgreSQL where TEMPORAL_SERVER_BIN names its programs
 * (CONTRIBUTING.md).
 */
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { Connection } from '@temporalio/client';
import pg from 'pg';
import {
  Stack,
  comoEnContenedores,
  comoEnNpmStart,
  solicitudNueva,
  type Servidores,
} from '../support/servidores/stack.ts';
import type { Behaviour } from '../../simulator/pki/faults/behaviour.ts';
import { FALLOS } from '../support/api/fallos.ts';
import { ESTADO } from '../support/temporal/inyector-grpc.ts';
import { TEMPORAL_SERVER_BIN, temporalProgram } from '../support/temporal/temporal-server.ts';
import type { Run } from '../support/procesos/run-program.ts';
import { AQUI, comandosDe } from './comandos-de-operacion.ts';

jest.setTimeout(120_000);

const CODIGO = 'SOL-2026-000001';
/** On the page. */
const MASIVA = '0b54f1f8-6f0e-4c79-8a5e-2f6d2f9f7c02';
const PAGINA = readFileSync('docs/operacion.md', 'utf8');

/** What the page has an operator ask of the database. */
const bloquesSql = () => [...PAGINA.matchAll(/^```sql\n([\s\S]*?)^```$/gm)].map(([, sql = '']) => sql);
const DE_LA_PAGINA = comandosDe(PAGINA);

interface Topologia {
  nombre: string;
  retencionHoras: number;
  servidores: () => Promise<Servidores>;
}

const TOPOLOGIAS: Topologia[] = [
  { nombre: 'the server of npm start', retencionHoras: 24, servidores: comoEnNpmStart },
];
const programas = TEMPORAL_SERVER_BIN;
if (programas)
  TOPOLOGIAS.push({
    nombre: 'Temporal’s own server on PostgreSQL',
    retencionHoras: 168,
    servidores: () => comoEnContenedores(programas),
  });

describe.each(TOPOLOGIAS)('with $nombre', ({ servidores, retencionHoras }) => {
  let stack: Stack;
  let programas: string;
  const dados = new Set<string>();
  /** What the PKI keeps waiting: the step of a codigo. */
  const puertas = new Map<string, Promise<void>>();
  /** How the PKI treats a codigo. */
  const conductas = new Map<string, (llamada: { paso: number }) => Behaviour>();
  /** The bulk re-run that was ordered last. */
  let masiva = '';
  const variablesDeWorker2: Record<string, string> = { WORKER_VERSION: '1.1.0' };

  beforeAll(async () => {
    programas = await mkdtemp(join(tmpdir(), 'programas-'));
    await symlink(await temporalProgram(), join(programas, 'temporal'));
    stack = await Stack.start(
      {},
      {
        servidores: await servidores(),
        conducta: ({ codigoSolicitudTramite: codigo, paso }) => {
          const puerta = puertas.get(`${codigo}/${String(paso)}`);
          return puerta ? { before: () => puerta } : (conductas.get(codigo)?.({ paso }) ?? {});
        },
        propios: {
          worker: { variables: { WORKER_VERSION: '1.0.0' } },
          worker2: { variables: variablesDeWorker2 },
        },
      },
    );
    // «Volver atrás» says it with the version before.
    await hastaQueSeConozca(() => stack.consola(AQUI.hacerActual.replace('1.1.0', '1.0.0'), programas));
  }, 240_000);
  afterAll(async () => {
    await stack.stop();
    await rm(programas, { recursive: true });
  });

  /** As the page has it, but for the API's port and another codigo. */
  function intentar(orden: keyof typeof AQUI, codigo = CODIGO): Promise<Run> {
    dados.add(AQUI[orden]);
    const { texto } = DE_LA_PAGINA.find(({ nombre }) => nombre === AQUI[orden]) ?? {};
    if (texto === undefined) throw new Error(`the page does not have: ${AQUI[orden]}`);
    const aqui = texto
      .replace('http://127.0.0.1:8080', stack.url('api'))
      .replace(CODIGO, codigo)
      .replace(MASIVA, masiva);
    return stack.consola(aqui, programas);
  }
  async function dar(orden: keyof typeof AQUI, codigo?: string): Promise<Run> {
    const dada = await intentar(orden, codigo);
    if (dada.code !== 0) throw new Error(`${orden} ended with ${String(dada.code)}:\n${dada.output}`);
    return dada;
  }
  /** Visibility lags behind, and answers ten times a second: an order that it turned away is given again. */
  const hastaQueDiga = (orden: keyof typeof AQUI, palabras: RegExp) =>
    stack.hasta(`${orden} to say ${String(palabras)}`, async () => {
      const { code, stdout, output } = await intentar(orden);
      if (code !== 0 && !output.includes('rate limit exceeded')) throw new Error(output);
      return palabras.test(stdout);
    });

  /** Temporal learns of a version's workers, and of their queues, one by one. */
  const hastaQueSeConozca = (orden: () => Promise<Run>) =>
    stack.hasta('the workers of the version to be known', async () => {
      const { code, output } = await orden();
      if (code !== 0 && !/missing active task queues|not found/.test(output)) throw new Error(output);
      return code === 0;
    });

  function retener(codigo: string, paso: 1 | 2): () => void {
    const puerta = Promise.withResolvers<undefined>();
    const cual = `${codigo}/${String(paso)}`;
    puertas.set(cual, puerta.promise);
    return () => {
      puertas.delete(cual);
      puerta.resolve(undefined);
    };
  }
  const aceptar = async (codigo: string) => {
    const { estadoHttp } = await stack.emitir(solicitud(codigo), undefined, {
      cabeceras: { Prefer: 'respond-async' },
    });
    expect(estadoHttp).toBe(202);
  };
  const solicitudes = new Map<string, ReturnType<typeof solicitudNueva>>();
  const solicitud = (codigo: string) => {
    const una = solicitudes.get(codigo) ?? solicitudNueva(codigo);
    solicitudes.set(codigo, una);
    return una;
  };
  /** Its step 1 goes back into the queue, which nobody asks any more. */
  const quedaSinWorker = async (codigo: string) => {
    retener(codigo, 1);
    await aceptar(codigo);
    await stack.hastaLlamada(codigo, 'paso1');
    await stack.matar('worker2');
  };
  const estadoEnTemporal = async () => (await stack.workflow(CODIGO).describe()).status.name;
  const actividades = async () => (await stack.workflow(CODIGO).describe()).raw.pendingActivities ?? [];
  const falloDe = async (codigo: string) => (await stack.hastaEstado(codigo, 'FALLIDO')).sobre.error?.titulo;

  test('an issuance is seen, held back, let go on, run again and ended', async () => {
    const soltar = retener(CODIGO, 1);
    await aceptar(CODIGO);
    await stack.hastaLlamada(CODIGO, 'paso1');

    await hastaQueDiga('listar', /Running +emision\/SOL-2026-000001 +emitirCertificadoDigital/);
    await hastaQueDiga('listarAbiertas', /emision\/SOL-2026-000001/);
    expect((await dar('describir')).stdout).toMatch(/Pending Activities: 1[\s\S]*ActivityId +2\n/);

    await dar('pausarActividad');
    expect((await actividades())[0]?.paused).toBe(true);
    await dar('reanudarActividad');
    expect((await actividades())[0]?.paused).toBe(false);

    await dar('pausar');
    expect(await estadoEnTemporal()).toBe('PAUSED');
    await dar('reanudar');
    expect(await estadoEnTemporal()).toBe('RUNNING');

    const { runId } = await stack.workflow(CODIGO).describe();
    await dar('reiniciar');
    expect((await stack.workflow(CODIGO).describe()).runId).not.toBe(runId);
    await stack.hastaLlamada(CODIGO, 'paso1', 2);

    await dar('cancelar');
    soltar();
    expect(await falloDe(CODIGO)).toBe(FALLOS.EMISION_CANCELADA.titulo);

    // What step 1 answered meanwhile was kept.
    const soltarla = retener(CODIGO, 2);
    await aceptar(CODIGO);
    await stack.hastaLlamada(CODIGO, 'paso2');
    await dar('terminar');
    soltarla();
    expect(await falloDe(CODIGO)).toBe(FALLOS.EMISION_INTERRUMPIDA.titulo);
    expect(await estadoEnTemporal()).toBe('TERMINATED');

    expect((await stack.emitir(solicitud(CODIGO))).estadoHttp).toBe(201);
    expect((await stack.emisiones(CODIGO)).emisiones).toBe(1);
  });

  test('issuances are found by where they came from, how they fail, and what began them', async () => {
    conductas.set('RECHAZADA', () => ({ refusal: 'CIUDADANO_NO_ENCONTRADO' }));
    await aceptar('RECHAZADA');
    await hastaQueDiga('fallidasDeUnaOficina', /Failed +emision\/RECHAZADA /);

    conductas.set('OCUPADA', () => ({ outage: 'SERVICIO_NO_DISPONIBLE' }));
    await aceptar('OCUPADA');
    await hastaQueDiga('enEsperaDeLaPki', /Running +emision\/OCUPADA /);
    await stack.workflow('OCUPADA').cancel();
    await stack.hastaEstado('OCUPADA', 'FALLIDO');

    conductas.set('INCIERTA', ({ paso }) => (paso === 2 ? { delivery: 'PERDIDA' } : {}));
    await aceptar('INCIERTA');
    await stack.hastaLlamada('INCIERTA', 'paso2');
    await stack.workflow('INCIERTA').cancel();
    await hastaQueDiga('inciertas', /Failed +emision\/INCIERTA /);
    await hastaQueDiga('deUnCanal', /emision\/INCIERTA /);

    const { sobre } = await stack.pedir({
      metodo: 'POST',
      ruta: 'reejecuciones',
      cuerpo: { codigos: ['RECHAZADA'], motivo: 'Otra vez' },
      cliente: 'soporte',
    });
    masiva = (sobre.data as unknown as { reejecucionId: string }).reejecucionId;
    await hastaQueDiga('deUnaMasiva', /emision\/RECHAZADA /);
  });

  test('the API is asked, and ordered', async () => {
    const consulta = JSON.parse((await dar('consultar')).stdout) as { data: object };
    expect(consulta.data).toMatchObject({ transaccion: { codigoSolicitudTramite: CODIGO } });
    const masiva = (await dar('reejecutarEnMasa')).stdout;
    expect(masiva).toMatch(/^HTTP\/1.1 200 /);
    expect(masiva).toContain('"success":true');
  });

  test('the orders of npm do what they say', async () => {
    for (const orden of ['conciliar', 'conciliarForzando'] as const)
      expect((await dar(orden)).stdout).toMatch(/sin conciliar: +0\n/);
    expect((await dar('recifrar')).stdout).toContain('vueltas a cifrar: 0');
    expect((await dar('mudar')).stdout).toContain('ya trabaja con ese Temporal');
    for (const orden of ['nuevaEpoca', 'otraEpoca'] as const) await dar(orden);
    expect((await dar('verificar')).stdout).toContain('3');
    expect((await dar('claveNueva')).stdout).toMatch(/^[\w+/]{43}=\n$/);
  });

  test('an order that stays in Temporal is ended', async () => {
    const handle = await stack.client.workflow.start('recifrarRegistro', {
      workflowId: 'mantenimiento/recifrarRegistro',
      taskQueue: 'sin-worker',
    });

    await dar('terminarOrden');

    expect((await handle.describe()).status.name).toBe('TERMINATED');
  });

  test('a version is tried with a part, becomes the current one, and is left; what waits for its workers is counted', async () => {
    const enrutado = async () => {
      const { workerDeploymentInfo } = await stack.client.workflowService.describeWorkerDeployment({
        namespace: 'default',
        deploymentName: 'MsCoreogCertificadosDigitales',
      });
      const { currentDeploymentVersion, rampingDeploymentVersion, rampingVersionPercentage } =
        workerDeploymentInfo?.routingConfig ?? {};
      return [currentDeploymentVersion?.buildId, rampingDeploymentVersion?.buildId, rampingVersionPercentage];
    };
    const soltar = retener('HUERFANA', 1);
    await aceptar('HUERFANA');
    await stack.hastaLlamada('HUERFANA', 'paso1');
    await hastaQueDiga('contarDeUnaVersion', /^Total: 1$/m);

    await stack.arrancar('worker2');
    await hastaQueSeConozca(() => intentar('probarConUnaParte'));
    expect(await enrutado()).toEqual(['1.0.0', '1.1.0', 5]);
    await dar('quitarLaParte');
    expect(await enrutado()).toEqual(['1.0.0', undefined, 0]);
    await dar('hacerActual');
    expect(await enrutado()).toEqual(['1.1.0', undefined, 0]);

    await stack.matar('worker');
    soltar();
    await dar('moverDeVersion', 'HUERFANA');
    await stack.hastaEstado('HUERFANA', 'COMPLETADO');
    await hastaQueDiga('contarDeUnaVersion', /^Total: 0$/m);
    expect((await stack.emisiones('HUERFANA')).emisiones).toBe(1);

    await quedaSinWorker('EN-COLA-DE-SU-VERSION');
    await dar('dejarVersiones');
    expect(await enrutado()).toEqual([undefined, undefined, 0]);
    delete variablesDeWorker2.WORKER_VERSION;
    await stack.arrancar('worker2');
    await quedaSinWorker('EN-COLA');
    await hastaQueDiga('describirVersion', /emision-pki-paso-1 +activity +1 /);
    await hastaQueDiga('describirCola', /UNVERSIONED +activity +1 /);
  });

  test('lists and counts have the limit that docs/escala.md names, and what is closed is kept for its time', async () => {
    const { workflowService } = stack.client;
    const { config } = await workflowService.describeNamespace({ namespace: 'default' });
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(retencionHoras * 3600);

    const sinReintentos = await Connection.connect({ ...stack.conexionATemporal, interceptors: [] });
    const recuentos = await Promise.allSettled(
      Array.from({ length: 40 }, () =>
        sinReintentos.workflowService.countWorkflowExecutions({ namespace: 'default' }),
      ),
    );
    await sinReintentos.close();
    const negados = recuentos.filter(({ status }) => status === 'rejected');
    expect(negados.length).toBeGreaterThan(0);
    for (const negado of negados)
      expect(negado).toMatchObject({ reason: { code: ESTADO.RESOURCE_EXHAUSTED } });
  });

  test('what waits is handed out in turns, office by office, also where a queue has several partitions', async () => {
    const { connection, workflow, workflowService } = stack.client;
    const esperar = (oficina: string, cuantas: number) =>
      Promise.all(
        Array.from({ length: cuantas }, (_, i) =>
          workflow.start('ninguno', {
            workflowId: `${oficina}/${String(i)}`,
            taskQueue: 'turnos',
            priority: { fairnessKey: oficina },
          }),
        ),
      );
    await esperar('LIMA', 40);
    await esperar('PUNO', 8);

    const entregadas: string[] = [];
    while (entregadas.length < 12) {
      const { workflowExecution } = await connection.withDeadline(Date.now() + 20_000, () =>
        workflowService.pollWorkflowTaskQueue({ namespace: 'default', taskQueue: { name: 'turnos' } }),
      );
      entregadas.push(workflowExecution?.workflowId?.split('/')[0] ?? 'none');
    }

    expect(entregadas).toContain('PUNO');
  });

  test('what is asked of the register is understood by it', async () => {
    const preguntas = bloquesSql().filter((sql) => sql.startsWith('select'));
    expect(preguntas.length).toBeGreaterThan(0);
    const registro = new pg.Client({ connectionString: stack.databaseUrl });
    await registro.connect();
    for (const sql of preguntas) await registro.query(sql);
    await registro.end();
  });

  test('the indexes that may be made by hand before an upgrade are those of its migration', async () => {
    const sql = bloquesSql().find((bloque) => bloque.includes('create index')) ?? '';
    const registro = new pg.Client({ connectionString: stack.databaseUrl });
    await registro.connect();
    const definiciones = async () => {
      const { rows } = await registro.query<{ indexdef: string }>(
        "select indexdef from pg_indexes where tablename = 'solicitudes' order by 1",
      );
      return rows.map(({ indexdef }) => indexdef);
    };
    const deLaMigracion = await definiciones();
    const nombres = [...sql.matchAll(/index concurrently if not exists (\w+)/g)].map(
      ([, nombre = '']) => nombre,
    );
    expect(nombres).toHaveLength(2);

    for (const nombre of nombres) await registro.query(`drop index ${nombre}`);
    for (const sentencia of sql.split(';')) await registro.query(sentencia);

    expect(await definiciones()).toEqual(deLaMigracion);
    await registro.end();
  });

  test('every command that this file is to run was run', () => {
    expect([...dados].sort()).toEqual(Object.values(AQUI).sort());
  });
});

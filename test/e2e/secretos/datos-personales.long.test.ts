/**
 * A citizen goes through all that the system does; then nothing of them is found where it is kept, written or shown. The
 * certificates, the wire and the PKI’s own memory hold it by nature: the simulator’s folder is left out. One story, test by test:
 * what is searched is what the tests before have left.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import proto from '@temporalio/proto';
import pg from 'pg';
import { PROGRAMACIONES } from '../../../shared/emision/mantenimiento.ts';
import type { SolicitudCertificado } from '../../../shared/emision/solicitud.ts';
import type { Behaviour } from '../../../simulator/pki/faults/behaviour.ts';
import { createBuscador, type Hallazgo } from './busqueda-de-datos.ts';
import { startPostgres, type LocalPostgres } from '../../../scripts/topology/postgres.ts';
import { temporaryFolder } from '../../support/procesos/temporary-folder.ts';
import { temporalServer } from '../../support/temporal/temporal-server.ts';
import { Stack, type Pedido, type Respuesta } from '../../support/servidores/stack.ts';
import {
  CABECERAS,
  CIUDADANO,
  CORREGIDO,
  DOCUMENTO,
  MOTIVO,
  NOMBRE_DE_CAMPO,
  SECRETOS,
  buscador,
  solicitud,
} from './ciudadano-buscado.ts';

jest.setTimeout(300_000);

const { History } = proto.temporal.api.history.v1;
const { DescribeWorkflowExecutionResponse, ListWorkflowExecutionsResponse } =
  proto.temporal.api.workflowservice.v1;

/** A PKI that says back all that it was told, in whatever it answers; without its envelope, as a gateway might. */
const eco = (status: number, esSuyo = true): Behaviour => ({
  answer: {
    status,
    body: JSON.stringify({
      ...solicitud('ECO'),
      success: !esSuyo,
      statusCode: status,
      message: JSON.stringify(CIUDADANO),
      error: { errores: [{ detalleError: JSON.stringify(CIUDADANO) }] },
    }),
    headers: { Location: `/?de=${encodeURIComponent(CIUDADANO.nombres)}`, 'X-Eco': DOCUMENTO },
  },
});

/** What the first calls of a codigo's step meet. */
const conductas = new Map<string, { paso: 1 | 2; llamadas: number; conducta: Behaviour }>();

/** A codigo whose step meets this in its first calls; beyond 99, in all of them. */
function conPki(codigo: string, paso: 1 | 2, conducta: Behaviour, llamadas = 99): SolicitudCertificado {
  conductas.set(codigo, { paso, llamadas, conducta });
  return solicitud(codigo);
}

const CLAVE = randomBytes(32).toString('base64');
const CLAVE_NUEVA = randomBytes(32).toString('base64');
const carpetaDeTemporal = temporaryFolder();
let servidores: { postgres: LocalPostgres; temporal: TestWorkflowEnvironment };
let stack: Stack;

beforeAll(async () => {
  const [postgres, temporal] = await Promise.all([
    startPostgres(),
    temporalServer(join(carpetaDeTemporal, 'temporal.db')),
  ]);
  servidores = { postgres, temporal };
  stack = await Stack.start(
    {
      LOG_LEVEL: 'trace',
      CLAVES_CIFRADO: `vieja:${CLAVE}`,
      PKI_TIMEOUT_MS: '1500',
      VENTANA_REINTENTO_MS: '2500',
      // A tenth of a second: retention takes all that is closed and certain.
      RETENCION_DIAS: '0.000001',
      VENTANA_REEJECUCION_DIAS: '0',
    },
    {
      servidores,
      conducta: ({ codigoSolicitudTramite, paso, numeroLlamada }) => {
        const suya = conductas.get(codigoSolicitudTramite);
        return suya?.paso === paso && numeroLlamada <= suya.llamadas ? suya.conducta : {};
      },
    },
  );
}, 180_000);
afterAll(() => stack.stop());

const emitir = (una: SolicitudCertificado, cambios: Partial<Pedido> = {}) =>
  stack.emitir(una, randomUUID(), { ...cambios, cabeceras: { ...CABECERAS, ...cambios.cabeceras } });
const soporte = (ruta: string, cuerpo: object) =>
  stack.pedir({ metodo: 'POST', ruta, cuerpo, cliente: 'soporte' });
const reejecutar = (codigo: string, orden: object = {}) =>
  soporte(`solicitudes/${codigo}/reejecuciones`, { motivo: MOTIVO, ...orden });
const resumen = ({ estadoHttp, sobre }: Respuesta) => [
  estadoHttp,
  sobre.error?.tipo ?? sobre.data?.transaccion.estado,
];

const lugares: Record<string, () => Promise<Busqueda>> = {
  'the files of PostgreSQL': async () => {
    await enBase('checkpoint');
    return conControl(servidores.postgres.cluster);
  },
  'the rows of every table': async () => {
    const filas = await volcar();
    return enTexto(Buffer.from(filas));
  },
  'the files of Temporal': () => Promise.resolve(conControl(carpetaDeTemporal)),
  'the logs of every process': () => Promise.resolve(conControl(stack.carpeta, /^(?!\w+\.log)/)),
  'what Temporal answers': async () => {
    return enTexto(await deTemporal());
  },
  'the metrics': async () => {
    const { hallazgos } = enTexto(Buffer.from(await metricas()));
    return { hallazgos, seBusco: (await metricas()).includes('emisiones_total') };
  },
};

/** In each place; one that was not searched is told. */
async function buscarEnTodo(): Promise<Record<string, Hallazgo[] | 'not searched'>> {
  const hallados: Record<string, Hallazgo[] | 'not searched'> = {};
  for (const [lugar, buscar] of Object.entries(lugares)) {
    const { hallazgos, seBusco } = await buscar();
    hallados[lugar] = seBusco ? hallazgos : 'not searched';
  }
  return hallados;
}

const NADA = Object.fromEntries(Object.keys(lugares).map((lugar) => [lugar, []]));

test('a citizen goes through everything', async () => {
  // Issued, repeated, asked for.
  expect(resumen(await emitir(solicitud('EMITIDA')))).toEqual([201, 'COMPLETADO']);
  expect(resumen(await emitir(solicitud('EMITIDA')))).toEqual([200, 'COMPLETADO']);
  expect(resumen(await stack.consultar('EMITIDA'))).toEqual([200, 'COMPLETADO']);

  // Refused and broken in each step, by a PKI that echoes what it was sent.
  for (const [codigo, paso, status, tipo, esSuyo = true] of [
    ['PG-404', 1, 404, 'ADAPTADOR_NO_DISPONIBLE', false],
    ['PG-503', 1, 503, 'ADAPTADOR_NO_DISPONIBLE', false],
    ['P1-404', 1, 404, 'CIUDADANO_NO_ENCONTRADO'],
    ['P1-422', 1, 422, 'CIUDADANO_NO_CUMPLE_REQUISITOS'],
    ['P1-400', 1, 400, 'ADAPTADOR_NO_DISPONIBLE'],
    ['P1-302', 1, 302, 'ADAPTADOR_NO_DISPONIBLE'],
    ['P1-200', 1, 200, 'ADAPTADOR_NO_DISPONIBLE'],
    ['P1-500', 1, 500, 'ADAPTADOR_NO_DISPONIBLE'],
    ['P1-503', 1, 503, 'PKI_NO_DISPONIBLE'],
    ['P2-404', 2, 404, 'CIUDADANO_NO_ENCONTRADO'],
    ['P2-422', 2, 422, 'CIUDADANO_NO_CUMPLE_REQUISITOS'],
  ] as const) {
    const { sobre } = await emitir(conPki(codigo, paso, eco(status, esSuyo)));
    expect([codigo, sobre.error?.tipo, sobre.data?.transaccion.estado]).toEqual([codigo, tipo, 'FALLIDO']);
    expect((await stack.consultar(codigo)).sobre.error?.tipo).toBe(tipo);
    // An issuance that goes well keeps the circuit closed.
    expect(resumen(await emitir(solicitud(`SANA-${codigo}`)))).toEqual([201, 'COMPLETADO']);
  }

  // Corrected; run again by support: one, many, anew.
  expect(resumen(await emitir(solicitud('P1-404', CORREGIDO)))).toEqual([404, 'CIUDADANO_NO_ENCONTRADO']);
  conductas.clear();
  expect(resumen(await emitir(solicitud('P1-404', CIUDADANO.distrito)))).toEqual([201, 'COMPLETADO']);
  expect(resumen(await emitir(solicitud('P1-422', CORREGIDO)))).toEqual([201, 'COMPLETADO']);
  expect(resumen(await reejecutar('P1-400'))).toEqual([201, 'COMPLETADO']);
  const masiva = await soporte('reejecuciones', { codigos: ['P1-302'], motivo: MOTIVO });
  expect(masiva.estadoHttp).toBe(201);
  await stack.hastaEstado('P1-302', 'COMPLETADO');
  expect(resumen(await reejecutar('P2-422', { nuevaEmision: true }))).toEqual([201, 'COMPLETADO']);

  // Not conforming: the faults quote the certificate.
  const mala = conPki('NO-CONFORME', 2, { certificateFault: 'OTRO_TIPO' });
  expect(resumen(await emitir(mala))).toEqual([502, 'CERTIFICADO_NO_CONFORME']);

  // Uncertain: resolved by the same request; by support, and issued anew.
  const incierta = await emitir(conPki('INCIERTA', 2, eco(500)));
  expect([incierta.estadoHttp, incierta.sobre.data?.transaccion.estado]).toEqual([502, 'FALLIDO']);
  conductas.delete('INCIERTA');
  expect(resumen(await emitir(solicitud('INCIERTA')))).toEqual([201, 'COMPLETADO']);
  await emitir(conPki('DESCARTADA', 2, { delivery: 'PERDIDA' }));
  expect((await stack.consultar('DESCARTADA')).sobre.error?.errores.at(-1)?.detalleError).toMatch(
    /No se sabe/,
  );
  conductas.delete('DESCARTADA');
  const resuelta = await soporte('solicitudes/DESCARTADA/resolucion', {
    motivo: MOTIVO,
    decision: 'EMITIDO_DESCARTADO',
  });
  expect(resuelta.estadoHttp).toBe(200);
  expect(resumen(await reejecutar('DESCARTADA', { nuevaEmision: true }))).toEqual([201, 'COMPLETADO']);

  // Cancelled by an operator in the middle of a step.
  const puerta = Promise.withResolvers<undefined>();
  const enEspera = emitir(conPki('CANCELADA', 1, { before: () => puerta.promise }));
  await stack.hastaLlamada('CANCELADA', 'paso1');
  await stack.workflow('CANCELADA').cancel();
  puerta.resolve(undefined);
  expect(resumen(await enEspera)).toEqual([500, 'ERROR_INTERNO']);

  // Accepted, and left to go on by itself.
  expect((await emitir(solicitud('ASINCRONA'), { cabeceras: { Prefer: 'respond-async' } })).estadoHttp).toBe(
    202,
  );
  await stack.hastaEstado('ASINCRONA', 'COMPLETADO');
});

test('a client sends what is refused', async () => {
  const buena = solicitud('RECHAZADA');
  const conCampo = { ...buena, ciudadano: { ...buena.ciudadano, [NOMBRE_DE_CAMPO]: CIUDADANO.nombres } };
  const menor = { ...buena, ciudadano: { ...buena.ciudadano, fechaNacimiento: '2020-01-01' } };
  const rechazadas = await Promise.all([
    emitir(buena, { cuerpo: conCampo }),
    emitir(buena, { cuerpo: `${JSON.stringify(buena)}${CIUDADANO.nombres}` }),
    emitir(buena, {
      cabeceras: { 'X-Correlation-ID': DOCUMENTO, 'X-Request-ID': CIUDADANO.nombres.slice(0, 9) },
    }),
    emitir(buena, { cabeceras: { 'Content-Type': `text/${CIUDADANO.departamento}` } }),
    emitir(buena, { cliente: null }),
    emitir(buena, { cliente: 'consulta' }),
    emitir(buena, { cuerpo: menor }),
    emitir(buena, { ruta: `/api/${DOCUMENTO}/${CIUDADANO.departamento}` }),
    stack.pedir({ ruta: `solicitudes?numeroDocumento=${DOCUMENTO}&oficina=X` }),
    stack.pedir({ ruta: `solicitudes/${DOCUMENTO}` }),
    stack.pedir({
      ruta: 'solicitudes/NINGUNA',
      cabeceras: { 'User-Agent': CIUDADANO.correoElectronico },
    }),
  ]);
  expect(rechazadas.map(({ estadoHttp }) => estadoHttp)).toEqual([
    400, 400, 400, 400, 401, 403, 422, 404, 400, 404, 404,
  ]);
});

test('nothing of the citizen is found', async () => {
  expect(await buscarEnTodo()).toEqual(NADA);
});

test('support finds the citizen, retention takes the data away, and the keys rotate', async () => {
  const documento = { tipoDocumento: 'DNI', numeroDocumento: DOCUMENTO };
  const busqueda = await soporte('solicitudes/busqueda', documento);
  const { solicitudes } = busqueda.sobre.data as unknown as { solicitudes: unknown[] };
  expect(solicitudes.length).toBeGreaterThan(12);

  const antes = await stack.consultar('EMITIDA');
  await stack.client.schedule.getHandle(PROGRAMACIONES.retencion).trigger();
  await stack.hasta('retention', async () => (await retiradas()) >= solicitudes.length);

  const despues = await stack.consultar('EMITIDA');
  expect(despues.sobre.data).toEqual(antes.sobre.data);
  expect(resumen(await emitir(solicitud('EMITIDA')))).toEqual([200, 'COMPLETADO']);
  expect((await stack.consultar('P1-500')).sobre.error?.errores).toEqual([
    { detalleError: expect.stringContaining('se retiraron') as unknown },
  ]);
  expect(resumen(await reejecutar('P1-500'))).toEqual([409, 'SOLICITUD_NO_REEJECUTABLE']);
  expect(resumen(await reejecutar('P1-500', { nuevaEmision: true }))).toEqual([
    409,
    'SOLICITUD_NO_REEJECUTABLE',
  ]);
  expect(resumen(await emitir(solicitud('P1-500', CORREGIDO)))).toEqual([409, 'CODIGO_REUTILIZADO']);
  expect(resumen(await emitir(solicitud('P1-500')))).toEqual([201, 'COMPLETADO']);

  const [vieja, nueva] = [`vieja:${CLAVE}`, `nueva:${CLAVE_NUEVA}`];
  const recifrar = (ring: string) => {
    stack.configurar({ CLAVES_CIFRADO: ring });
    return stack.comando('recifrar.ts');
  };
  const arrancarDeNuevo = async (ring: string) => {
    stack.configurar({ CLAVES_CIFRADO: ring });
    for (const proceso of ['worker', 'api'] as const) {
      await stack.detener(proceso);
      await stack.arrancar(proceso);
    }
  };
  expect(await recifrar(`${nueva},${vieja}`)).toMatchObject({
    code: 1,
    output: expect.stringContaining('no pueden leer la orden') as unknown,
  });
  await arrancarDeNuevo(`${vieja},${nueva}`);
  expect(await recifrar(`${nueva},${vieja}`)).toMatchObject({
    code: 1,
    output: expect.stringContaining('un worker cifra con «vieja»') as unknown,
  });
  await arrancarDeNuevo(`${nueva},${vieja}`);
  const { code, output } = await stack.comando('recifrar.ts');
  expect([code, output]).toEqual([0, expect.stringMatching(/«vieja»: debe quedarse. Temporal guarda/)]);
  expect(output).toMatch(/solicitudes +filas revisadas: \d\d; vueltas a cifrar: \d\d$/m);
  expect((await stack.comando('recifrar.ts')).output).not.toMatch(/vueltas a cifrar: [1-9]/);
  expect((await stack.consultar('EMITIDA')).sobre.data).toEqual(antes.sobre.data);
});

test('the audit log still verifies', async () => {
  expect(await stack.comando('bitacora.ts', 'verificar')).toMatchObject({ code: 0 });
});

test('nothing of the citizen is found after that, either', async () => {
  expect(await buscarEnTodo()).toEqual(NADA);
});

test('where the citizen is planted, they are found', async () => {
  const [nombre = ''] = SECRETOS;
  await enBase(`update solicitudes set oficina = '${nombre}' where codigo = 'EMITIDA'`);
  appendFileSync(
    join(stack.carpeta, 'api.log'),
    `{"msg":"${Buffer.from(` ${DOCUMENTO}`).toString('base64')}"}\n`,
  );
  const ajeno = new Client({ connection: stack.client.connection });
  await ajeno.workflow.start('emitirCertificadoDigital', {
    workflowId: 'plantado',
    taskQueue: 'nadie',
    args: [],
    staticSummary: `▸ ${CIUDADANO.apellidoMaterno.toUpperCase()}`,
    memo: { de: CIUDADANO.correoElectronico },
  });

  const hallados = Object.entries(await buscarEnTodo()).map(([lugar, hallazgos]) => [
    lugar,
    hallazgos === 'not searched' ? hallazgos : [...new Set(hallazgos.map(({ texto }) => texto))].sort(),
  ]);

  // The address begins with the name.
  const enTemporal = [nombre, CIUDADANO.apellidoMaterno, CIUDADANO.correoElectronico].sort();
  expect(Object.fromEntries(hallados)).toEqual({
    'the files of PostgreSQL': [nombre],
    'the rows of every table': [nombre],
    'the files of Temporal': enTemporal,
    'the logs of every process': [DOCUMENTO],
    'what Temporal answers': enTemporal,
    'the metrics': [],
  });
  expect(buscador.enBytes('/metrics', Buffer.from(`x{de="${nombre}"} 1`))).not.toEqual([]);
});

interface Busqueda {
  hallazgos: Hallazgo[];
  /** It holds a codigo, which is no secret, in clear: so a name would be seen. */
  seBusco: boolean;
}
const CONTROL = createBuscador(['NO-CONFORME']);

function enTexto(bytes: Uint8Array): Busqueda {
  return { hallazgos: buscador.enBytes('', bytes), seBusco: CONTROL.enBytes('', bytes).length > 0 };
}

function conControl(carpeta: string, omitir?: RegExp): Busqueda {
  return {
    hallazgos: buscador.enCarpeta(carpeta, omitir).hallazgos,
    seBusco: CONTROL.enCarpeta(carpeta, omitir).hallazgos.length > 0,
  };
}

async function retiradas(): Promise<number> {
  return Number(/^retencion_solicitudes_total (\d+)$/m.exec(await metricas())?.[1] ?? 0);
}

async function metricas(): Promise<string> {
  const textos = (['worker', 'api'] as const).map(async (proceso) =>
    (await fetch(`${stack.url(proceso)}/metrics`)).text(),
  );
  return (await Promise.all(textos)).join('\n');
}

async function enBase<F extends pg.QueryResultRow>(sentencia: string): Promise<F[]> {
  const cliente = new pg.Client({ connectionString: stack.databaseUrl });
  await cliente.connect();
  try {
    return (await cliente.query<F>(sentencia)).rows;
  } finally {
    await cliente.end();
  }
}

/** As the database itself reads them: what its files compress, too. Bytes are hex. */
async function volcar(): Promise<string> {
  const tablas = await enBase<{ tabla: string }>(
    "select quote_ident(table_name) as tabla from information_schema.tables where table_schema = 'public'",
  );
  const filas = await Promise.all(
    tablas.map(({ tabla }) => enBase<{ fila: string }>(`select to_jsonb(f)::text as fila from ${tabla} f`)),
  );
  return filas
    .flat()
    .map(({ fila }) => fila)
    .join('\n');
}

/** Lists, descriptions and histories of all runs, byte for byte as they come. */
async function deTemporal(): Promise<Buffer> {
  const { workflowService: servicio } = stack.client;
  const namespace = 'default';
  const partes: Uint8Array[] = [];
  for (let pagina: Uint8Array | undefined; pagina === undefined || pagina.length > 0;) {
    const lista = await servicio.listWorkflowExecutions({ namespace, nextPageToken: pagina ?? null });
    partes.push(ListWorkflowExecutionsResponse.encode(lista).finish());
    for (const { execution } of lista.executions) {
      if (!execution) continue;
      partes.push(
        DescribeWorkflowExecutionResponse.encode(
          await servicio.describeWorkflowExecution({ namespace, execution }),
        ).finish(),
      );
      const { history } = await servicio.getWorkflowExecutionHistory({ namespace, execution });
      partes.push(History.encode(history ?? {}).finish());
    }
    pagina = lista.nextPageToken;
  }
  return Buffer.concat(partes);
}

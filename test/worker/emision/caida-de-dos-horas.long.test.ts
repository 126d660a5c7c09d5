/**
 * An outage of two hours on the real worker, a real Temporal and a real register, in ten seconds. What waits is 720 times
 * shorter: the rests of the circuits, the retry window and the outage, of which the probes that fail are the measure. The
 * waits between attempts are not: each uses up 720 times as much of the window as it would.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createActividadesPki } from '../../../activities/emision/pki/actividades-pki.ts';
import { createCircuitosPki } from '../../../activities/emision/pki/circuito-pki.ts';
import { createHttpPkiGateway } from '../../../activities/emision/pki/http-pki-gateway.ts';
import { createMetricasPki } from '../../../activities/emision/pki/metricas-pki.ts';
import type { PkiGateway } from '../../../activities/emision/pki/pki-gateway.ts';
import { createMotorTemporal } from '../../../api/emision/temporal/motor-temporal.ts';
import {
  COLAS_DE_LA_PKI,
  PASOS,
  workflowId,
  type EntradaEmision,
  type Paso,
} from '../../../shared/emision/contrato.ts';
import type { ResultadoEmision } from '../../../shared/emision/emision.ts';
import {
  CIRCUITO_ABIERTO_MAXIMO_MS,
  CIRCUITO_ABIERTO_MS,
  RETORNO_MS,
} from '../../../shared/emision/plazos.ts';
import { createMotorEmision } from '../../../shared/motor/emision/motor-de-temporal.ts';
import { abrirRegistro } from '../../../shared/registro/dominios.ts';
import { createRegistro } from '../../../shared/registro/emision/registro.ts';
import { EMISION } from '../../../worker/emision/dominio.ts';
import { startWorkerService } from '../../../worker/worker-service.ts';
import { CLAVES_DE_PRUEBA } from '../../support/emision/claves-de-prueba.ts';
import { entradaDePrueba } from '../../support/emision/entrada-de-prueba.ts';
import { hasta } from '../../support/hasta.ts';
import { cleanUp, emisionesOf, startSimulator } from '../../support/pki/running-simulator.ts';
import { temporaryFolder } from '../../support/procesos/temporary-folder.ts';
import { callarAlSdk } from '../../support/temporal/sdk-callado.ts';
import { temporalServer } from '../../support/temporal/temporal-server.ts';
import { GUARDA_CONFIADA } from '../../support/registro/guarda-confiada.ts';

const COMPRESION = 720;
const CAIDA_MS = 7_200_000;
const VENTANA_REINTENTO_MS = 900_000;
/** Of one worker that has rested for the longest time before each. */
const SONDAS = CAIDA_MS / CIRCUITO_ABIERTO_MAXIMO_MS;
/** Held in each step. */
const RETENIDAS = 24;
const LIMITE_MS = 60_000;
/** Outlasts the busiest machine: calls are held until as many have come as the worker lets in. */
const PKI_TIMEOUT_MS = LIMITE_MS;

let temporal: TestWorkflowEnvironment;
beforeAll(async () => {
  callarAlSdk();
  temporal = await temporalServer();
}, 120_000);
afterAll(() => temporal.teardown());
/** Ends what a case has started. */
let detener: (() => Promise<void>) | undefined;
afterEach(async () => {
  await detener?.();
  await cleanUp();
});

let documentos = 40_000_000;
/** Of another citizen, under another X-Request-ID. */
function entradaNueva(codigo: string): EntradaEmision {
  const entrada = entradaDePrueba(codigo, String(documentos++));
  return { ...entrada, contexto: { ...entrada.contexto, requestId: randomUUID() } };
}

test.each([
  ['repeats its answers', true],
  ['does its work again at every call', false],
])(
  'with an adapter that %s all that was held in both steps ends COMPLETADO by its only run, issued once',
  async (_caso, adaptadorIdempotente) => {
    let caida = true;
    const cae = Promise.withResolvers<undefined>();
    const simulador = await startSimulator({
      idempotent: adaptadorIdempotente,
      behaviourOf: ({ paso, codigoSolicitudTramite: codigo }) =>
        caida && codigo.startsWith(`PASO-${paso}`)
          ? { before: () => cae.promise, outage: 'SERVICIO_NO_DISPONIBLE' }
          : {},
      onError: () => undefined,
    });
    const { motor, circuitos, enCurso, respondidas, fallidas } = await empezarSistema(
      simulador,
      adaptadorIdempotente,
    );
    const empezar = async (nombre: string) => {
      const codigos = Array.from({ length: RETENIDAS }, (_, i) => `${nombre}-${adaptadorIdempotente}-${i}`);
      await Promise.all(codigos.map((codigo) => motor.iniciar(entradaNueva(codigo), true)));
      return codigos;
    };
    const runs = (codigos: string[]) =>
      Promise.all(codigos.map(async (codigo) => (await motor.enCurso(codigo))?.runId));

    const enPaso2 = await empezar('PASO-2');
    await hasta('all to have come to step 2', () => respondidas[1] === RETENIDAS, LIMITE_MS);
    const codigos = [...enPaso2, ...(await empezar('PASO-1'))];
    await hasta('all to have come to step 1', () => enCurso[1] === RETENIDAS, LIMITE_MS);
    await hasta('step 2 to be called', () => enCurso[2] > 0, LIMITE_MS);
    cae.resolve(undefined);
    const { port } = simulador.server.address() as AddressInfo;
    const cerrado = once(simulador.server, 'close');
    await hasta('no call to be under way, which would be uncertain if it were cut in step 2', () => {
      if (PASOS.some((paso) => enCurso[paso] > 0)) return false;
      simulador.server.close();
      simulador.server.closeAllConnections();
      return true;
    });
    await cerrado;
    expect(PASOS.map((paso) => circuitos[paso].vista().estado)).toEqual(['ABIERTO', 'ABIERTO']);
    const empezadas = await runs(codigos);

    const antes = { ...fallidas };
    // Where step 2 may be sent only once, step 1 probes for both.
    const prueban = adaptadorIdempotente ? PASOS : ([1] as const);
    await hasta(
      'two hours of probes',
      () => prueban.every((paso) => fallidas[paso] - antes[paso] >= SONDAS),
      LIMITE_MS,
    );
    if (!adaptadorIdempotente) expect(fallidas[2]).toBe(antes[2]);
    expect(await runs(codigos)).toEqual(empezadas);

    caida = false;
    simulador.server.listen(port, '127.0.0.1');
    const resultados = await Promise.all(
      codigos.map((codigo, i) =>
        temporal.client.workflow
          .getHandle(workflowId(codigo), empezadas[i])
          .result()
          .then((resultado) => (resultado as ResultadoEmision).estado),
      ),
    );

    expect(resultados).toEqual(codigos.map(() => 'COMPLETADO'));
    for (const codigo of codigos)
      expect(await emisionesOf(simulador.url, codigo)).toMatchObject({ emisiones: 1, certificados: 3 });
  },
  180_000,
);

/** The worker of the product, whose circuits and retry window are shorter. */
async function empezarSistema(
  { url, chainPem }: { url: string; chainPem: string },
  adaptadorIdempotente: boolean,
) {
  const { client, nativeConnection } = temporal;
  const carpeta = temporaryFolder();
  const anclas = join(carpeta, 'cadena.pem');
  writeFileSync(anclas, chainPem);
  const db = await abrirRegistro({ DATA_DIR: carpeta });
  const coleccionDeMetricas = new Registry();
  const claves = CLAVES_DE_PRUEBA;
  const guarda = GUARDA_CONFIADA;
  const motor = createMotorEmision(client);
  const registro = createRegistro({ db, claves, motor, guarda, adaptadorIdempotente });
  const dominio = EMISION.preparar({
    PKI_ADAPTER_URL: url,
    PKI_TRUST_ANCHORS: anclas,
    PKI_ADAPTER_IDEMPOTENTE: String(adaptadorIdempotente),
    PKI_TIMEOUT_MS: String(PKI_TIMEOUT_MS),
  }).crear({
    ...{ db, claves, client, coleccionDeMetricas },
    guarda,
    logger: pino({ level: 'silent' }),
  });

  const metricas = createMetricasPki(new Registry());
  const circuitos = createCircuitosPki({
    metricas,
    log: { info: () => undefined, warn: () => undefined },
    paso2UnaVez: !adaptadorIdempotente,
    plazos: {
      abiertoMs: CIRCUITO_ABIERTO_MS / COMPRESION,
      abiertoMaximoMs: CIRCUITO_ABIERTO_MAXIMO_MS / COMPRESION,
      retornoMs: RETORNO_MS / COMPRESION,
    },
  });
  const respondidas: Record<Paso, number> = { 1: 0, 2: 0 };
  const fallidas: Record<Paso, number> = { 1: 0, 2: 0 };
  const enCurso: Record<Paso, number> = { 1: 0, 2: 0 };
  const contada = async <T>(paso: Paso, llamada: () => Promise<T>) => {
    enCurso[paso] += 1;
    try {
      const respuesta = await llamada();
      respondidas[paso] += 1;
      return respuesta;
    } catch (error) {
      fallidas[paso] += 1;
      throw error;
    } finally {
      enCurso[paso] -= 1;
    }
  };
  const alPki = createHttpPkiGateway({
    ...{ url, token: undefined, timeoutMs: PKI_TIMEOUT_MS },
    idempotente: adaptadorIdempotente,
    alResponderOtro: () => undefined,
  });
  const pki: PkiGateway = {
    generarNumerosSolicitud: (llamada) => contada(1, () => alPki.generarNumerosSolicitud(llamada)),
    generarCertificadoDigitalDniE: (llamada) =>
      contada(2, () => alPki.generarCertificadoDigitalDniE(llamada)),
  };
  const actividades = createActividadesPki({
    ...{ registro, metricas, adaptadorIdempotente, circuitos, pki },
    ventanaReintentoMs: VENTANA_REINTENTO_MS / COMPRESION,
    lasSondasCuentan: false,
    // Calls are held until all have come, for longer than the window: what they take counts nothing.
    ahoraMs: () => 0,
  });
  const worker = await startWorkerService({
    connection: nativeConnection,
    namespace: 'default',
    cifrado: claves.cifrado,
    coleccionDeMetricas,
    colas: dominio.colas.map((cola) => {
      const paso = PASOS.find((uno) => COLAS_DE_LA_PKI[uno] === cola.nombre);
      return paso ? { ...cola, actividades, compuerta: circuitos[paso] } : cola;
    }),
  });
  detener = async () => {
    await worker.detener();
    await db.destroy();
  };
  return { circuitos, enCurso, respondidas, fallidas, motor: createMotorTemporal(client) };
}

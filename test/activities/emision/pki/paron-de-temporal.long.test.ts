/** Temporal stands still for 5 s, wherever step 2 meets it: nothing is sent again, and no attempt is lost. */
import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { Registry } from 'prom-client';
import { createActividadesPki } from '../../../../activities/emision/pki/actividades-pki.ts';
import { createMetricasPki } from '../../../../activities/emision/pki/metricas-pki.ts';
import {
  COLA_EMISION,
  COLAS_DE_LA_PKI,
  WORKFLOW_EMISION,
  workflowId,
  type EntradaEmision,
  type ReferenciaEmision,
} from '../../../../shared/emision/contrato.ts';
import { LATIDO_CADA_MS } from '../../../../shared/emision/plazos.ts';
import { TurnoNegado } from '../../../../shared/registro/emision/registro.ts';
import { createTemporalClient } from '../../../../shared/runtime/temporal/conexion.ts';
import { startWorkerService, type WorkerService } from '../../../../worker/worker-service.ts';
import { CLAVES_DE_PRUEBA } from '../../../support/emision/claves-de-prueba.ts';
import { entradaDePrueba } from '../../../support/emision/entrada-de-prueba.ts';
import { concedido, PASOS, RESULTADO } from '../../../support/emision/fake-actividades.ts';
import { hasta } from '../../../support/hasta.ts';
import { createFakeRegistro, envioMarcado, PASO_2 } from '../../../support/registro/fake-registro.ts';
import { SIN_CIRCUITO, VENTANA_MS } from '../../../support/temporal/con-pki.ts';
import { callarAlSdk } from '../../../support/temporal/sdk-callado.ts';
import {
  startTemporalServer,
  type TemporalServerProcess,
} from '../../../support/temporal/temporal-server.ts';

/** What a run does as Temporal stops. MARCA: what comes next is the announcement, where there is one. */
const PUNTOS = ['TURNO', 'MARCA', 'LLAMADA', 'CONSERVACION', 'COMPARACION'] as const;
type Punto = (typeof PUNTOS)[number];

/** While it stands still, or once it goes on again. */
const MOMENTOS = ['DURANTE', 'DESPUES'] as const;

const PARON_DE_PRUEBA_MS = 5_000;
/** The PKI's own time is used up by the stall, too. */
const INTENTO_MS = 500;

/** One run that the test holds at a point. */
interface Caso {
  punto: Punto;
  momento: (typeof MOMENTOS)[number];
  codigo: string;
  llegado: PromiseWithResolvers<undefined>;
  seguir: PromiseWithResolvers<undefined>;
  intentos: number[];
  envios: number;
  marcado: boolean;
}

let server: TemporalServerProcess;
let nativa: NativeConnection;
let conexion: Connection;
beforeAll(async () => {
  callarAlSdk();
  server = await startTemporalServer();
  nativa = await NativeConnection.connect({ address: server.address });
  conexion = Connection.lazy({ address: server.address });
}, 120_000);
afterAll(async () => {
  await conexion.close();
  await nativa.close();
  await server.teardown();
});

describe.each([
  ['repeats its answers', true],
  ['does its work again at every call', false],
])('with an adapter that %s', (_caso, adaptadorIdempotente) => {
  const casos = new Map<string, Caso>();
  let worker: WorkerService;

  const casoDe = (codigo: string): Caso => {
    const caso = casos.get(codigo);
    if (!caso) throw new Error(`no case ${codigo}`);
    return caso;
  };
  const pasar = async (codigo: string, punto: Punto) => {
    const caso = casoDe(codigo);
    if (caso.punto !== punto) return caso;
    caso.llegado.resolve(undefined);
    await caso.seguir.promise;
    return caso;
  };

  beforeAll(async () => {
    const pki = createActividadesPki({
      registro: createFakeRegistro({
        async marcarEnvio({ codigoSolicitudTramite: codigo }) {
          const caso = await pasar(codigo, 'MARCA');
          if (caso.marcado && !adaptadorIdempotente) throw new TurnoNegado('RESULTADO_INCIERTO', 'de nuevo');
          caso.marcado = true;
          const permiso = envioMarcado();
          return permiso.tipo === 'MARCADO'
            ? { ...permiso, envio: { ...permiso.envio, clave: codigo } }
            : permiso;
        },
        async conservarRespuesta({ codigoSolicitudTramite: codigo }) {
          await pasar(codigo, 'CONSERVACION');
        },
      }),
      metricas: createMetricasPki(new Registry()),
      circuitos: SIN_CIRCUITO,
      adaptadorIdempotente,
      ventanaReintentoMs: VENTANA_MS,
      lasSondasCuentan: false,
      ahoraMs: Date.now,
      pki: {
        generarNumerosSolicitud: () => Promise.reject(new Error('step 1 is done')),
        async generarCertificadoDigitalDniE({ clave: codigo }) {
          casoDe(codigo).envios += 1;
          await pasar(codigo, 'LLAMADA');
          return PASO_2;
        },
      },
    });
    worker = await startWorkerService({
      connection: nativa,
      namespace: 'default',
      cifrado: CLAVES_DE_PRUEBA.cifrado,
      coleccionDeMetricas: new Registry(),
      colas: [
        {
          nombre: COLA_EMISION,
          simultaneas: 100,
          paradaMs: 1_000,
          actividades: {
            async registrarSolicitud({ solicitud }: EntradaEmision) {
              await pasar(solicitud.solicitud.codigoSolicitudTramite, 'TURNO');
              const plazos = { intentoMs: INTENTO_MS, paso2UnaVez: !adaptadorIdempotente };
              return concedido(PASOS.enPaso2, { plazos });
            },
            async compararYRegistrarEmision({ solicitud }: EntradaEmision) {
              await pasar(solicitud.solicitud.codigoSolicitudTramite, 'COMPARACION');
              return { tipo: 'COMPLETADO', resultado: RESULTADO };
            },
          },
        },
        {
          nombre: COLAS_DE_LA_PKI[2],
          simultaneas: 100,
          paradaMs: 1_000,
          actividades: {
            generarCertificadoDigitalDniE(referencia: ReferenciaEmision) {
              casoDe(referencia.codigoSolicitudTramite).intentos.push(Context.current().info.attempt);
              return pki.generarCertificadoDigitalDniE(referencia);
            },
          },
          compuerta: { admite: () => Infinity, alAdmitirMas: () => undefined },
        },
      ],
    });
  }, 120_000);
  afterAll(() => worker.detener());

  async function empezar(punto: Punto, momento: Caso['momento']) {
    const codigo = `SOL-${randomUUID().slice(0, 8)}`;
    const caso: Caso = {
      punto,
      momento,
      codigo,
      llegado: Promise.withResolvers(),
      seguir: Promise.withResolvers(),
      intentos: [],
      envios: 0,
      marcado: false,
    };
    casos.set(codigo, caso);
    const client = createTemporalClient(
      conexion,
      { TEMPORAL_NAMESPACE: 'default' },
      CLAVES_DE_PRUEBA.cifrado,
    );
    const handle = await client.workflow.start(WORKFLOW_EMISION, {
      workflowId: workflowId(codigo),
      taskQueue: COLA_EMISION,
      args: [entradaDePrueba(codigo)],
    });
    await caso.llegado.promise;
    return { caso, handle };
  }

  /** Stops the server, for as long as its own timers count on. */
  async function parar(mientras: () => void): Promise<void> {
    server.signal('SIGSTOP');
    const fin = Date.now() + PARON_DE_PRUEBA_MS;
    mientras();
    await hasta('the server to have stood still', () => Date.now() >= fin);
    server.signal('SIGCONT');
  }

  test('every beat reaches Temporal as it is made, long before its limit', async () => {
    const { caso, handle } = await empezar('LLAMADA', 'DESPUES');
    const vistos: number[] = [];
    await hasta('three beats to be seen', async () => {
      const { raw } = await handle.describe();
      const { seconds, nanos } = raw.pendingActivities?.[0]?.lastHeartbeatTime ?? {};
      const vistoEnMs = Number(seconds ?? 0) * 1_000 + (nanos ?? 0) / 1_000_000;
      if (vistoEnMs > (vistos.at(-1) ?? 0)) vistos.push(vistoEnMs);
      return vistos.length === 3;
    });
    caso.seguir.resolve(undefined);
    await handle.result();

    const [primero = 0, segundo = 0, tercero = 0] = vistos;
    expect(Math.max(segundo - primero, tercero - segundo)).toBeLessThan(2 * LATIDO_CADA_MS);
    expect(caso.intentos).toEqual([1]);
  }, 60_000);

  test('a stall of 5 s at any point of step 2 costs no attempt and makes nothing uncertain', async () => {
    const empezados: Awaited<ReturnType<typeof empezar>>[] = [];
    // Three of each, one after the other: their beats come at different moments of the stall.
    for (let vez = 0; vez < 3; vez++)
      for (const punto of PUNTOS)
        for (const momento of MOMENTOS) empezados.push(await empezar(punto, momento));
    const soltar = (cuando: Caso['momento']) => {
      for (const { caso } of empezados) if (caso.momento === cuando) caso.seguir.resolve(undefined);
    };

    await parar(() => {
      soltar('DURANTE');
    });
    soltar('DESPUES');
    const resultados = await Promise.all(
      empezados.map(async ({ caso, handle }) => {
        const estado = await handle.result().then(
          ({ estado }: { estado: string }) => estado,
          (error: unknown) => String((error as Error).cause),
        );
        const { punto, momento, intentos, envios } = caso;
        return { punto, momento, estado, intentos, envios };
      }),
    );

    expect(resultados).toEqual(
      empezados.map(({ caso: { punto, momento } }) => ({
        punto,
        momento,
        estado: 'COMPLETADO',
        intentos: [1],
        envios: 1,
      })),
    );
  }, 120_000);
});

/** Connections to Temporal: address and namespace from the configuration, TLS and API key by the SDK's own variables. */
import { setTimeout as pausa } from 'node:timers/promises';
import {
  Client,
  Connection,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  type ConnectionLike,
} from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { IllegalStateError, NativeConnection } from '@temporalio/worker';
import type { Cifrado } from '../claves/cifrado.ts';
import { createDataConverter } from './codec.ts';
import { significadoDeCodigo } from './estados-grpc.ts';
import { TRAMOS_DEL_CLIENTE } from './tramos-del-cliente.ts';
import { SIN_PROXY } from '../sin-proxy.ts';

export interface DireccionTemporal {
  TEMPORAL_ADDRESS?: string | undefined;
  TEMPORAL_NAMESPACE: string;
}

/** Waits between the attempts of one call. A server that sheds load is asked less soon: it has too much of what it refused. */
const REINTENTO_MAXIMO_MS = 1_000;
const REINTENTO_SATURADO_MS = 2_000;
/** An attempt with less time than this is not made. */
const ATENCION_MS = 500;
const RECONEXION_MAXIMA_MS = 2_000;
/** Timers that are due at one moment go off in any order. */
const MARGEN_DE_RELOJ_MS = 20;

function opcionesDeConexion(direccion: DireccionTemporal) {
  const { connectionOptions } = loadClientConnectConfig();
  return { ...connectionOptions, address: direccion.TEMPORAL_ADDRESS ?? '127.0.0.1:7233' };
}

/** For a process without a worker. Lazy: it connects at the first call, so that a start does not hang on it. */
export function conectarCliente(direccion: DireccionTemporal): Connection {
  const reintentos = defaultGrpcRetryOptions();
  let cierra = false;
  /** When the last of the calls that wait for another attempt will make it (performance.now()). */
  let ultimoReintento = 0;
  const connection = Connection.lazy({
    ...opcionesDeConexion(direccion),
    interceptors: [
      (options, nextCall) => {
        const limite = Number(options.deadline ?? Infinity);
        let esperaMs = 0;
        return makeGrpcRetryInterceptor({
          // A call ends with the status of its last attempt. One that waits beyond its deadline would end with
          // DEADLINE_EXCEEDED, and a server that sheds load would count as one that is silent.
          retryableDecider(intento, estado) {
            const esSaturado = significadoDeCodigo(estado.code) === 'SATURADO';
            esperaMs = Math.min(
              esSaturado ? REINTENTO_SATURADO_MS : REINTENTO_MAXIMO_MS,
              reintentos.delayFunction(intento, estado),
            );
            const llegaATiempo = Date.now() + esperaMs + ATENCION_MS < limite;
            return !cierra && llegaATiempo && reintentos.retryableDecider(intento, estado);
          },
          delayFunction() {
            ultimoReintento = Math.max(ultimoReintento, performance.now() + esperaMs);
            return esperaMs;
          },
        })(options, nextCall);
      },
    ],
    channelArgs: {
      ...SIN_PROXY,
      // After a long outage gRPC would look for the server every two minutes.
      'grpc.max_reconnect_backoff_ms': RECONEXION_MAXIMA_MS,
      // Each client has a connection of its own: gRPC would share one, and a call that hangs on it would hold up all.
      'grpc.use_local_subchannel_pool': 1,
    },
  });
  const cerrar = connection.close.bind(connection);
  // An attempt on a channel that is closed throws in a timer of the SDK's, and would end the process.
  connection.close = async () => {
    cierra = true;
    await pausa(Math.max(0, ultimoReintento - performance.now() + MARGEN_DE_RELOJ_MS));
    await cerrar();
  };
  return connection;
}

/** For a process with a worker; a client on the same connection starts workflows eagerly. */
export async function conectarWorker(direccion: DireccionTemporal): Promise<NativeConnection> {
  const opciones = opcionesDeConexion(direccion);
  try {
    return await NativeConnection.connect(opciones);
  } catch (error) {
    throw new Error(`Temporal does not answer at ${opciones.address} (TEMPORAL_ADDRESS)`, { cause: error });
  }
}

/** A worker that was forced to stop still holds its connection: the process ends all the same. */
export async function cerrarConexion(connection: NativeConnection): Promise<void> {
  await connection.close().catch((error: unknown) => {
    if (!(error instanceof IllegalStateError)) throw error;
  });
}

export function createTemporalClient(
  connection: ConnectionLike,
  direccion: DireccionTemporal,
  cifrado: Cifrado,
): Client {
  return new Client({
    connection,
    namespace: direccion.TEMPORAL_NAMESPACE,
    dataConverter: createDataConverter(cifrado),
    // A closed run would still answer queries from its history, and a terminated one would answer EN_PROCESO for ever.
    workflow: { queryRejectCondition: 'NOT_OPEN' },
    interceptors: { workflow: [TRAMOS_DEL_CLIENTE] },
  });
}

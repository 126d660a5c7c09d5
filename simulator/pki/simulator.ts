/**
 * A MsAdaptadorPKI that runs as a real server: real keys, real certificates, and a memory that outlives it.
 * It stands in for somebody else's server, so it shares nothing with the product but its configuration.
 */
import 'reflect-metadata';
import { mkdir } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import express, { type ErrorRequestHandler, type Request } from 'express';
import { adapterRoutes } from './adapter/adapter-routes.ts';
import type { BehaviourOf } from './faults/behaviour.ts';
import { openHierarchy } from './authority/certificate-authority.ts';
import { Refusal, refusalEnvelope, type RefusalType, type RequestTrace } from './adapter/envelope.ts';
import type { KeyType } from './authority/key-algorithms.ts';
import { createOcspResponder } from './authority/ocsp.ts';
import { publicRoutes } from './authority/public-routes.ts';
import { publicUrls } from './authority/public-urls.ts';
import { createSandbox } from './faults/sandbox.ts';
import { createSteps } from './adapter/steps.ts';
import { openStore } from './adapter/store.ts';
import { createTurns } from './adapter/turns.ts';

export interface SimulatorOptions {
  /** DATA_DIR of the whole; the simulator keeps to its folder `simulador`. */
  dataDir: string;
  /** Of each of the two endpoints. */
  latencyMs: number;
  /** Of people's keys, and of a hierarchy that is created now. */
  keyType: KeyType;
  /** Base of the names inside certificates. */
  publicBaseUrl: string;
  /** False: an adapter that forgets keys and does the work at every call. True where absent. */
  idempotent?: boolean;
  /** Waits of the sandbox's slow and late documents: 3 s and 12 s where absent. */
  slowMs?: number;
  lateMs?: number;
  /** What the calls meet that the sandbox says nothing of. */
  faults?: BehaviourOf;
  /** Replaces sandbox and faults. */
  behaviourOf?: BehaviourOf;
  clock?: () => Date;
  /** How its waits pass; by the clock where absent. The signal ends one before its time. */
  sleep?: (ms: number, closing: AbortSignal) => Promise<unknown>;
  /** Called for each error that ends as 500; the console where absent. */
  onError?: (error: unknown) => void;
}

export interface Simulator {
  /** Not listening yet. */
  server: Server;
  /** PEM of root and issuing authority. */
  chainPath: string;
  chainPem: string;
  /** Takes no more calls, answers 503 to those not begun, finishes those at work, and lets go of the store. */
  close(): Promise<void>;
}

const RETRY_AFTER_S = 1;

export async function createSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { latencyMs, keyType, publicBaseUrl, idempotent = true, slowMs = 3000, lateMs = 12_000 } = options;
  const clock = options.clock ?? (() => new Date());
  const sleep = options.sleep ?? sleepByTheClock;
  const folder = path.join(options.dataDir, 'simulador');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const urls = publicUrls(publicBaseUrl);
  const hierarchy = await openHierarchy(path.join(folder, 'ca'), keyType, urls, clock());
  const store = openStore(path.join(folder, 'simulador.sqlite'));
  const closing = new AbortController();

  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.use((_request, response, next) => {
    response.locals['startedAtMs'] = performance.now();
    next();
  });
  app.get('/health/live', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.get('/health/ready', (_request, response) => {
    store.counts();
    response.json({ status: 'ok' });
  });
  app.use(
    adapterRoutes({
      store,
      steps: createSteps({
        store,
        turns: createTurns(),
        issuing: hierarchy.issuing,
        urls,
        keyType,
        idempotent,
        clock,
      }),
      behaviourOf: options.behaviourOf ?? createSandbox({ slowMs, lateMs }, options.faults),
      latencyMs,
      wait: createWait(sleep, closing.signal),
      traceOf,
    }),
  );
  app.get('/simulador/emisiones', (_request, response) => {
    response.json(store.counts());
  });
  app.get('/simulador/emisiones/:codigo', (request, response) => {
    const codigoSolicitudTramite = request.params.codigo;
    response.json({ codigoSolicitudTramite, ...store.counts(codigoSolicitudTramite) });
  });
  const responder = createOcspResponder(hierarchy.issuing, store.hasIssued, clock);
  app.use(new URL(publicBaseUrl).pathname, publicRoutes(hierarchy, responder, clock));
  app.use(() => {
    throw new Refusal('RUTA_NO_ENCONTRADA');
  });
  app.use(createErrorHandler(options.onError ?? console.error));

  const server = createServer(app);
  server.on('clientError', refuseWhatIsNoRequest);
  const answering = new Set<ServerResponse>();
  server.on('request', (_request, response) => {
    answering.add(response);
    response.once('close', () => answering.delete(response));
  });

  async function close(): Promise<void> {
    closing.abort();
    // A connection that is kept alive would keep the server open.
    for (const response of answering) response.shouldKeepAlive = false;
    if (server.listening) await new Promise((resolve) => server.close(resolve));
    store.close();
  }
  // Ctrl-C may bring one signal from the terminal and another from the parent.
  let closed: Promise<void> | undefined;

  return {
    server,
    chainPath: hierarchy.chainPath,
    chainPem: hierarchy.chainPem,
    close: () => (closed ??= close()),
  };
}

async function sleepByTheClock(ms: number, closing: AbortSignal): Promise<void> {
  // It rejects for no other reason than the signal.
  await pause(ms, undefined, { signal: closing }).catch(() => undefined);
}

function createWait(
  sleep: NonNullable<SimulatorOptions['sleep']>,
  closing: AbortSignal,
): (ms: number) => Promise<boolean> {
  return async (ms) => {
    if (ms > 0) await sleep(ms, closing);
    return !closing.aborted;
  };
}

function traceOf(request: Request): RequestTrace {
  return {
    correlationId: request.get('X-Correlation-ID'),
    startedAtMs: Number(request.res?.locals['startedAtMs']),
  };
}

function createErrorHandler(onError: (error: unknown) => void): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request, response, next) => {
    // A gateway has answered in the adapter's place.
    if (response.writableEnded || response.destroyed) return;
    if (response.headersSent) {
      next(error);
      return;
    }
    const refusal = asRefusal(error);
    if (refusal.cause !== undefined && refusal.tipo === 'ERROR_INTERNO') onError(refusal.cause);
    if (refusal.estado === 503 || refusal.estado === 429) response.set('Retry-After', String(RETRY_AFTER_S));
    response.status(refusal.estado).json(refusalEnvelope(refusal, traceOf(request)));
  };
}

/** What Node itself refuses before there is a request: its own answers have no envelope. */
function refuseWhatIsNoRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const refusal = new Refusal(typeOfParserError(error.code));
  const body = JSON.stringify(
    refusalEnvelope(refusal, { correlationId: undefined, startedAtMs: performance.now() }),
  );
  socket.end(
    `HTTP/1.1 ${refusal.estado} \r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function typeOfParserError(code: string | undefined): RefusalType {
  if (code === 'HPE_HEADER_OVERFLOW') return 'CABECERAS_EXCESIVAS';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'TIEMPO_AGOTADO' : 'VALIDACION';
}

/** Express's own faults (unreadable body, bad percent-encoding) carry a 4xx status; the rest is ours. */
function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  if (status === 413) return new Refusal('CUERPO_EXCESIVO');
  if (status >= 400 && status < 500) return new Refusal('VALIDACION', ['petición: no se puede leer']);
  return new Refusal('ERROR_INTERNO', [], { cause: error });
}

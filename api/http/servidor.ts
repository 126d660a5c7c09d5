/** The HTTP server under the app: limits of time and size, and the answers that Node would give by itself. */
import { randomUUID } from 'node:crypto';
import {
  createServer,
  STATUS_CODES,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { FALLOS, type TipoFallo } from '../../shared/emision/fallos.ts';
import { CABECERAS_DE_SEGURIDAD } from './cabeceras-de-seguridad.ts';
import { RUTA_DESCONOCIDA } from './peticion.ts';
import { construirSobre, errorDe } from './sobre.ts';
import type { MedirPeticion } from './metricas.ts';

export interface LimitesHttp {
  /** Time for the headers of a request to arrive. */
  cabecerasMs: number;
  /** Time for a whole request to arrive; a valid one is some kB. */
  peticionMs: number;
  /** How often Node looks for requests that are late. */
  revisionMs: number;
  /** Longer than the idle time of usual gateways (60 s): they must not reuse a connection while it is being closed. */
  inactividadMs: number;
}

const LIMITES: LimitesHttp = {
  cabecerasMs: 10_000,
  peticionMs: 20_000,
  revisionMs: 1_000,
  inactividadMs: 65_000,
};

/** Room for a token with many claims; Node's own default. */
const CABECERAS_MAX_BYTES = 16 * 1024;

interface ServidorDeps {
  app: RequestListener;
  medirPeticion: MedirPeticion;
  reloj: () => Date;
  limites?: Partial<LimitesHttp>;
}

export function createServidor({ app, medirPeticion, reloj, limites }: ServidorDeps): Server {
  const { cabecerasMs, peticionMs, revisionMs, inactividadMs } = { ...LIMITES, ...limites };
  const server = createServer({
    headersTimeout: cabecerasMs,
    requestTimeout: peticionMs,
    connectionsCheckingInterval: revisionMs,
    keepAliveTimeout: inactividadMs,
    maxHeaderSize: CABECERAS_MAX_BYTES,
    // Node would refuse a request without Host by an empty 400: the app does, in the envelope.
    requireHostHeader: false,
  });
  const conexiones = new WeakMap<Duplex, Conexion>();
  const conexionDe = (socket: Duplex): Conexion => {
    const conexion = conexiones.get(socket) ?? { enCurso: new Set(), ultima: null, rechazada: false };
    conexiones.set(socket, conexion);
    return conexion;
  };
  const atender: RequestListener = (req, res) => {
    const conexion = conexionDe(req.socket);
    conexion.ultima = res;
    conexion.enCurso.add(res);
    res.once('close', () => conexion.enCurso.delete(res));
    app(req, res);
  };
  const rechazar = (code: string | undefined, socket: Duplex, culpable: ServerResponse | null): void => {
    // A request that has its answer, whole or half, gets no second one.
    if (!socket.writable || culpable?.headersSent === true) {
      socket.destroy();
      return;
    }
    const { codigo, mensaje } = respuestaCruda(code, reloj());
    if (culpable === null)
      medirPeticion({ route: RUTA_DESCONOCIDA, method: RUTA_DESCONOCIDA, status: String(codigo) }, 0);
    socket.end(mensaje, () => socket.destroy());
  };
  // An Expect that we do not know would get Node's empty 417; RFC 9110 lets a server ignore it.
  server.on('request', atender).on('checkExpectation', atender);
  server.on('clientError', ({ code }: NodeJS.ErrnoException, socket) => {
    if (code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const conexion = conexionDe(socket);
    // Whatever follows a request that was refused is none.
    if (conexion.rechazada) return;
    conexion.rechazada = true;
    const { ultima, enCurso } = conexion;
    const culpable = ultima?.req.complete === false ? ultima : null;
    // Answers go in the order of the requests (RFC 9112, section 9.3.2): those before this one's come first.
    const anterior = [...enCurso].filter((res) => res !== culpable).at(-1);
    if (anterior === undefined) rechazar(code, socket, culpable);
    else
      anterior.once('close', () => {
        rechazar(code, socket, culpable);
      });
  });
  return server;
}

interface Conexion {
  /** Answers that are not out yet, in the order of their requests: several where the client pipelines. */
  enCurso: Set<ServerResponse>;
  /** Of the request that came last; the only one whose body may still be on its way. */
  ultima: ServerResponse | null;
  rechazada: boolean;
}

/** What was wrong with a request that never became one, as bytes to be written to its socket. */
function respuestaCruda(code: string | undefined, ahora: Date): { codigo: number; mensaje: string } {
  const { fallo, detalle } = causa(code);
  const { codigo, titulo } = FALLOS[fallo];
  const correlationId = randomUUID();
  const cuerpo = JSON.stringify(
    construirSobre(
      codigo,
      { success: false, message: titulo, data: null, error: errorDe(fallo, [detalle]) },
      { correlationId, ahora, tiempoMs: 0 },
    ),
  );
  const lineas = [
    `HTTP/1.1 ${codigo} ${STATUS_CODES[codigo] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(cuerpo)}`,
    'Cache-Control: no-store',
    `X-Correlation-ID: ${correlationId}`,
    ...Object.entries(CABECERAS_DE_SEGURIDAD).map(([nombre, valor]) => `${nombre}: ${valor}`),
    'Connection: close',
  ];
  return { codigo, mensaje: `${lineas.join('\r\n')}\r\n\r\n${cuerpo}` };
}

function causa(code: string | undefined): { fallo: TipoFallo; detalle: string } {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return { fallo: 'TIEMPO_AGOTADO', detalle: 'petición: no llegó completa a tiempo' };
  if (code === 'HPE_HEADER_OVERFLOW')
    return {
      fallo: 'CABECERAS_EXCESIVAS',
      detalle: `cabeceras: superan los ${CABECERAS_MAX_BYTES / 1024} kB admitidos`,
    };
  return { fallo: 'VALIDACION', detalle: 'petición: no es HTTP válido' };
}

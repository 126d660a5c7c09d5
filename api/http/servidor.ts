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
  const respuestas = new WeakMap<Duplex, ServerResponse>();
  const atender: RequestListener = (req, res) => {
    respuestas.set(req.socket, res);
    app(req, res);
  };
  // An Expect that we do not know would get Node's empty 417; RFC 9110 lets a server ignore it.
  server.on('request', atender).on('checkExpectation', atender);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const enCurso = respuestas.get(socket);
    const aMedias = enCurso?.headersSent === true && !enCurso.writableFinished;
    if (!socket.writable || aMedias || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const { codigo, mensaje } = respuestaCruda(error.code, reloj());
    if (enCurso === undefined || enCurso.writableFinished)
      medirPeticion({ route: RUTA_DESCONOCIDA, method: RUTA_DESCONOCIDA, status: String(codigo) }, 0);
    socket.end(mensaje, () => socket.destroy());
  });
  return server;
}

/** What was wrong with a request that never became one, as bytes to be written to its socket. */
function respuestaCruda(code: string | undefined, ahora: Date): { codigo: number; mensaje: string } {
  const { fallo, codigo, detalle } = causa(code);
  const correlationId = randomUUID();
  const cuerpo = JSON.stringify(
    construirSobre(
      codigo,
      {
        success: false,
        message: FALLOS[fallo].titulo,
        data: null,
        error: { ...errorDe(fallo, [detalle]), estado: codigo },
      },
      { correlationId, ahora, tiempoMs: 0 },
    ),
  );
  const lineas = [
    `HTTP/1.1 ${codigo} ${STATUS_CODES[codigo] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(cuerpo)}`,
    'Cache-Control: no-store',
    `X-Correlation-ID: ${correlationId}`,
    'Connection: close',
  ];
  return { codigo, mensaje: `${lineas.join('\r\n')}\r\n\r\n${cuerpo}` };
}

/** Headers too large: only Node's parser finds it, so it is no row of FALLOS. RFC 6585, section 5. */
export const CABECERAS_EXCESIVAS = 431;

function causa(code: string | undefined): { fallo: TipoFallo; codigo: number; detalle: string } {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return {
      fallo: 'TIEMPO_AGOTADO',
      codigo: FALLOS.TIEMPO_AGOTADO.codigo,
      detalle: 'petición: no llegó completa a tiempo',
    };
  if (code === 'HPE_HEADER_OVERFLOW')
    return {
      fallo: 'VALIDACION',
      codigo: CABECERAS_EXCESIVAS,
      detalle: `cabeceras: superan los ${CABECERAS_MAX_BYTES / 1024} kB admitidos`,
    };
  return { fallo: 'VALIDACION', codigo: FALLOS.VALIDACION.codigo, detalle: 'petición: no es HTTP válido' };
}

/** The HTTP server under the app: limits of time and size, and the answers that Node would give by itself. */
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Conexion } from './conexion.ts';
import { createConexiones } from './conexiones.ts';
import { RUTA_DESCONOCIDA } from '../peticion/peticion.ts';
import type { MedirPeticion } from './metricas.ts';
import { CABECERAS_MAX_BYTES, PETICION_TARDIA, respuestaCruda } from './respuesta-cruda.ts';

export interface LimitesHttp {
  /** Time for the headers of a request to arrive. */
  cabecerasMs: number;
  /** Time for a whole request to arrive; a valid one is some kB. */
  peticionMs: number;
  /** How often Node looks for requests that are late. */
  revisionMs: number;
  /** Longer than the idle time of usual gateways (60 s): they must not reuse a connection while it is being closed. */
  inactividadMs: number;
  /** Time in which a client reads some of an answer that waits for it. */
  lecturaMs: number;
  /** Connections at once, in this process. */
  conexionesMax: number;
}

const LIMITES: LimitesHttp = {
  cabecerasMs: 10_000,
  peticionMs: 20_000,
  revisionMs: 1_000,
  inactividadMs: 65_000,
  lecturaMs: 60_000,
  conexionesMax: 1_000,
};

/** Time between two messages to a client that sends no more; if it is gone, the second one fails. */
const SONDEO_MS = 1_000;

interface ServidorDeps {
  app: RequestListener;
  medirPeticion: MedirPeticion;
  reloj: () => Date;
  limites?: Partial<LimitesHttp>;
  /** A connection was closed, or not taken, for want of room. */
  alFaltarConexiones?: () => void;
}

/** The requests of one connection: worked on one at a time, in their order, however many come at once. */
interface ColaDePeticiones {
  /** Answers that are not out yet, in the order of their requests. */
  enCurso: Set<ServerResponse>;
  /** The answer that is being worked on, or was last. */
  enTrabajo: ServerResponse | null;
  /** The answer to the request that came last, the only one whose body may still be on its way. */
  ultima: ServerResponse | null;
  rechazada: boolean;
  /** Node counts a request as late that this server held back: its time begins when it goes on. */
  llegaTarde: boolean;
}

export function createServidor({
  app,
  medirPeticion,
  reloj,
  limites,
  alFaltarConexiones = () => undefined,
}: ServidorDeps): Server {
  const { cabecerasMs, peticionMs, revisionMs, inactividadMs, lecturaMs, conexionesMax } = {
    ...LIMITES,
    ...limites,
  };
  const server = createServer({
    headersTimeout: cabecerasMs,
    requestTimeout: peticionMs,
    connectionsCheckingInterval: revisionMs,
    keepAliveTimeout: inactividadMs,
    maxHeaderSize: CABECERAS_MAX_BYTES,
    // Node would refuse a request without Host by an empty 400: the app does, in the envelope.
    requireHostHeader: false,
  });
  // A client that has sent all that it will send still waits for its answer. Node has the option under this name only.
  Object.assign(server, { httpAllowHalfOpen: true });

  const colas = new WeakMap<object, ColaDePeticiones>();
  const colaDe = (conexion: object): ColaDePeticiones => {
    const cola = colas.get(conexion) ?? {
      enCurso: new Set(),
      enTrabajo: null,
      ultima: null,
      rechazada: false,
      llegaTarde: false,
    };
    colas.set(conexion, cola);
    return cola;
  };
  const ocupada = (conexion: object) => colaDe(conexion).enCurso.size > 0;
  /** Nothing more of a connection is parsed until all that came is answered, but for the body of the last request. */
  const detenida = (conexion: object) => ocupada(conexion) && colaDe(conexion).ultima?.req.complete === true;

  const conexiones = createConexiones(conexionesMax, ocupada, alFaltarConexiones);
  const [alConectar] = server.listeners('connection');
  server.removeAllListeners('connection').on('connection', (socket: Socket) => {
    const conexion: Conexion = new Conexion({ socket, lecturaMs, detenida: () => detenida(conexion) });
    if (!conexiones.abrir(conexion)) {
      conexion.destroy();
      return;
    }
    alConectar?.call(server, conexion);
    conexion.once('end', () => {
      const { enCurso, enTrabajo } = colaDe(conexion);
      if (enTrabajo && enCurso.has(enTrabajo)) sondear(conexion, enTrabajo);
    });
  });

  const atender: RequestListener = (req, res) => {
    const conexion = req.socket as unknown as Conexion;
    const cola = colaDe(conexion);
    const { enCurso } = cola;
    cola.ultima = res;
    enCurso.add(res);
    conexiones.usada(conexion);
    res.once('close', () => {
      enCurso.delete(res);
      // Whatever follows an answer that says Connection: close is not worked on, nor anything once the client is gone.
      if (!conexion.writable) return;
      conexiones.usada(conexion);
      // Not at once, so that each of the connections with something to do gets its turn.
      setImmediate(() => {
        const [siguiente] = enCurso;
        if (!siguiente) reanudar(conexion, cola);
        else if (siguiente !== cola.enTrabajo && conexion.writable) trabajar(conexion, siguiente);
      });
    });
    if (enCurso.size === 1) trabajar(conexion, res);
  };

  const trabajar = (conexion: Conexion, res: ServerResponse): void => {
    colaDe(conexion).enTrabajo = res;
    app(res.req, res);
    if (conexion.readableEnded) sondear(conexion, res);
  };

  const reanudar = (conexion: Conexion, cola: ColaDePeticiones): void => {
    if (cola.llegaTarde) {
      cola.llegaTarde = false;
      const { ultima } = cola;
      const plazo = setTimeout(() => {
        const sigueIncompleta = cola.ultima === ultima || cola.ultima?.req.complete === false;
        if (sigueIncompleta && !cola.rechazada) alFallar(PETICION_TARDIA, conexion);
      }, peticionMs);
      conexion.once('close', () => {
        clearTimeout(plazo);
      });
    }
    conexion.seguir();
  };

  const rechazar = (code: string | undefined, socket: Duplex, culpable: ServerResponse | null): void => {
    // A request that has its answer, whole or half, gets no second one.
    if (!socket.writable || culpable?.headersSent === true) {
      socket.destroy();
      return;
    }
    const { statusCode, mensaje } = respuestaCruda(code, reloj());
    if (culpable === null)
      medirPeticion({ route: RUTA_DESCONOCIDA, method: RUTA_DESCONOCIDA, status: String(statusCode) }, 0);
    socket.end(mensaje, () => socket.destroy());
  };

  const alFallar = (code: string | undefined, socket: Duplex): void => {
    if (code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const cola = colaDe(socket);
    // What follows a refused request is not a request.
    if (cola.rechazada) return;
    if (code === PETICION_TARDIA && detenida(socket)) {
      cola.llegaTarde = true;
      return;
    }
    cola.rechazada = true;
    const { ultima, enCurso } = cola;
    const culpable = ultima?.req.complete === false ? ultima : null;
    // Answers go in the order of the requests (RFC 9112, section 9.3.2): those before this one's come first.
    const anterior = [...enCurso].filter((res) => res !== culpable).at(-1);
    if (anterior === undefined) rechazar(code, socket, culpable);
    else
      anterior.once('close', () => {
        rechazar(code, socket, culpable);
      });
  };

  // An Expect that we do not know would get Node's empty 417; RFC 9110 lets a server ignore it.
  server.on('request', atender).on('checkExpectation', atender);
  server.on('clientError', ({ code }: NodeJS.ErrnoException, socket) => {
    alFallar(code, socket);
  });
  return server;
}

/**
 * A client that will send no more either waits for its answer or is gone: over TCP both look alike until something is
 * sent to it. So it is told that its request is worked on (102, which RFC 9110, 15.2, lets a client of HTTP/1.1 ignore).
 */
function sondear(conexion: Conexion, res: ServerResponse): void {
  if (res.req.httpVersion !== '1.1') return;
  const decir = () => {
    if (!res.headersSent && conexion.writable) res.writeProcessing();
  };
  decir();
  const sonda = setInterval(decir, SONDEO_MS);
  res.once('close', () => {
    clearInterval(sonda);
  });
}

/** Stands between a client of the product and the server, below the client's own retries, and answers calls in its place. */
import type { Connection, makeGrpcRetryInterceptor } from '@temporalio/client';

type Interceptor = ReturnType<typeof makeGrpcRetryInterceptor>;
type Llamada = ReturnType<Interceptor>;

/** Statuses of gRPC that tests inject. */
export const ESTADO = { INVALID_ARGUMENT: 3, RESOURCE_EXHAUSTED: 8, UNAVAILABLE: 14 } as const;

/** How gRPC itself ends a call that is made too late. */
const PLAZO_VENCIDO = 4;

export interface Inyector {
  /** Which status a call is answered with, by its method's name; undefined: the server answers. */
  responder: (metodo: string) => number | undefined;
  /** Calls that were answered here, by the method's name. */
  inyectadas: string[];
}

/** @param conexion as the product opens it; none of its calls was made yet */
export function inyectarEn(conexion: Connection): Inyector {
  const inyector: Inyector = { responder: () => undefined, inyectadas: [] };
  conexion.options.interceptors.push((options, nextCall) => {
    const metodo = options.method_definition.path.split('/').at(-1) ?? '';
    const codigo = inyector.responder(metodo);
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- gRPC asks for the interface only
    if (codigo === undefined) return nextCall(options) as Llamada;
    inyector.inyectadas.push(metodo);
    return contestada(Date.now() < Number(options.deadline ?? Infinity) ? codigo : PLAZO_VENCIDO);
  });
  return inyector;
}

/** As gRPC's own call ends that came back with nothing but its status. */
function contestada(codigo: number): Llamada {
  const llamada: Partial<Llamada> = {
    start(metadata, listener) {
      queueMicrotask(() => {
        listener?.onReceiveMessage?.(null);
        // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- gRPC's own enum is no dependency of ours
        listener?.onReceiveStatus?.({ code: codigo, details: 'injected', metadata: metadata.clone() });
      });
    },
    sendMessageWithContext: () => undefined,
    sendMessage: () => undefined,
    startRead: () => undefined,
    halfClose: () => undefined,
    cancelWithStatus: () => undefined,
  };
  return llamada as Llamada;
}

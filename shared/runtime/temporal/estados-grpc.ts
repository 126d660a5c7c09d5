/**
 * What each status of gRPC says of Temporal. Whoever reads an error of a call goes by this table (ADR 26). Both of the SDK's
 * connections raise the same errors.
 */
import { isGrpcServiceError } from '@temporalio/client';
import { ServicioNoDisponible, ServicioSaturado } from '../../nucleo/servicio-no-disponible.ts';

/**
 * CAIDA: nothing came back that means anything, or Temporal cannot work now. SATURADO: it answers, and takes this call
 * later. FALTA: it answers, and the same call would fail again. CORTADA: whoever made the call ended it.
 */
export type Significado = 'CAIDA' | 'SATURADO' | 'FALTA' | 'CORTADA';

const ESTADOS = {
  CANCELLED: { codigo: 1, dice: 'CORTADA' },
  // What the server could not put in any other word: its store failed in a way that it does not know.
  UNKNOWN: { codigo: 2, dice: 'CAIDA' },
  INVALID_ARGUMENT: { codigo: 3, dice: 'FALTA' },
  DEADLINE_EXCEEDED: { codigo: 4, dice: 'CAIDA' },
  // The run, or the namespace. Who looks for something that may not be there asks for this one by name.
  NOT_FOUND: { codigo: 5, dice: 'FALTA' },
  ALREADY_EXISTS: { codigo: 6, dice: 'FALTA' },
  // Our credentials: they do not become valid by themselves.
  PERMISSION_DENIED: { codigo: 7, dice: 'FALTA' },
  RESOURCE_EXHAUSTED: { codigo: 8, dice: 'SATURADO' },
  // The namespace is not active in this cluster: while it fails over, nothing can be done here.
  FAILED_PRECONDITION: { codigo: 9, dice: 'CAIDA' },
  // Another call was in the way.
  ABORTED: { codigo: 10, dice: 'SATURADO' },
  OUT_OF_RANGE: { codigo: 11, dice: 'FALTA' },
  UNIMPLEMENTED: { codigo: 12, dice: 'FALTA' },
  INTERNAL: { codigo: 13, dice: 'CAIDA' },
  UNAVAILABLE: { codigo: 14, dice: 'CAIDA' },
  // What it keeps of this one run cannot be read.
  DATA_LOSS: { codigo: 15, dice: 'FALTA' },
  UNAUTHENTICATED: { codigo: 16, dice: 'FALTA' },
} as const satisfies Record<string, { codigo: number; dice: Significado }>;

export type EstadoGrpc = keyof typeof ESTADOS;

const NOMBRES = Object.keys(ESTADOS) as EstadoGrpc[];

/** The status of a failed call, also where the SDK wrapped it; null where the error is of something else. */
export function estadoGrpc(error: unknown): EstadoGrpc | null {
  if (isGrpcServiceError(error)) return estadoDeCodigo(error.code);
  const { cause } = (error ?? {}) as { cause?: unknown };
  return cause === undefined ? null : estadoGrpc(cause);
}

function estadoDeCodigo(codigo: number): EstadoGrpc {
  return NOMBRES.find((nombre) => ESTADOS[nombre].codigo === codigo) ?? 'UNKNOWN';
}

export function significadoDeCodigo(codigo: number): Significado {
  return ESTADOS[estadoDeCodigo(codigo)].dice;
}

/** Null where the error is none of a call to Temporal. */
export function significadoDe(error: unknown): Significado | null {
  const estado = estadoGrpc(error);
  return estado && ESTADOS[estado].dice;
}

/** What is to be thrown of a failed call: the part's failure where it passes by itself, else the error as it is. */
export function falloDeParte(parte: string, error: unknown): unknown {
  switch (significadoDe(error)) {
    case 'CAIDA':
    case 'CORTADA':
      return new ServicioNoDisponible(parte, { cause: error });
    case 'SATURADO':
      return new ServicioSaturado(parte, { cause: error });
    case 'FALTA':
    case null:
      return error;
  }
}

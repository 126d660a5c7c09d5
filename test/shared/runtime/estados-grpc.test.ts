/** What a status of gRPC means, and which failure of a part it makes. */
import { ServiceError } from '@temporalio/client';
import { ServicioNoDisponible, ServicioSaturado } from '../../../shared/nucleo/servicio-no-disponible.ts';
import {
  estadoGrpc,
  falloDeParte,
  significadoDe,
  type EstadoGrpc,
  type Significado,
} from '../../../shared/runtime/temporal/estados-grpc.ts';

/** As gRPC raises it. */
function conEstado(code: number): Error {
  return Object.assign(new Error(`${code}`), { code, details: 'of the server', metadata: {} });
}

const TODOS: [number, EstadoGrpc, Significado][] = [
  [1, 'CANCELLED', 'CORTADA'],
  [2, 'UNKNOWN', 'CAIDA'],
  [3, 'INVALID_ARGUMENT', 'FALTA'],
  [4, 'DEADLINE_EXCEEDED', 'CAIDA'],
  [5, 'NOT_FOUND', 'FALTA'],
  [6, 'ALREADY_EXISTS', 'FALTA'],
  [7, 'PERMISSION_DENIED', 'FALTA'],
  [8, 'RESOURCE_EXHAUSTED', 'SATURADO'],
  [9, 'FAILED_PRECONDITION', 'CAIDA'],
  [10, 'ABORTED', 'SATURADO'],
  [11, 'OUT_OF_RANGE', 'FALTA'],
  [12, 'UNIMPLEMENTED', 'FALTA'],
  [13, 'INTERNAL', 'CAIDA'],
  [14, 'UNAVAILABLE', 'CAIDA'],
  [15, 'DATA_LOSS', 'FALTA'],
  [16, 'UNAUTHENTICATED', 'FALTA'],
];

it.each(TODOS)(
  'status %i is %s and means %s, also where the SDK wrapped it',
  (codigo, nombre, significado) => {
    const error = conEstado(codigo);
    const envuelto = new ServiceError('the call failed', { cause: error });

    expect([estadoGrpc(error), significadoDe(error)]).toEqual([nombre, significado]);
    expect([estadoGrpc(envuelto), significadoDe(envuelto)]).toEqual([nombre, significado]);
  },
);

it('a status that no version of gRPC knows is an outage', () => {
  expect(significadoDe(conEstado(99))).toBe('CAIDA');
});

it.each([new Error('x', { cause: new Error('y') }), 'x', null, undefined])(
  'what is of no call has no status: %p',
  (error) => {
    expect(significadoDe(error)).toBeNull();
    expect(falloDeParte('Temporal', error)).toBe(error);
  },
);

it('what passes by itself is the failure of the part, and what would come again stays as it is', () => {
  const falta = conEstado(3);

  expect(falloDeParte('Temporal', conEstado(14))).toBeInstanceOf(ServicioNoDisponible);
  expect(falloDeParte('Temporal', conEstado(14))).not.toBeInstanceOf(ServicioSaturado);
  expect(falloDeParte('Temporal', conEstado(8))).toBeInstanceOf(ServicioSaturado);
  expect(falloDeParte('Temporal', falta)).toBe(falta);
});

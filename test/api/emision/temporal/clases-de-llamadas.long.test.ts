/** A Temporal that sheds load, or answers some calls only: starts go on, and are refused for their own failures alone. */
import type { Connection } from '@temporalio/client';
import { createMotorTemporal, type MotorTemporal } from '../../../../api/emision/temporal/motor-temporal.ts';
import { ServicioNoDisponible, ServicioSaturado } from '../../../../shared/nucleo/servicio-no-disponible.ts';
import { conectarCliente, createTemporalClient } from '../../../../shared/runtime/temporal/conexion.ts';
import { CLAVES_DE_PRUEBA } from '../../../support/emision/claves-de-prueba.ts';
import { entradaDePrueba } from '../../../support/emision/entrada-de-prueba.ts';
import { ESTADO, inyectarEn, type Inyector } from '../../../support/temporal/inyector-grpc.ts';
import {
  startTemporalServer,
  type TemporalServerProcess,
} from '../../../support/temporal/temporal-server.ts';

let server: TemporalServerProcess;
let conexion: Connection;
let inyector: Inyector;
let motor: MotorTemporal;
beforeAll(async () => {
  server = await startTemporalServer();
}, 120_000);
afterAll(() => server.teardown());
beforeEach(() => {
  const direccion = { TEMPORAL_ADDRESS: server.address, TEMPORAL_NAMESPACE: 'default' };
  conexion = conectarCliente(direccion);
  inyector = inyectarEn(conexion);
  motor = createMotorTemporal(createTemporalClient(conexion, direccion, CLAVES_DE_PRUEBA.cifrado));
});
afterEach(() => conexion.close());

const nunca = new AbortController().signal;
let codigos = 0;

function iniciar(): Promise<boolean> {
  const documento = String(40_000_000 + ++codigos);
  return motor.iniciar(entradaDePrueba(`SOL-${documento}`, documento), true);
}

async function motivo(llamada: Promise<unknown>): Promise<unknown> {
  return llamada.then(
    () => 'answered',
    (error: unknown) => error,
  );
}

/** What clients that wait ask of Temporal. */
const DE_QUIEN_ESPERA = [
  'DescribeWorkflowExecution',
  'GetWorkflowExecutionHistory',
  'CountWorkflowExecutions',
];

test('starts go on while all that clients who wait ask for is shed, and some starts are at first', async () => {
  let inicios = 0;
  inyector.responder = (metodo) => {
    if (metodo === 'StartWorkflowExecution' && ++inicios % 3 === 0) return ESTADO.RESOURCE_EXHAUSTED;
    return DE_QUIEN_ESPERA.includes(metodo) ? ESTADO.RESOURCE_EXHAUSTED : undefined;
  };
  const limite = Date.now() + 4_000;
  const quienesEsperan = Array.from({ length: 6 }, (_, i) => [
    motivo(motor.enCurso(`SOL-${i}`)),
    motivo(motor.esperar(`SOL-${i}`, limite, nunca)),
  ]).flat();
  const deEntonces = await Promise.all(Array.from({ length: 9 }, iniciar));
  const motivos = await Promise.all(quienesEsperan);
  const deDespues = await Promise.all(Array.from({ length: 9 }, iniciar));

  expect([...deEntonces, ...deDespues]).toEqual(Array<boolean>(18).fill(true));
  expect(motivos.filter((uno) => uno instanceof ServicioSaturado)).toHaveLength(quienesEsperan.length);
  expect(inyector.inyectadas.filter((metodo) => metodo === 'StartWorkflowExecution').length).toBeGreaterThan(
    3,
  );
}, 30_000);

test('a start that is shed until its deadline is refused as such, and the next is tried', async () => {
  inyector.responder = () => ESTADO.RESOURCE_EXHAUSTED;
  const motivos = await Promise.all(Array.from({ length: 4 }, () => motivo(iniciar())));
  inyector.responder = () => undefined;

  expect(motivos.filter((uno) => uno instanceof ServicioSaturado)).toHaveLength(4);
  expect(await iniciar()).toBe(true);
}, 30_000);

test('where no run can be described, descriptions are refused at once, and starts go on', async () => {
  inyector.responder = (metodo) => (DE_QUIEN_ESPERA.includes(metodo) ? ESTADO.UNAVAILABLE : undefined);
  await Promise.all(Array.from({ length: 3 }, () => motivo(motor.enCurso('SOL-1'))));
  const preguntadas = inyector.inyectadas.length;

  expect(await motivo(motor.enCurso('SOL-1'))).toBeInstanceOf(ServicioNoDisponible);
  expect(inyector.inyectadas).toHaveLength(preguntadas);
  expect(await iniciar()).toBe(true);
}, 30_000);

test('where nothing can be started, starts are refused at once, and descriptions go on', async () => {
  inyector.responder = (metodo) => (metodo === 'StartWorkflowExecution' ? ESTADO.UNAVAILABLE : undefined);
  await Promise.all(Array.from({ length: 3 }, () => motivo(iniciar())));
  const preguntadas = inyector.inyectadas.length;

  expect(await motivo(iniciar())).toBeInstanceOf(ServicioNoDisponible);
  expect(inyector.inyectadas).toHaveLength(preguntadas);
  expect(await motor.enCurso('SOL-NO-HAY')).toBeNull();
}, 30_000);

test('a call that Temporal refuses as wrong is a fault of ours, and Temporal is not down for it', async () => {
  inyector.responder = () => ESTADO.INVALID_ARGUMENT;
  for (let i = 0; i < 4; i++)
    expect(await motivo(motor.enCurso('SOL-1'))).not.toBeInstanceOf(ServicioNoDisponible);
  expect(inyector.inyectadas).toHaveLength(4);
  expect(await motivo(iniciar())).not.toBeInstanceOf(ServicioNoDisponible);

  inyector.responder = () => undefined;
  expect(await iniciar()).toBe(true);
});

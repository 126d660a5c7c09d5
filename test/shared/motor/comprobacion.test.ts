/** The check of readiness, against servers that are well and one whose parts do not reach each other. */
import { COLA_EMISION } from '../../../shared/emision/contrato.ts';
import { type ChildProcess, spawn } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import { jest } from '@jest/globals';
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import { pickFreePort } from '../../../scripts/start/ports.ts';
import { createComprobacionDeTemporal } from '../../../shared/motor/comprobacion.ts';
import { conectarCliente, createTemporalClient } from '../../../shared/runtime/temporal/conexion.ts';
import { CLAVES_DE_PRUEBA } from '../../support/emision/claves-de-prueba.ts';
import { hasta } from '../../support/hasta.ts';
import { ESTADO, inyectarEn } from '../../support/temporal/inyector-grpc.ts';
import {
  startTemporalServer,
  temporalProgram,
  type TemporalServerProcess,
} from '../../support/temporal/temporal-server.ts';

const CON_IPV6 = Object.values(networkInterfaces()).some((una) =>
  una?.some(({ address }) => address === '::1'),
);

let server: TemporalServerProcess;
const abiertas: Connection[] = [];
const procesos: ChildProcess[] = [];
beforeAll(async () => {
  server = await startTemporalServer();
});
afterAll(async () => {
  await Promise.all(abiertas.map((connection) => connection.close()));
  for (const proceso of procesos) proceso.kill('SIGKILL');
  await server.teardown();
});

function clienteDe(address: string, namespace = 'default'): Client {
  const connection = Connection.lazy({ address });
  abiertas.push(connection);
  return new Client({ connection, namespace });
}

const comprobar = (client: Client, plazoMs = 2_000) => {
  const comprobacion = createComprobacionDeTemporal(client, COLA_EMISION);
  return () => client.withDeadline(Date.now() + plazoMs, comprobacion);
};

test('a server that takes a workflow is ready, asked again is ready, and keeps none', async () => {
  const client = clienteDe(server.address);
  const start = jest.spyOn(client.workflow, 'start');
  const listo = comprobar(client);

  await listo();
  await listo();

  expect(start).toHaveBeenCalledTimes(1);
  const [{ workflowId } = { workflowId: '' }] = start.mock.calls.map(([, opciones]) => opciones);
  expect(workflowId).not.toBe('');
  // Temporal deletes a little later than it says.
  const olvidada = () =>
    client.workflow
      .getHandle(workflowId)
      .describe()
      .then(
        () => false,
        (error: unknown) => error instanceof WorkflowNotFoundError,
      );
  await hasta('Temporal to forget it', olvidada, 60_000);
}, 90_000);

test('a namespace that does not exist is not ready, and the words name it', async () => {
  const listo = comprobar(clienteDe(server.address, 'sin-crear'));

  await expect(listo()).rejects.toThrow(/sin-crear/);
});

test('after an outage only a workflow that starts makes it ready again', async () => {
  const client = clienteDe(server.address);
  const listo = comprobar(client);
  await listo();

  server.signal('SIGSTOP');
  // The system stops the threads of a process one by one: the first call may still be answered.
  const falla = () =>
    listo().then(
      () => false,
      () => true,
    );
  expect(await hasta('a call to be left without an answer', falla)).toBe(true);
  server.signal('SIGCONT');

  const start = jest.spyOn(client.workflow, 'start');
  await listo();
  expect(start).toHaveBeenCalledTimes(1);
  await listo();
  expect(start).toHaveBeenCalledTimes(1);
}, 30_000);

test('a server that was ready and sheds load is ready still, and one that cannot be reached is not', async () => {
  const direccion = { TEMPORAL_ADDRESS: server.address, TEMPORAL_NAMESPACE: 'default' };
  const connection = conectarCliente(direccion);
  abiertas.push(connection);
  const inyector = inyectarEn(connection);
  const listo = comprobar(createTemporalClient(connection, direccion, CLAVES_DE_PRUEBA.cifrado));
  inyector.responder = () => ESTADO.RESOURCE_EXHAUSTED;
  await expect(listo()).rejects.toThrow();
  inyector.responder = () => undefined;
  await listo();

  inyector.responder = () => ESTADO.RESOURCE_EXHAUSTED;
  await expect(listo()).resolves.toBeUndefined();
  inyector.responder = () => ESTADO.UNAVAILABLE;
  await expect(listo()).rejects.toThrow();
}, 30_000);

(CON_IPV6 ? test : test.skip)(
  'a server whose frontend answers and whose parts do not reach each other is not ready',
  async () => {
    const [port, uiPort] = [await pickFreePort('::1'), await pickFreePort('::1')];
    const args = ['server', 'start-dev', '--ip', '::1', '--port', String(port), '--ui-port', String(uiPort)];
    procesos.push(spawn(await temporalProgram(), args, { stdio: 'ignore' }));
    const client = clienteDe(`[::1]:${port}`);
    const responde = () =>
      client
        .withDeadline(Date.now() + 1_000, () => client.workflowService.getSystemInfo({}))
        .then(
          () => true,
          () => false,
        );
    await hasta('its frontend to answer', responde);

    await expect(comprobar(client)()).rejects.toThrow();
    expect(await responde()).toBe(true);
  },
  60_000,
);

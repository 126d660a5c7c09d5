/** A start whose answer hangs on the API's connection to Temporal keeps no other from being compared and started. */
// eslint-disable-next-line no-restricted-imports -- for the one moment below
import { setTimeout as pausa } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { TEMPORAL_RECIENTE_MS } from '../../../shared/nucleo/plazos.ts';
import { PuertaDeTemporal } from '../../support/servidores/puerta-de-temporal.ts';
import { startPostgres } from '../../../scripts/topology/postgres.ts';
import { Stack, solicitudNueva } from '../../support/servidores/stack.ts';
import { temporalServer } from '../../support/temporal/temporal-server.ts';

jest.setTimeout(120_000);

let puerta: PuertaDeTemporal;
let stack: Stack;
beforeAll(async () => {
  const [temporal, postgres] = await Promise.all([temporalServer(), startPostgres()]);
  puerta = await PuertaDeTemporal.abrir(temporal.address);
  const teardown = async () => {
    await puerta.detener();
    await temporal.teardown();
  };
  stack = await Stack.start(
    {},
    { servidores: { temporal: { address: puerta.direccion, teardown }, postgres } },
  );
}, 180_000);
afterAll(() => stack.stop());

test('the next request is started though nothing comes back over that connection', async () => {
  puerta.cerrar('DETENIDA', 'RESPUESTA');
  const detenida = stack.emitir(solicitudNueva('DETENIDA'));
  await stack.hasta('the answer to be held', () => Promise.resolve(puerta.hayQuienEspere('DETENIDA')));
  // What was compared a moment ago is not compared again, and nothing tells when a moment is over.
  await pausa(2 * TEMPORAL_RECIENTE_MS);

  const siguiente = stack.emitir(solicitudNueva('SIGUIENTE'));

  await stack.hasta('it to be issued', async () => (await stack.emisiones('SIGUIENTE')).emisiones === 1);
  puerta.abrir();
  await Promise.all([detenida, siguiente]);
  for (const codigo of ['DETENIDA', 'SIGUIENTE']) {
    await stack.hastaEstado(codigo, 'COMPLETADO');
    expect(await stack.emisiones(codigo)).toMatchObject({ emisiones: 1, certificados: 3 });
  }
});

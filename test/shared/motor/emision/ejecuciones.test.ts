/** What a real Temporal lists of the issuances that are open. */
import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { COLA_EMISION, WORKFLOW_EMISION, workflowId } from '../../../../shared/emision/contrato.ts';
import {
  createListaDeAbiertas,
  createListaDeCerradas,
} from '../../../../shared/motor/emision/ejecuciones.ts';
import { callarAlSdk } from '../../../support/temporal/sdk-callado.ts';
import { temporalServer } from '../../../support/temporal/temporal-server.ts';
import { hasta } from '../../../support/hasta.ts';

let entorno: Awaited<ReturnType<typeof temporalServer>>;
let client: Client;
beforeAll(async () => {
  callarAlSdk();
  entorno = await temporalServer();
  client = new Client({ connection: entorno.connection });
}, 120_000);
afterAll(() => entorno.teardown());

/** No worker serves it: it stays open. */
async function abrir(tipo: string): Promise<string> {
  const codigo = `SOL-${randomUUID().slice(0, 8)}`;
  await client.workflow.start(tipo, { workflowId: workflowId(codigo), taskQueue: COLA_EMISION, args: [] });
  return codigo;
}

async function paginas<P extends { siguiente: string | null }>(
  lista: (pagina: string | null) => Promise<P>,
): Promise<P[]> {
  const leidas = [await lista(null)];
  for (let ultima = leidas.at(-1); ultima?.siguiente; ultima = leidas.at(-1))
    leidas.push(await lista(ultima.siguiente));
  return leidas;
}

const codigosDe = (leidas: { ejecuciones: { codigo: string }[] }[]) =>
  leidas.flatMap(({ ejecuciones }) => ejecuciones.map(({ codigo }) => codigo));

it('the open ones, paused ones too, and the closed ones are listed apart, page by page, without other workflows', async () => {
  const abiertas = [
    await abrir(WORKFLOW_EMISION),
    await abrir(WORKFLOW_EMISION),
    await abrir(WORKFLOW_EMISION),
  ];
  const cerrada = await abrir(WORKFLOW_EMISION);
  await abrir('otroWorkflow');
  await entorno.connection.workflowService.pauseWorkflowExecution({
    namespace: 'default',
    workflowId: workflowId(abiertas[0] ?? ''),
    reason: 'una prueba',
    requestId: randomUUID(),
  });
  await client.workflow.getHandle(workflowId(cerrada)).terminate();
  const cerradas = async () =>
    codigosDe(await paginas((pagina) => createListaDeCerradas(client)(null, pagina)));
  // The lists lag behind.
  await hasta('the closed one to be listed', async () => (await cerradas()).length > 0);
  await hasta('the open ones to be listed', async () => {
    const [primera] = await paginas(createListaDeAbiertas(client));
    return primera?.ejecuciones.length === 3;
  });

  const leidas = await paginas(createListaDeAbiertas(client, 2));

  expect(leidas.map(({ ejecuciones }) => ejecuciones.length).slice(0, 2)).toEqual([2, 1]);
  expect(codigosDe(leidas).sort()).toEqual([...abiertas].sort());
  expect(await cerradas()).toEqual([cerrada]);
  expect(
    await createListaDeCerradas(client)(new Date(Date.now() + 60_000).toISOString(), null),
  ).toMatchObject({
    ejecuciones: [],
  });
});

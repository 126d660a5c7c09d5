/** What a real Temporal lists of the issuances that are open. */
import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { COLA_EMISION, WORKFLOW_EMISION, workflowId } from '../../../../shared/emision/contrato.ts';
import {
  createListaDeAbiertas,
  createListaDeEjecuciones,
} from '../../../../shared/motor/emision/ejecuciones.ts';
import { callarAlSdk } from '../../../support/temporal/entorno-de-prueba.ts';
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

it('open issuances are listed page by page, each once, without those that closed and without other workflows', async () => {
  const abiertas = [
    await abrir(WORKFLOW_EMISION),
    await abrir(WORKFLOW_EMISION),
    await abrir(WORKFLOW_EMISION),
  ];
  const cerrada = await abrir(WORKFLOW_EMISION);
  await abrir('otroWorkflow');
  await client.workflow.getHandle(workflowId(cerrada)).terminate();
  // The list lags behind: it shows all four, the last of them closed, before it is read in pages.
  await hasta('three open and one closed on the list', async () => {
    const { ejecuciones } = await createListaDeEjecuciones(client)(null, null);
    return ejecuciones.filter(({ abierta }) => abierta).length === 3 && ejecuciones.length === 4;
  });

  const leidas = await paginas(createListaDeAbiertas(client, 2));

  expect(leidas.map(({ codigos }) => codigos.length).slice(0, 2)).toEqual([2, 1]);
  expect(leidas.flatMap(({ codigos }) => codigos).sort()).toEqual([...abiertas].sort());
});

/** Runs begin whatever Temporal knows of search attributes: on a real server, some of which know none. */
import type { SearchAttributePair } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { atributosDeInicio } from '../../../shared/emision/atributos.ts';
import { createConAtributos } from '../../../shared/motor/atributos.ts';
import { entradaDePrueba } from '../../support/emision/entrada-de-prueba.ts';
import { temporalServer } from '../../support/temporal/temporal-server.ts';

const CONOCIDOS = atributosDeInicio(entradaDePrueba());
const DESCONOCIDOS: SearchAttributePair[] = [{ key: { name: 'Ninguno', type: 'KEYWORD' }, value: 'x' }];

let temporal: TestWorkflowEnvironment;
beforeAll(async () => {
  temporal = await temporalServer();
}, 120_000);
afterAll(() => temporal.teardown());

let ahoraMs = 0;
let avisos: string[];
let intentos: number;
let empezarCon: (atributos: SearchAttributePair[]) => Promise<Record<string, unknown>>;

beforeEach(() => {
  avisos = [];
  intentos = 0;
  const conAtributos = createConAtributos(
    { warn: (_datos: unknown, palabras?: string) => void avisos.push(String(palabras)) },
    () => ahoraMs,
  );
  empezarCon = async (atributos) => {
    const handle = await conAtributos(atributos, (opciones) => {
      intentos += 1;
      return temporal.client.workflow.start('x', {
        ...opciones,
        workflowId: `sin-worker/${String(avisos.length)}/${String(intentos)}/${String(Math.random())}`,
        taskQueue: 'sin-worker',
      });
    });
    const { typedSearchAttributes } = await handle.describe();
    return Object.fromEntries(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]));
  };
});

it('begins with the attributes that Temporal knows', async () => {
  expect(await empezarCon(CONOCIDOS)).toEqual({ Oficina: 'LIMA-CENTRO', Canal: 'PRESENCIAL', Generacion: 1 });
  expect(avisos).toEqual([]);
});

it('begins without those that it does not know, says so, and tries them again a minute later', async () => {
  expect(await empezarCon(DESCONOCIDOS)).toEqual({});
  expect([intentos, avisos]).toEqual([2, [expect.stringContaining('namespace.sh')]]);

  ahoraMs += 59_000;
  expect(await empezarCon(CONOCIDOS)).toEqual({});
  expect(intentos).toBe(3);

  ahoraMs += 2_000;
  expect(await empezarCon(CONOCIDOS)).toHaveProperty('Oficina');
  expect([intentos, avisos.length]).toEqual([4, 1]);
});

it('leaves any other refusal to its caller', async () => {
  const conAtributos = createConAtributos();
  await expect(
    conAtributos(CONOCIDOS, () => temporal.client.workflow.getHandle('no-hay').describe()),
  ).rejects.toThrow(/not found/i);
});

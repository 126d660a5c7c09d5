/** What a run is found by in Temporal, and what it tells whoever opens it there: true over its life, on the server of `npm start`. */
import { Client, type WorkflowHandle } from '@temporalio/client';
import { ATRIBUTOS, atributosDeInicio } from '../../../shared/emision/atributos.ts';
import {
  COLA_EMISION,
  type RespuestaPaso1,
  type RespuestaPaso2,
  SENAL_INTENTO_FALLIDO,
  WORKFLOW_EMISION,
  workflowId,
} from '../../../shared/emision/contrato.ts';
import { createMotorTemporal } from '../../../api/emision/temporal/motor-temporal.ts';
import { concedido, FakeActividades, PASOS } from '../../support/emision/fake-actividades.ts';
import { hasta } from '../../support/hasta.ts';
import { PASO_1, PASO_2 } from '../../support/registro/fake-registro.ts';
import {
  BancoDeEmision,
  detenida,
  falloDeActividad,
  lanzar,
} from '../../support/temporal/banco-de-emision.ts';
import { conPki, pkiFallo } from '../../support/temporal/con-pki.ts';
import { temporalServer } from '../../support/temporal/temporal-server.ts';

let banco: BancoDeEmision;
beforeAll(async () => {
  banco = await BancoDeEmision.abrir(temporalServer);
}, 120_000);
afterAll(() => banco.cerrar());

/** Begun as the API begins it. */
function iniciar(actividades: FakeActividades) {
  return banco.iniciarComo(actividades, (codigo, entrada) =>
    banco.entorno.client.workflow.start(WORKFLOW_EMISION, {
      workflowId: workflowId(codigo),
      taskQueue: COLA_EMISION,
      args: [entrada],
      typedSearchAttributes: atributosDeInicio(entrada),
    }),
  );
}

/** By name, as Temporal holds them. */
async function atributosDe(handle: WorkflowHandle): Promise<Record<string, unknown>> {
  const { typedSearchAttributes } = await handle.describe();
  return Object.fromEntries(
    typedSearchAttributes
      .getAll()
      .map(({ key, value }) => [key.name, value] as const)
      // Not Temporal's own.
      .filter(([nombre]) => nombre in ATRIBUTOS),
  );
}

const DE_INICIO = { Oficina: 'LIMA-CENTRO', Canal: 'PRESENCIAL', Generacion: 1 };

/** What Temporal's UI, which has no key, shows first of a run. */
async function detallesDe({ workflowId }: WorkflowHandle): Promise<string> {
  const sinClaves = new Client({ connection: banco.entorno.client.connection });
  const { currentDetails } = await sinClaves.workflow
    .getHandle(workflowId)
    .query<{ currentDetails: string }>('__temporal_workflow_metadata');
  return currentDetails;
}

/** A PKI that fails once, and whose next attempt is held until it is let go. */
function fallaUnaVez() {
  const { promise: suelta, resolve: soltar } = Promise.withResolvers<undefined>();
  let intentos = 0;
  const actividades = conPki({
    async generarNumerosSolicitud() {
      intentos += 1;
      if (intentos === 1) throw pkiFallo('PKI_NO_DISPONIBLE');
      await suelta;
      return PASO_1;
    },
  });
  return {
    actividades,
    soltar: () => {
      soltar(undefined);
    },
  };
}

it('a healthy issuance is found by where it came from, and changes nothing of that', async () => {
  const ejecucion = await iniciar(new FakeActividades());
  await ejecucion.resultado();

  expect(await atributosDe(ejecucion.handle)).toEqual(DE_INICIO);
  const { events } = await ejecucion.handle.fetchHistory();
  expect(events?.filter((uno) => uno.upsertWorkflowSearchAttributesEventAttributes)).toEqual([]);
});

it('an issuance whose step fails tells the step, the failure and the next attempt, and no more once it went well', async () => {
  const { actividades, soltar } = fallaUnaVez();
  const ejecucion = await iniciar(actividades);
  const { handle } = ejecucion;

  await hasta('the run to be found by its failure', async () => 'TipoError' in (await atributosDe(handle)));
  expect(await atributosDe(handle)).toEqual({ ...DE_INICIO, TipoError: 'PKI_NO_DISPONIBLE', Paso: 1 });
  const detalles = await detallesDe(handle);
  expect(detalles).toMatch(
    /^\*\*EN_PROCESO, paso 1 de 2\*\*\n\nEl intento 1 del paso 1 falló\. `PKI_NO_DISPONIBLE`: La PKI no está/,
  );
  expect(detalles).toMatch(/Próximo intento: \d{4}-\d\d-\d\dT[\d:.]+Z/);

  soltar();
  await ejecucion.resultado();
  expect(await atributosDe(handle)).toEqual(DE_INICIO);
  expect(await detallesDe(handle)).toMatch(/^\*\*COMPLETADO\*\*\n\n\| Paso/);
});

it('an issuance that fails is found by how, at which step, and whether it is uncertain', async () => {
  const ejecucion = await iniciar(
    new FakeActividades({
      generarCertificadoDigitalDniE: lanzar(falloDeActividad('TIEMPO_PKI_AGOTADO', { nonRetryable: true })),
      registrarFallo: (_entrada, fallo) => ({
        tipo: 'FALLIDO',
        fallo: fallo as never,
        pasosProceso: PASOS.enPaso2,
        resultadoIncierto: true,
      }),
    }),
  );
  await ejecucion.fallo();

  expect(await atributosDe(ejecucion.handle)).toEqual({
    ...DE_INICIO,
    TipoError: 'TIEMPO_PKI_AGOTADO',
    Paso: 2,
    Incierto: true,
  });
  expect(await detallesDe(ejecucion.handle)).toMatch(
    /^\*\*FALLIDO\*\*\n\nFalló en el paso 2\. `TIEMPO_PKI_AGOTADO`: .+\n\n\*\*Resultado incierto\*\*/,
  );
});

it('an issuance that begins while the PKI fails repeatedly says that it waits for it', async () => {
  const paso = detenida<RespuestaPaso1>();
  const ejecucion = await iniciar(
    new FakeActividades({
      registrarSolicitud: () => concedido(PASOS.enPaso1, { retenida: true }),
      generarNumerosSolicitud: paso.actividad,
    }),
  );
  await paso.llamada;
  expect(await detallesDe(ejecucion.handle)).toMatch(/paso 1 de 2\*\*\n\nLa PKI falla repetidamente: /);
  paso.seguir(PASO_1);
  await ejecucion.resultado();
});

it('a run that was begun without search attributes gets none', async () => {
  const ejecucion = await banco.iniciar(
    new FakeActividades({
      generarNumerosSolicitud: lanzar(falloDeActividad('CIUDADANO_NO_ENCONTRADO', { nonRetryable: true })),
    }),
  );
  await ejecucion.fallo();
  expect(await atributosDe(ejecucion.handle)).toEqual({});
});

describe('what is told a run and is no account of an attempt', () => {
  it.each([
    [
      'in clear, by somebody without a key',
      'EN_CLARO',
      { paso: 1, intento: 99, tipoError: 'PKI_NO_DISPONIBLE' },
    ],
    ['sealed for the run, and something else', 'SELLADO', { solicitud: {} }],
  ])('%s changes nothing', async (_como, sello, aviso) => {
    const paso = detenida<RespuestaPaso2>();
    const ejecucion = await iniciar(new FakeActividades({ generarCertificadoDigitalDniE: paso.actividad }));
    await paso.llamada;
    const { client } = banco.entorno;
    const deFuera = sello === 'EN_CLARO' ? new Client({ connection: client.connection }) : client;
    await deFuera.workflow.getHandle(ejecucion.handle.workflowId).signal(SENAL_INTENTO_FALLIDO, aviso);
    paso.seguir(PASO_2);
    await ejecucion.resultado();
    const { events } = await ejecucion.handle.fetchHistory();
    expect(events?.some((uno) => uno.workflowExecutionSignaledEventAttributes)).toBe(true);
    expect(await atributosDe(ejecucion.handle)).toEqual(DE_INICIO);
  });
});

it('offices and channels of the longest and widest letters begin a run all the same', async () => {
  const ancha = '𝕃'.repeat(50);
  const ejecucion = await banco.iniciarComo(new FakeActividades(), (codigo, entrada) => {
    const contexto = { ...entrada.contexto, oficinaEjecucion: ancha, canal: ancha };
    return createMotorTemporal(banco.entorno.client)
      .iniciar({ ...entrada, contexto }, true)
      .then(() => banco.entorno.client.workflow.getHandle(workflowId(codigo)));
  });

  expect(await atributosDe(ejecucion.handle)).toMatchObject({ Oficina: ancha, Canal: ancha });
  const { summary } = (await ejecucion.handle.describe()).raw.executionConfig?.userMetadata ?? {};
  expect(Buffer.from(summary?.data ?? []).length).toBeLessThan(400);
});

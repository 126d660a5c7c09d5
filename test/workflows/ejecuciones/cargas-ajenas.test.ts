/** What somebody without our keys puts in the place of an input, a result or a failure, on Temporal's own server. */
import { randomUUID } from 'node:crypto';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { COLA_EMISION, WORKFLOW_EMISION, workflowId } from '../../../shared/emision/contrato.ts';
import { RESULTADOS_AJENOS_MAX } from '../../../shared/emision/plazos.ts';
import { concedido, FakeActividades, PASOS, RESULTADO } from '../../support/emision/fake-actividades.ts';
import { createCodecAnterior } from '../../support/emision/codec-anterior.ts';
import { CLAVES_DE_PRUEBA } from '../../support/emision/claves-de-prueba.ts';
import { PASO_1, PASO_2 } from '../../support/registro/fake-registro.ts';
import { temporalServer } from '../../support/temporal/temporal-server.ts';
import { BancoDeEmision, detenida } from '../../support/temporal/banco-de-emision.ts';
import { contarAjenos } from '../../support/temporal/falsario.ts';

const NAMESPACE = 'default';
const SIN_RESPUESTA = { tipo: 'SIN_RESPUESTA' };
const DETALLES = { definition: { queryDefinitions: [] }, currentDetails: '' };
const enSeguida = { plazos: { intentoMs: 1 } };

let banco: BancoDeEmision;
/** Reaches Temporal, and has no key. */
let falsario: Client;
beforeAll(async () => {
  banco = await BancoDeEmision.abrir(() => temporalServer());
  falsario = new Client({ connection: banco.entorno.connection });
}, 120_000);
afterAll(() => banco.cerrar());

function enClaro(valor: unknown): Payload[] {
  return [defaultPayloadConverter.toPayload(valor)];
}

/** With the mark by which the codec tells what the version before sealed. */
function conMarcaDeAntes(valor: unknown): Payload {
  const { metadata, data } = defaultPayloadConverter.toPayload(valor);
  return { metadata: { ...metadata, 'sealed-without-place': new Uint8Array([1]) }, data: data ?? null };
}

async function iniciarComoFalsario(codigo: string, payloads: Payload[]): Promise<WorkflowHandle> {
  await falsario.workflowService.startWorkflowExecution({
    namespace: NAMESPACE,
    workflowId: workflowId(codigo),
    workflowType: { name: WORKFLOW_EMISION },
    taskQueue: { name: COLA_EMISION },
    input: { payloads },
    requestId: randomUUID(),
  });
  return banco.entorno.client.workflow.getHandle(workflowId(codigo));
}

/** As Temporal keeps the input of a run of ours. */
async function entradaDe(handle: WorkflowHandle): Promise<Payload[]> {
  const { events } = await handle.fetchHistory();
  return events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
}

describe('a run of the version before, which bound no seal to a place', () => {
  const codec = createCodecAnterior(CLAVES_DE_PRUEBA.cifrado);
  const sellar = async (valor: unknown) => codec.encode(enClaro(valor));

  it('goes on from its input and from what its activities answered', async () => {
    const lenta = detenida<typeof PASO_2>();
    const actividades = new FakeActividades({
      registrarNumerosSolicitud: () => concedido(PASOS.enPaso2, enSeguida),
      generarCertificadoDigitalDniE: lenta.actividad,
    });
    const ejecucion = await banco.iniciarComo(actividades, async (codigo, entrada) =>
      iniciarComoFalsario(codigo, await sellar(entrada)),
    );
    const { handle } = ejecucion;
    await lenta.llamada;
    const { pendingActivities } = (await handle.describe()).raw;

    await falsario.workflowService.respondActivityTaskCompletedById({
      namespace: NAMESPACE,
      workflowId: handle.workflowId,
      activityId: pendingActivities?.[0]?.activityId ?? '',
      result: { payloads: await sellar(PASO_2) },
    });

    expect((await ejecucion.resultado()).estado).toBe('COMPLETADO');
    expect(actividades.argumentosDe('compararYRegistrarEmision')[0]?.[1]).toEqual(PASO_2);
    lenta.seguir(PASO_2);
  });
});

describe('a run that a forger starts', () => {
  it('with the input of another issuance that the version before sealed, without a place, is turned away too', async () => {
    const sellar = createCodecAnterior(CLAVES_DE_PRUEBA.cifrado);
    const actividades = new FakeActividades();
    const propia = await banco.iniciar(actividades);
    await propia.resultado();
    const antes = actividades.llamadas.length;

    const handle = await iniciarComoFalsario(
      `F-${randomUUID().slice(0, 8)}`,
      await sellar.encode(enClaro(propia.entrada)),
    );

    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'EJECUCION_AJENA' } });
    expect(actividades.llamadas).toHaveLength(antes);
    expect((await handle.fetchHistory()).events?.length).toBeLessThanOrEqual(6);
  });

  it.each<[string, (entrada: object, propia: Payload[]) => Payload[]]>([
    ['the whole input in clear', (entrada) => enClaro(entrada)],
    ['the sealed input of another issuance', (_entrada, ajena) => ajena],
    ['a text as operators read them', () => enClaro('▸ Paso 1')],
    ['null', () => enClaro(null)],
    ['nothing', () => []],
  ])('with %s is turned away before it does anything', async (_nombre, brindar) => {
    const actividades = new FakeActividades();
    const propia = await banco.iniciar(actividades);
    await propia.resultado();
    const antes = actividades.llamadas.length;

    const handle = await iniciarComoFalsario(
      `F-${randomUUID().slice(0, 8)}`,
      brindar(propia.entrada, await entradaDe(propia.handle)),
    );

    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'EJECUCION_AJENA' } });
    expect(actividades.llamadas).toHaveLength(antes);
    // Closed as Failed and with few events: the codigo may run, and nothing is read of it.
    expect((await handle.fetchHistory()).events?.length).toBeLessThanOrEqual(6);
  });
});

describe.each([1, 2] as const)('step %i that a forger ends', (paso) => {
  const actividad = paso === 1 ? 'generarNumerosSolicitud' : 'generarCertificadoDigitalDniE';
  const escritura = paso === 1 ? 'registrarNumerosSolicitud' : 'compararYRegistrarEmision';
  const hecho =
    paso === 1 ? concedido(PASOS.enPaso2, enSeguida) : { tipo: 'COMPLETADO', resultado: RESULTADO };

  /** One whose step is under way at the PKI; the register has no answer of it the first time. */
  async function enElPaso() {
    const lenta = detenida<typeof PASO_1 | typeof PASO_2>();
    let llamadas = 0;
    let escrituras = 0;
    const actividades = new FakeActividades({
      registrarSolicitud: () => concedido(PASOS.enPaso1, enSeguida),
      registrarNumerosSolicitud: () => concedido(PASOS.enPaso2, enSeguida),
      [actividad]: () => (++llamadas === 1 ? lenta.actividad() : paso === 1 ? PASO_1 : PASO_2),
      [escritura]: () => (++escrituras === 1 ? SIN_RESPUESTA : hecho),
    });
    const ejecucion = await banco.iniciar(actividades);
    await lenta.llamada;
    const { pendingActivities } = (await ejecucion.handle.describe()).raw;
    return {
      ejecucion,
      actividades,
      lugar: {
        namespace: NAMESPACE,
        workflowId: ejecucion.handle.workflowId,
        activityId: pendingActivities?.[0]?.activityId ?? '',
      },
      soltar: () => {
        lenta.seguir(PASO_1);
      },
    };
  }

  it.each<[string, (handle: WorkflowHandle) => Payload[] | Promise<Payload[]>]>([
    ['an empty set in clear', () => enClaro({ certificados: [] })],
    ['the set in clear', () => enClaro(PASO_2)],
    ['the sealed input of the same run', entradaDe],
    ['null in clear', () => enClaro(null)],
    ['a text as operators read them', () => enClaro('▸ Paso 1')],
    ['a run’s details as the UI reads them', () => enClaro(DETALLES)],
  ])('with %s brings nothing, and is asked again', async (_nombre, brindar) => {
    const { ejecucion, actividades, lugar, soltar } = await enElPaso();

    await falsario.workflowService.respondActivityTaskCompletedById({
      ...lugar,
      result: { payloads: await brindar(ejecucion.handle) },
    });

    expect((await ejecucion.resultado()).estado).toBe('COMPLETADO');
    expect(actividades.argumentosDe(escritura)[0]?.[1]).toBeNull();
    expect(actividades.argumentosDe(actividad)).toHaveLength(2);
    soltar();
  });

  it.each([
    ['CIUDADANO_NO_ENCONTRADO', null],
    ['CIUDADANO_NO_ENCONTRADO', conMarcaDeAntes('▸ Paso 1')],
    ['CIUDADANO_NO_ENCONTRADO', conMarcaDeAntes({ message: 'x', type: 'CIUDADANO_NO_ENCONTRADO' })],
    ['CLI', null],
    ['FALLO_AJENO', null],
  ])(
    'with a failure in clear (%s, %#) has not failed, and is asked again',
    async (type, encodedAttributes) => {
      const { ejecucion, actividades, lugar, soltar } = await enElPaso();

      await falsario.workflowService.respondActivityTaskFailedById({
        ...lugar,
        failure: { message: 'x', encodedAttributes, applicationFailureInfo: { type, nonRetryable: true } },
      });

      expect((await ejecucion.resultado()).estado).toBe('COMPLETADO');
      expect(actividades.argumentosDe('registrarFallo')).toEqual([]);
      soltar();
    },
  );

  it.each<[string, object]>([
    ['a failure', { applicationFailureInfo: { type: 'CIUDADANO_NO_ENCONTRADO', nonRetryable: true } }],
    ['a cancel that nobody asked for', { canceledFailureInfo: {} }],
  ])('with %s has not failed, is asked again, and is counted', async (_nombre, failure) => {
    const { ejecucion, actividades, lugar, soltar } = await enElPaso();

    const contadas = await contarAjenos(banco.metricas, 'FALLO_AJENO', async () => {
      await falsario.workflowService.respondActivityTaskFailedById({
        ...lugar,
        failure: { message: 'x', ...failure },
      });
      expect((await ejecucion.resultado()).estado).toBe('COMPLETADO');
    });

    expect([actividades.argumentosDe('registrarFallo'), contadas]).toEqual([[], 1]);
    soltar();
  });

  it('again and again fails the issuance, and says why', async () => {
    const actividades = new FakeActividades({
      registrarSolicitud: () => concedido(PASOS.enPaso1, enSeguida),
      registrarNumerosSolicitud: () => concedido(PASOS.enPaso2, enSeguida),
      [escritura]: () => SIN_RESPUESTA,
    });

    const fallo = await (await banco.iniciar(actividades)).fallo();

    expect(fallo).toMatchObject({ tipo: 'RESULTADO_AJENO', paso });
    expect(actividades.argumentosDe(actividad)).toHaveLength(RESULTADOS_AJENOS_MAX);
  });
});

/** What a closed run tells of itself, read from histories that Temporal's own server recorded. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  ApplicationFailure,
  defaultPayloadConverter,
  type LoadedDataConverter,
  type SerializationContext,
} from '@temporalio/common';
import {
  encodeErrorToFailure,
  encodeToPayloadsWithContext,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import { Client, Connection } from '@temporalio/client';
import { workflowId, type Paso } from '../../../../shared/emision/contrato.ts';
import { HistoriaIlegible, type HistoriaDeRun } from '../../../../shared/motor/emision/motor.ts';
import { interpretarHistoria, type LugarDeRun } from '../../../../shared/motor/emision/historia.ts';
import { createCifrado } from '../../../../shared/runtime/claves/cifrado.ts';
import { createDataConverter } from '../../../../shared/runtime/temporal/codec.ts';
import { CLAVES_DE_PRUEBA } from '../../../support/emision/claves-de-prueba.ts';
import { PASO_1, PASO_2 } from '../../../support/registro/fake-registro.ts';
import { deJson, type Historia } from '../../../support/temporal/historia-en-archivo.ts';

type Evento = NonNullable<Historia['events']>[number];

function eventosDe(nombre: string): Evento[] {
  const archivo = fileURLToPath(new URL(`../../../workflows/historias/${nombre}.json`, import.meta.url));
  return deJson(readFileSync(archivo, 'utf8')).events ?? [];
}

/** As a client loads it. */
function converterCon(cifrado = CLAVES_DE_PRUEBA.cifrado): LoadedDataConverter {
  const connection = Connection.lazy();
  return new Client({ connection, dataConverter: createDataConverter(cifrado) }).options.loadedDataConverter;
}

function lugarDe(codigo: string): LugarDeRun {
  return { namespace: 'default', workflowId: workflowId(codigo), runId: 'run-1' };
}

async function leer(nombre: string, eventos = eventosDe(nombre)): Promise<HistoriaDeRun> {
  const historia = await interpretarHistoria(lugarDe(nombre), eventos, converterCon());
  if (!historia) throw new Error(`${nombre} is closed`);
  return historia;
}

/** The history as it stood before the first event of this kind, and then terminated. */
function cortadaEn(nombre: string, atributos: keyof Evento): Evento[] {
  const eventos = eventosDe(nombre);
  const hasta = eventos.findIndex((evento) => evento[atributos]);
  expect(hasta).toBeGreaterThan(0);
  return [
    ...eventos.slice(0, hasta),
    { ...eventos[hasta], [atributos]: null, workflowExecutionTerminatedEventAttributes: {} },
  ];
}

it('the history of a completed run tells its input and its result', async () => {
  const { entrada, fin, paso1, paso2, inicio, cierre, runId } = await leer('completada');

  expect(entrada.solicitud.solicitud.codigoSolicitudTramite).toBe('completada');
  expect(fin).toMatchObject({ tipo: 'COMPLETADO', resultado: { estado: 'COMPLETADO' } });
  expect([paso1.intentos, paso2.intentos]).toEqual([1, 1]);
  expect(cierre.getTime()).toBeGreaterThan(inicio.getTime());
  expect(runId).toBe('run-1');
});

it('the history of a failed run tells why', async () => {
  expect(await leer('no-encontrado')).toMatchObject({
    fin: { tipo: 'FALLIDO', fallo: { tipo: 'CIUDADANO_NO_ENCONTRADO', paso: 1 } },
    paso1: { intentos: 1 },
    paso2: { intentos: 0 },
  });
});

it('the history of a version whose answers and failures do not say whose they are tells nothing of what the steps left', async () => {
  const { paso1, paso2 } = await leer('completada');

  expect([paso1, paso2].map(({ respuesta }) => respuesta)).toEqual([null, null]);
  expect(await leer('no-encontrado')).toMatchObject({
    fin: { registrado: null },
    paso1: { respuesta: null, certeza: 'DESCONOCIDO' },
  });
});

it('the history of attempts that failed one after the other tells that any of them may have been done', async () => {
  const { paso2 } = await leer('ventana-cerrada');

  expect(paso2.intentos).toBeGreaterThan(1);
  expect(paso2).toMatchObject({ respuesta: null, certeza: 'DESCONOCIDO' });
});

it('the history of a run that was terminated while a step was under way tells that the step had begun', async () => {
  const eventos = cortadaEn('completada', 'activityTaskCompletedEventAttributes');

  expect(await leer('completada', eventos)).toMatchObject({
    fin: { tipo: 'SIN_DESENLACE' },
    paso1: { intentos: 1, respuesta: null, certeza: 'DESCONOCIDO' },
    paso2: { intentos: 0 },
  });
});

it('the history of a run that compared again what was kept tells that it sent nothing', async () => {
  expect(await leer('no-conforme-comparada-de-nuevo')).toMatchObject({
    fin: { tipo: 'FALLIDO', fallo: { tipo: 'CERTIFICADO_NO_CONFORME', paso: 2 } },
    paso1: { intentos: 0 },
    paso2: { intentos: 0 },
  });
});

it('the history of an open run tells nothing', async () => {
  const eventos = eventosDe('completada').slice(0, -1);

  expect(await interpretarHistoria(lugarDe('completada'), eventos, converterCon())).toBeNull();
});

it('a history cannot be read without its key', async () => {
  const otraClave = createCifrado(`otra:${Buffer.alloc(32, 9).toString('base64')}`);

  await expect(
    interpretarHistoria(lugarDe('completada'), eventosDe('completada'), converterCon(otraClave)),
  ).rejects.toBeInstanceOf(HistoriaIlegible);
});

/** The recording, with an attribute of its first event of this kind changed. */
function alterada(nombre: string, atributos: keyof Evento, cambios: object): Evento[] {
  const eventos = eventosDe(nombre);
  const cual = eventos.findIndex((evento) => evento[atributos]);
  expect(cual).not.toBe(-1);
  return eventos.map((evento, i) =>
    i === cual ? { ...evento, [atributos]: { ...(evento[atributos] as object), ...cambios } } : evento,
  );
}

const deActividad = (codigo: string): SerializationContext => ({
  type: 'activity',
  namespace: 'default',
  workflowId: workflowId(codigo),
  isLocal: false,
});
const deRun = (codigo: string): SerializationContext => ({
  type: 'workflow',
  namespace: 'default',
  workflowId: workflowId(codigo),
});

describe('what an activity answered', () => {
  const CODIGO = 'completada';
  const PROCEDENCIA = { codigoSolicitudTramite: CODIGO, generacion: 1, paso: 1, clave: 'clave' } as const;
  const leerCon = async (paso: Paso, resultado: unknown) => {
    const payloads = await encodeToPayloadsWithContext(converterCon(), deActividad(CODIGO), [resultado]);
    const eventos = alterada(CODIGO, 'activityTaskCompletedEventAttributes', { result: { payloads } });
    // The first activity that completed is that of step 1.
    const deEste = eventos.map((evento) =>
      evento.activityTaskScheduledEventAttributes?.activityType?.name === 'generarNumerosSolicitud' &&
      paso === 2
        ? {
            ...evento,
            activityTaskScheduledEventAttributes: {
              ...evento.activityTaskScheduledEventAttributes,
              activityType: { name: 'generarCertificadoDigitalDniE' },
            },
          }
        : evento,
    );
    const { paso1, paso2 } = await leer(CODIGO, deEste);
    return (paso === 1 ? paso1 : paso2).respuesta;
  };

  it('is read where it is sealed and says that it is of this work', async () => {
    expect(await leerCon(1, { ...PASO_1, procedencia: PROCEDENCIA })).toEqual(PASO_1);
    expect(await leerCon(2, { ...PASO_2, procedencia: { ...PROCEDENCIA, paso: 2 } })).toEqual(PASO_2);
  });

  it.each<[string, Paso, unknown]>([
    ['does not say of which work it is', 1, PASO_1],
    [
      'is of another codigo',
      1,
      { ...PASO_1, procedencia: { ...PROCEDENCIA, codigoSolicitudTramite: 'otra' } },
    ],
    ['is of another generation', 1, { ...PASO_1, procedencia: { ...PROCEDENCIA, generacion: 2 } }],
    ['is of the other step', 1, { ...PASO_1, procedencia: { ...PROCEDENCIA, paso: 2 } }],
    ['is no answer: a reference', 2, { codigoSolicitudTramite: CODIGO, generacion: 1, huellaSolicitud: 'x' }],
    ['is no answer: a beat', 1, { gastados: 0, envioSinAclarar: true }],
    ['is a text', 1, '▸ Paso 1'],
    ['is of another form', 1, { solicitudPkiId: 1, procedencia: PROCEDENCIA }],
    ['brings nothing', 2, { certificados: [], procedencia: { ...PROCEDENCIA, paso: 2 } }],
  ])('is none, though sealed for its place, where it %s', async (_nombre, paso, resultado) => {
    expect(await leerCon(paso, resultado)).toBeNull();
  });
});

describe('why an activity or a run failed', () => {
  const CODIGO = 'no-encontrado';
  const leerCon = async (
    atributos: 'activityTaskFailedEventAttributes' | 'workflowExecutionFailedEventAttributes',
    ...details: unknown[]
  ) => {
    const error = ApplicationFailure.create({ type: 'CIUDADANO_NO_ENCONTRADO', message: 'x', details });
    const lugar = atributos === 'activityTaskFailedEventAttributes' ? deActividad(CODIGO) : deRun(CODIGO);
    const failure = await encodeErrorToFailure(converterCon(), error, lugar);
    return leer(CODIGO, alterada(CODIGO, atributos, { failure }));
  };
  const ACTIVIDAD = 'generarNumerosSolicitud';

  it.each<[string, string, object | undefined]>([
    ['DEFINITIVO', 'it is of this run and step', { runId: 'run-1', actividad: ACTIVIDAD }],
    ['DESCONOCIDO', 'it is of an earlier run', { runId: 'run-0', actividad: ACTIVIDAD }],
    [
      'DESCONOCIDO',
      'it is of the other step',
      { runId: 'run-1', actividad: 'generarCertificadoDigitalDniE' },
    ],
    ['DESCONOCIDO', 'it does not say', undefined],
  ])('settles the step as %s where %s', async (certeza, _nombre, deQuien) => {
    const historia = await leerCon('activityTaskFailedEventAttributes', ['x'], deQuien);

    expect(historia.paso1.certeza).toBe(certeza);
  });

  it('is read over a reset, whose history begins with that of the run before', async () => {
    const details = [['x'], { runId: 'run-0', actividad: ACTIVIDAD }];
    const error = ApplicationFailure.create({ type: 'CIUDADANO_NO_ENCONTRADO', message: 'x', details });
    const failure = await encodeErrorToFailure(converterCon(), error, deActividad(CODIGO));
    const eventos = alterada(CODIGO, 'activityTaskFailedEventAttributes', { failure });
    const reinicio = { workflowTaskFailedEventAttributes: { baseRunId: 'run-0', newRunId: 'run-1' } };

    const { paso1 } = await leer(CODIGO, [...eventos.slice(0, -1), reinicio, ...eventos.slice(-1)]);

    expect(paso1.certeza).toBe('DEFINITIVO');
  });

  it.each([
    ['run-1', true],
    ['run-0', false],
    [undefined, false],
  ])('tells how the register held it only in the run that it is of (%s)', async (runId, loDice) => {
    const registrado = { pasosProceso: {}, resultadoIncierto: false, ...(runId && { runId }) };
    const fallo = { tipo: 'CIUDADANO_NO_ENCONTRADO', paso: 1, detalles: [] };
    const { fin } = await leerCon('workflowExecutionFailedEventAttributes', fallo, registrado);

    expect(fin).toMatchObject({ registrado: loDice ? registrado : null });
  });
});

describe('what nobody of ours wrote', () => {
  const enClaro = (valor: unknown) => ({ payloads: [defaultPayloadConverter.toPayload(valor)] });
  const leerAlterada = (eventos: Evento[]) =>
    interpretarHistoria(lugarDe('completada'), eventos, converterCon());

  it.each<[string, object]>([
    ['in clear', enClaro({ solicitud: { solicitud: { codigoSolicitudTramite: 'completada' } } })],
    ['a text for operators', enClaro('▸ Paso 1')],
    ['null', enClaro(null)],
    ['nothing', { payloads: [] }],
  ])('is no run of ours where its input is %s', async (_nombre, input) => {
    const eventos = alterada('completada', 'workflowExecutionStartedEventAttributes', { input });

    expect(await leerAlterada(eventos)).toBeNull();
  });

  it('is no run of ours where its input is of another codigo', async () => {
    const lugar = { ...lugarDe('completada'), workflowId: workflowId('otra') };

    expect(await interpretarHistoria(lugar, eventosDe('completada'), converterCon())).toBeNull();
  });

  it.each<[string, object]>([
    ['in clear', enClaro({ certificados: [] })],
    ['null', enClaro(null)],
    ['nothing', { payloads: [] }],
  ])('is no answer, and no outcome, where a result is %s', async (_nombre, result) => {
    const delPaso = alterada('completada', 'activityTaskCompletedEventAttributes', { result });
    const delRun = alterada('completada', 'workflowExecutionCompletedEventAttributes', { result });

    expect((await leerAlterada(delPaso))?.paso1).toMatchObject({ intentos: 1, respuesta: null });
    expect((await leerAlterada(delRun))?.fin).toEqual({ tipo: 'SIN_DESENLACE' });
  });
});

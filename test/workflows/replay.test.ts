import { randomUUID } from 'node:crypto';
/** Runs that began under an earlier version go on under this one. record-histories.ts made the recordings. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeterminismViolationError } from '@temporalio/workflow';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import { Worker, type WorkflowBundle } from '@temporalio/worker';
import {
  WORKFLOW_ANOTACION,
  WORKFLOW_NUEVA_EPOCA,
  WORKFLOW_VERIFICACION,
} from '../../shared/bitacora/contrato.ts';
import { WORKFLOW_EMISION } from '../../shared/emision/contrato.ts';
import { WORKFLOW_RECIFRADO } from '../../shared/mantenimiento/recifrado.ts';
import { WORKFLOW_CONCILIACION, WORKFLOW_RETENCION } from '../../shared/emision/mantenimiento.ts';
import { WORKFLOW_REEJECUCION } from '../../shared/emision/reejecucion.ts';
import { createDataConverter } from '../../shared/runtime/temporal/codec.ts';
import {
  resumenDeEmision,
  RESUMEN_PASOS,
  RESUMEN_REEJECUCION,
} from '../../shared/emision/textos-para-operadores.ts';
import { CLAVES_DE_PRUEBA } from '../support/emision/claves-de-prueba.ts';
import { entradaDePrueba } from '../support/emision/entrada-de-prueba.ts';
import { empaquetar } from '../support/temporal/entorno-de-prueba.ts';
import { callarAlSdk } from '../support/temporal/sdk-callado.ts';
import { deJson, type Historia } from '../support/temporal/historia-en-archivo.ts';

const { EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: WORKFLOW_FALLIDO } = proto.temporal.api.enums.v1.EventType;
const CARPETA = fileURLToPath(new URL('./historias', import.meta.url));

/** Events that each recording must have. */
const FORMAS = {
  completada: ['ACTIVITY_TASK_COMPLETED', 'WORKFLOW_EXECUTION_COMPLETED'],
  'no-encontrado': ['ACTIVITY_TASK_FAILED', 'WORKFLOW_EXECUTION_FAILED'],
  reintentada: ['WORKFLOW_EXECUTION_COMPLETED'],
  'ventana-cerrada': ['ACTIVITY_TASK_COMPLETED', 'ACTIVITY_TASK_FAILED', 'WORKFLOW_EXECUTION_FAILED'],
  'ventana-cerrada-en-un-intento': ['ACTIVITY_TASK_TIMED_OUT', 'WORKFLOW_EXECUTION_FAILED'],
  'ventana-cerrada-en-actividad': [
    'ACTIVITY_TASK_COMPLETED',
    'ACTIVITY_TASK_FAILED',
    'WORKFLOW_EXECUTION_FAILED',
  ],
  'retenida-por-el-circuito': ['ACTIVITY_TASK_COMPLETED', 'WORKFLOW_EXECUTION_COMPLETED'],
  'ventana-cerrada-en-circuito': ['ACTIVITY_TASK_FAILED', 'WORKFLOW_EXECUTION_FAILED'],
  'reejecutada-desde-paso-1': ['WORKFLOW_EXECUTION_COMPLETED'],
  'reejecutada-desde-paso-2': ['WORKFLOW_EXECUTION_COMPLETED'],
  'cancelada-en-paso-1': ['WORKFLOW_EXECUTION_CANCEL_REQUESTED', 'ACTIVITY_TASK_CANCELED'],
  'cancelada-en-paso-2': [
    'WORKFLOW_EXECUTION_CANCEL_REQUESTED',
    'ACTIVITY_TASK_CANCEL_REQUESTED',
    'ACTIVITY_TASK_COMPLETED',
    'WORKFLOW_EXECUTION_FAILED',
  ],
  // A reset leaves a failed task where the run was cut.
  'reiniciada-completada': ['WORKFLOW_TASK_FAILED', 'WORKFLOW_EXECUTION_COMPLETED'],
  'reiniciada-fallida': ['WORKFLOW_TASK_FAILED', 'ACTIVITY_TASK_FAILED', 'WORKFLOW_EXECUTION_FAILED'],
  'ciudadano-ocupado': ['WORKFLOW_EXECUTION_FAILED'],
  'no-conforme': ['ACTIVITY_TASK_COMPLETED', 'WORKFLOW_EXECUTION_FAILED'],
  'no-conforme-comparada-de-nuevo': ['WORKFLOW_EXECUTION_FAILED'],
  'registro-caido': ['MARKER_RECORDED', 'TIMER_STARTED', 'TIMER_FIRED', 'WORKFLOW_EXECUTION_COMPLETED'],
  'reejecucion-masiva': [
    'CHILD_WORKFLOW_EXECUTION_COMPLETED',
    'CHILD_WORKFLOW_EXECUTION_FAILED',
    'WORKFLOW_EXECUTION_COMPLETED',
  ],
  'reintentada-con-atributos': [
    'WORKFLOW_EXECUTION_SIGNALED',
    'UPSERT_WORKFLOW_SEARCH_ATTRIBUTES',
    'WORKFLOW_EXECUTION_COMPLETED',
  ],
  'fallida-con-atributos': ['UPSERT_WORKFLOW_SEARCH_ATTRIBUTES', 'WORKFLOW_EXECUTION_FAILED'],
  'masiva-con-atributos': ['CHILD_WORKFLOW_EXECUTION_COMPLETED', 'WORKFLOW_EXECUTION_COMPLETED'],
  conciliacion: ['MARKER_RECORDED', 'ACTIVITY_TASK_COMPLETED', 'WORKFLOW_EXECUTION_COMPLETED'],
  retencion: ['ACTIVITY_TASK_COMPLETED', 'WORKFLOW_EXECUTION_COMPLETED'],
  recifrado: ['ACTIVITY_TASK_COMPLETED', 'WORKFLOW_EXECUTION_COMPLETED'],
  'verificacion-de-bitacora': ['ACTIVITY_TASK_COMPLETED', 'WORKFLOW_EXECUTION_COMPLETED'],
  'nueva-epoca-de-bitacora': ['ACTIVITY_TASK_COMPLETED', 'WORKFLOW_EXECUTION_COMPLETED'],
  'anotacion-en-bitacora': ['ACTIVITY_TASK_COMPLETED', 'WORKFLOW_EXECUTION_COMPLETED'],
};
const OTROS_WORKFLOWS: Partial<Record<keyof typeof FORMAS, string>> = {
  'reejecucion-masiva': WORKFLOW_REEJECUCION,
  'masiva-con-atributos': WORKFLOW_REEJECUCION,
  conciliacion: WORKFLOW_CONCILIACION,
  retencion: WORKFLOW_RETENCION,
  recifrado: WORKFLOW_RECIFRADO,
  'verificacion-de-bitacora': WORKFLOW_VERIFICACION,
  'nueva-epoca-de-bitacora': WORKFLOW_NUEVA_EPOCA,
  'anotacion-en-bitacora': WORKFLOW_ANOTACION,
};
const NOMBRES = Object.keys(FORMAS) as (keyof typeof FORMAS)[];

/** What the SDK notes of each local activity, the server's word on one never begun, and what operators read. */
const EN_CLARO = [
  // Of every issuance alike, before one was told from another.
  '▸ Emisión de certificados del DNIe',
  resumenDeEmision(entradaDePrueba()),
  resumenDeEmision({
    ...entradaDePrueba(),
    reejecucion: { reejecucionId: null, motivo: 'grabación', solicitadaPor: 'soporte' },
  }),
  RESUMEN_REEJECUCION,
  ...Object.values(RESUMEN_PASOS),
  'ACTIVITY_ID_NOT_STARTED',
  // Of a patch, its name.
  'id',
  'deprecated',
  'seq',
  'attempt',
  'activity_id',
  'activity_type',
  'complete_time',
  'backoff',
  'original_schedule_time',
];

function leerTexto(nombre: string): string {
  return readFileSync(join(CARPETA, `${nombre}.json`), 'utf8');
}

function leer(nombre: string): Historia {
  return deJson(leerTexto(nombre));
}

/** As it was recorded: what the run was given is sealed for it. */
function workflowIdDe(nombre: string): string {
  return leer(nombre).events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId ?? '';
}

function texto(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString('utf8');
}

type Cambio = (history: Historia) => void;

/**
 * @param cambiar what is made of each history first
 * @returns what each of these recordings meets under this workflow: an error, or nothing
 */
async function repetir(
  workflowBundle: WorkflowBundle,
  nombres: readonly (keyof typeof FORMAS)[] = NOMBRES,
  cambiar: Cambio = () => undefined,
): Promise<Map<string, Error | undefined>> {
  const repeticion = Worker.runReplayHistories(
    { workflowBundle, dataConverter: createDataConverter(CLAVES_DE_PRUEBA.cifrado) },
    nombres.map((nombre) => {
      const history = leer(nombre);
      cambiar(history);
      return { workflowId: workflowIdDe(nombre), history };
    }),
  );
  const errores = new Map<string, Error | undefined>();
  for await (const { workflowId, error } of repeticion)
    errores.set(nombres.find((nombre) => workflowIdDe(nombre) === workflowId) ?? workflowId, error);
  return errores;
}

beforeAll(callarAlSdk);

it('every recorded run goes on as it went before', async () => {
  const errores = await repetir(await empaquetar());

  expect([...errores]).toEqual(NOMBRES.map((nombre) => [nombre, undefined]));
}, 60_000);

it('what a run was told goes on in the run that a reset makes of it', async () => {
  const errores = await repetir(await empaquetar(), NOMBRES, ({ events }) => {
    const inicio = events?.[0]?.workflowExecutionStartedEventAttributes;
    if (inicio) inicio.originalExecutionRunId = randomUUID();
  });

  expect([...errores]).toEqual(NOMBRES.map((nombre) => [nombre, undefined]));
}, 60_000);

it('a run that a worker of the version before took through its failures goes on', async () => {
  let quitados = 0;
  const errores = await repetir(await empaquetar(), ['reintentada-con-atributos'], (history) => {
    const deAhora = (history.events ?? []).filter(
      ({ upsertWorkflowSearchAttributesEventAttributes: cambio, markerRecordedEventAttributes: marca }) =>
        Boolean(cambio) || marca?.markerName === 'core_patch',
    );
    quitados = deAhora.length;
    history.events = sinEventos(history.events ?? [], deAhora);
  });

  expect(quitados).toBeGreaterThan(2);
  expect([...errores]).toEqual([['reintentada-con-atributos', undefined]]);
}, 60_000);

it('a workflow that did anything else would be stopped', async () => {
  const errores = await repetir(await empaquetar(new URL('./otros-workflows.ts', import.meta.url)));

  for (const nombre of NOMBRES)
    expect([nombre, errores.get(nombre)]).toEqual([nombre, expect.any(DeterminismViolationError)]);
}, 60_000);

describe('what nobody of ours sealed', () => {
  const enClaro = defaultPayloadConverter.toPayload({ inicio: '2199-01-01T00:00:00Z' });

  /** @returns what the run meets that is replayed from this recording, changed */
  async function repetirCon(
    nombre: keyof typeof FORMAS,
    cambiar: (eventos: NonNullable<Historia['events']>) => Historia['events'],
  ): Promise<Error | undefined> {
    const errores = await repetir(await empaquetar(), [nombre], (history) => {
      history.events = cambiar(history.events ?? []) ?? [];
    });
    return errores.get(nombre);
  }

  it('as the result of a local activity ends a run at once', async () => {
    const error = await repetirCon('conciliacion', (eventos) => {
      const cual = eventos.findIndex(({ markerRecordedEventAttributes: marca }) => marca);
      const marca = eventos[cual]?.markerRecordedEventAttributes;
      if (marca?.details) marca.details = { ...marca.details, result: { payloads: [enClaro] } };
      const { eventId, eventTime } = eventos[cual] ?? {};
      return [
        ...eventos.slice(0, cual + 1),
        {
          eventId: Number(eventId) + 1,
          eventTime,
          eventType: WORKFLOW_FALLIDO,
          workflowExecutionFailedEventAttributes: {
            failure: { message: 'x' },
            workflowTaskCompletedEventId: marca?.workflowTaskCompletedEventId ?? null,
          },
        },
      ] as Historia['events'];
    });

    expect(error).toBeUndefined();
  }, 60_000);

  it('as the result of an issuance changes nothing for the bulk re-run: the register tells how it ended', async () => {
    const error = await repetirCon('reejecucion-masiva', (eventos) =>
      eventos.map((evento) => {
        const hija = evento.childWorkflowExecutionCompletedEventAttributes;
        if (hija) hija.result = { payloads: [enClaro] };
        return evento;
      }),
    );

    expect(error).toBeUndefined();
  }, 60_000);
});

describe('the recordings', () => {
  it('are all of those that are kept', () => {
    expect(readdirSync(CARPETA).sort()).toEqual(NOMBRES.map((nombre) => `${nombre}.json`).sort());
  });

  it.each(NOMBRES)('%s has the shape of its name', (nombre) => {
    const { events } = JSON.parse(leerTexto(nombre)) as { events: { eventType: string }[] };

    const tipos = events.map(({ eventType }) => eventType.replace('EVENT_TYPE_', ''));
    expect(tipos).toEqual(expect.arrayContaining(FORMAS[nombre]));
  });

  it.each(NOMBRES)('%s is of the workflow that its name says', (nombre) => {
    const inicio = leer(nombre).events?.[0]?.workflowExecutionStartedEventAttributes;

    expect(inicio?.workflowType?.name).toBe(OTROS_WORKFLOWS[nombre] ?? WORKFLOW_EMISION);
  });

  it('ciudadano-ocupado ends before it asks the PKI for anything', () => {
    const tipos = (JSON.parse(leerTexto('ciudadano-ocupado')) as { events: { eventType: string }[] }).events;

    expect(tipos.map(({ eventType }) => eventType)).not.toContain('EVENT_TYPE_ACTIVITY_TASK_SCHEDULED');
  });

  it.each<keyof typeof FORMAS>(['retenida-por-el-circuito', 'ventana-cerrada-en-circuito'])(
    '%s tells of an attempt that the circuit held back',
    (nombre) => {
      const tipos = leer(nombre).events?.flatMap(
        ({ activityTaskStartedEventAttributes: empezada, activityTaskFailedEventAttributes: fallida }) => [
          empezada?.lastFailure?.applicationFailureInfo?.type,
          fallida?.failure?.applicationFailureInfo?.type,
        ],
      );

      expect(tipos).toContain('CIRCUITO_ABIERTO');
    },
  );

  it('since the activity judges the retry window hold none of the server’s', () => {
    const ventanas = ['completada', 'ventana-cerrada-en-actividad'].map((nombre) =>
      leer(nombre).events?.flatMap(({ activityTaskScheduledEventAttributes: programada }) =>
        programada ? [Number(programada.scheduleToCloseTimeout?.seconds ?? 0)] : [],
      ),
    );

    expect(ventanas).toEqual([
      [12, 12],
      [0, 0],
    ]);
  });

  it.each(NOMBRES)('%s keeps everything encrypted but what Temporal notes and operators read', (nombre) => {
    const payloads = payloadsDe(leer(nombre).events);

    const notas = payloads
      .filter((payload) => !esAtributo(payload))
      .filter(({ metadata }) => texto(metadata?.encoding) !== 'binary/encrypted')
      .map(({ data }): unknown => JSON.parse(texto(data)));
    const palabras = notas.flatMap((nota) => (typeof nota === 'object' ? Object.keys(nota ?? {}) : [nota]));
    expect(payloads.length).toBeGreaterThan(notas.length);
    expect(EN_CLARO).toEqual(expect.arrayContaining(palabras));
  });

  it('show an operator, without any key, a summary of each call to the PKI that names no citizen', () => {
    const resumenes =
      leer('completada').events?.flatMap(({ activityTaskScheduledEventAttributes, userMetadata }) =>
        activityTaskScheduledEventAttributes
          ? [JSON.parse(texto(userMetadata?.summary?.data)) as string]
          : [],
      ) ?? [];

    expect(resumenes).toEqual(['▸ Paso 1: números de solicitud y claves', '▸ Paso 2: certificados']);
  });
});

type Eventos = NonNullable<Historia['events']>;

/** The history as it would have been without these: what follows them counts on. */
function sinEventos(eventos: Eventos, fuera: Eventos): Eventos {
  const quedan = eventos.filter((evento) => !fuera.includes(evento));
  const nuevos = new Map(quedan.map(({ eventId }, i) => [String(eventId), i + 1]));
  const renumerar = (valor: unknown): unknown => {
    if (typeof valor !== 'object' || valor === null || ArrayBuffer.isView(valor)) return valor;
    if (Array.isArray(valor)) return valor.map(renumerar);
    // A number of 64 bits.
    if ('low' in valor && 'unsigned' in valor) return valor;
    return Object.fromEntries(
      Object.entries(valor).map(([campo, miembro]) => [
        campo,
        /eventId$/i.test(campo) && nuevos.has(String(miembro))
          ? nuevos.get(String(miembro))
          : renumerar(miembro),
      ]),
    );
  };
  return quedan.map(renumerar) as Eventos;
}

/** Search attributes, which Temporal indexes, name their type. */
function esAtributo({ metadata }: Payload): boolean {
  return metadata?.type !== undefined;
}

/** Every payload of a history, wherever it stands. */
function payloadsDe(valor: unknown): Payload[] {
  if (typeof valor !== 'object' || valor === null || ArrayBuffer.isView(valor)) return [];
  if ('metadata' in valor && 'data' in valor && ArrayBuffer.isView(valor.data)) return [valor as Payload];
  return Object.values(valor).flatMap(payloadsDe);
}

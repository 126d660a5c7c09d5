import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { Registry } from 'prom-client';
import { createActividadesDeRegistro } from '../../../../activities/emision/registro/actividades-de-registro.ts';
import { createMetricasPki } from '../../../../activities/emision/pki/metricas-pki.ts';
import { procedenciaDe } from '../../../../activities/emision/entrada-propia.ts';
import {
  referenciaDe,
  type ActividadesDeRegistro,
  type Cierre,
  type Procedencia,
} from '../../../../shared/emision/contrato.ts';
import type { ResultadoEmision } from '../../../../shared/emision/emision.ts';
import { personasDe } from '../../../../shared/emision/titular.ts';
import {
  TurnoNegado,
  type Comparar,
  type EmisionRegistrada,
  type Registro,
} from '../../../../shared/registro/emision/registro.ts';
import { CLAVES_DE_PRUEBA } from '../../../support/emision/fake-claves.ts';
import { createFakeRegistro, NUMEROS, PASO_1, PASO_2 } from '../../../support/registro/fake-registro.ts';
import { entradaDePrueba, pasosCon } from '../../../workflows/entrada-de-prueba.ts';

const RUN_ID = 'run-de-prueba';
const PLAZOS = { intentoMs: 10_000 };
const ENTRADA = { ...entradaDePrueba(), inicio: '2026-11-22T10:00:00.000Z' };
const FALLO = { tipo: 'PKI_ERROR', paso: 1, detalles: ['x'] } as const;
const FALLO_RECIBIDO = { ...FALLO, detalles: [...FALLO.detalles] };
const comparar: Comparar = () => Promise.resolve({ conforme: false, faltas: [] });

const RESULTADO: ResultadoEmision = {
  estado: 'COMPLETADO',
  fechaInicio: '2026-11-22T10:00:00Z',
  fechaFin: '2026-11-22T10:00:01Z',
  pasosProceso: pasosCon('COMPLETADO', 'COMPLETADO'),
  certificados: [],
};

/** As the activity that received it tells it. */
const RESPONDIDO_1 = { ...PASO_1, procedencia: procedenciaDe(referenciaDe(ENTRADA), 1) };
const RESPONDIDO_2 = { ...PASO_2, procedencia: procedenciaDe(referenciaDe(ENTRADA), 2) };

function preparar(respuestas: Partial<Registro>) {
  const coleccionDeMetricas = new Registry();
  const registro = createFakeRegistro(respuestas);
  const actividades = createActividadesDeRegistro({
    registro,
    huella: CLAVES_DE_PRUEBA.huella,
    comparar,
    plazos: PLAZOS,
    metricas: createMetricasPki(coleccionDeMetricas),
  });
  const entorno = new MockActivityEnvironment(
    { workflowExecution: { workflowId: 'emision/SOL-1', runId: RUN_ID } },
    { logger: new DefaultLogger('ERROR') },
  );
  return {
    registro,
    actividades,
    metricas: () => coleccionDeMetricas.metrics(),
    ejecutar: <R>(llamada: () => Promise<R>): Promise<R> => entorno.run(llamada),
  };
}

/** As the register reads it: step 1 done, step 2 under way. */
function emision(): EmisionRegistrada {
  const fila = {
    codigo: 'SOL-1',
    generacion: 1,
    clave_idempotencia: 'clave',
    fecha_inicio: new Date('2026-11-22T10:00:00.123Z'),
    fecha_fin: null,
    intentos: 2,
    envios_sin_aclarar: [],
    solicitud_pki_id: null,
    numeros_solicitud: null,
  };
  return {
    codigo: 'SOL-1',
    generacion: 1,
    estado: 'EN_PROCESO',
    runId: RUN_ID,
    huellaSolicitud: ENTRADA.huellaSolicitud,
    huellaCiudadano: ENTRADA.huellaCiudadano,
    requestId: ENTRADA.contexto.requestId,
    cliente: null,
    resultadoIncierto: false,
    resolucion: null,
    reejecucionId: null,
    peticion: ENTRADA,
    ...personasDe(ENTRADA),
    fallo: null,
    registroAuditoriaId: '7',
    aceptadaEn: new Date('2026-11-22T09:59:59Z'),
    fechaInicio: new Date('2026-11-22T10:00:00.123Z'),
    fechaFin: null,
    pasos: {
      1: {
        ...fila,
        paso: 1,
        estado: 'COMPLETADO',
        fecha_fin: new Date('2026-11-22T10:00:01.999Z'),
        solicitud_pki_id: 'PKI-1',
        numeros_solicitud: NUMEROS,
      },
      2: { ...fila, paso: 2, estado: 'EN_PROCESO', intentos: 0 },
    },
  };
}

const CONCEDIDO = { tipo: 'CONCEDIDO', emision: emision(), emisionRecibida: true } as const;
const COMO_TURNO = {
  tipo: 'CONCEDIDO',
  plazos: PLAZOS,
  fechaInicio: '2026-11-22T10:00:00Z',
  pasosProceso: {
    paso1GeneracionClaves: {
      estado: 'COMPLETADO',
      fechaInicio: '2026-11-22T10:00:00Z',
      fechaFin: '2026-11-22T10:00:01Z',
      intentos: 2,
      solicitudPkiId: 'PKI-1',
    },
    paso2EmisionCertificado: {
      estado: 'EN_PROCESO',
      fechaInicio: '2026-11-22T10:00:00Z',
      fechaFin: null,
      intentos: 0,
    },
  },
  emisionRecibida: true,
};

it('the first activity registers the request as this run, and answers the turn without the citizen’s data', async () => {
  const { actividades, registro, ejecutar } = preparar({
    registrarSolicitud: () => Promise.resolve(CONCEDIDO),
  });

  const turno = await ejecutar(() => actividades.registrarSolicitud(ENTRADA));

  expect(turno).toStrictEqual(COMO_TURNO);
  expect(registro.llamadas).toEqual([{ operacion: 'registrarSolicitud', argumentos: [ENTRADA, RUN_ID] }]);
});

it('the numbers of step 1 are registered as this run’s, and the turn is answered', async () => {
  const { actividades, registro, ejecutar } = preparar({ registrarPaso1: () => Promise.resolve(CONCEDIDO) });

  const turno = await ejecutar(() => actividades.registrarNumerosSolicitud(ENTRADA, RESPONDIDO_1));

  expect(turno).toStrictEqual(COMO_TURNO);
  const traida = { respuesta: PASO_1, esDeEsteTrabajo: true };
  expect(registro.llamadas).toEqual([{ operacion: 'registrarPaso1', argumentos: [ENTRADA, RUN_ID, traida] }]);
});

it('a result that is there already is passed on', async () => {
  const yaCompletada = { tipo: 'YA_COMPLETADA', resultado: RESULTADO } as const;
  const { actividades, ejecutar } = preparar({
    registrarSolicitud: () => Promise.resolve(yaCompletada),
    registrarPaso1: () => Promise.resolve(yaCompletada),
  });

  await expect(ejecutar(() => actividades.registrarSolicitud(ENTRADA))).resolves.toEqual(yaCompletada);
  await expect(ejecutar(() => actividades.registrarNumerosSolicitud(ENTRADA, PASO_1))).resolves.toEqual(
    yaCompletada,
  );
});

it.each([
  [RESPONDIDO_2, { respuesta: PASO_2, esDeEsteTrabajo: true }, false],
  [PASO_2, { respuesta: PASO_2, esDeEsteTrabajo: false }, false],
  [null, null, true],
])(
  'what step 2 answered is recorded by the comparison that is given (%#)',
  async (paso2, traida, cancelada) => {
    const cierre: Cierre = { tipo: 'COMPLETADO', resultado: RESULTADO };
    const { actividades, registro, ejecutar, metricas } = preparar({
      concluir: () => Promise.resolve(cierre),
    });

    await expect(
      ejecutar(() => actividades.compararYRegistrarEmision(ENTRADA, paso2, cancelada)),
    ).resolves.toEqual(cierre);

    expect(registro.llamadas[0]?.argumentos).toEqual([ENTRADA, RUN_ID, traida, cancelada, comparar]);
    expect(await metricas()).toContain('emisiones_total{estado="COMPLETADO",tipo="NINGUNO"} 1');
  },
);

it('a failure is recorded, and counted as the register holds it, not as it was brought', async () => {
  const cierre: Cierre = {
    tipo: 'FALLIDO',
    fallo: { ...FALLO_RECIBIDO, tipo: 'PKI_SIN_CONEXION' },
    pasosProceso: pasosCon('FALLIDO', 'PENDIENTE'),
    resultadoIncierto: false,
  };
  const { actividades, registro, ejecutar, metricas } = preparar({ fallar: () => Promise.resolve(cierre) });

  await expect(ejecutar(() => actividades.registrarFallo(ENTRADA, FALLO_RECIBIDO))).resolves.toEqual(cierre);

  expect(registro.llamadas[0]?.argumentos).toEqual([ENTRADA, RUN_ID, FALLO_RECIBIDO]);
  expect(await metricas()).toContain('emisiones_total{estado="FALLIDO",tipo="PKI_SIN_CONEXION"} 1');
});

describe('what Temporal brought and is of other work', () => {
  const { procedencia } = RESPONDIDO_2;

  it.each<[string, Partial<Procedencia>]>([
    ['another codigo', { codigoSolicitudTramite: 'SOL-2' }],
    ['the other step', { paso: 1 }],
    ['another generation', { generacion: 2 }],
    ['another key', { clave: RESPONDIDO_1.procedencia.clave }],
  ])('is not told to the register where it is an answer under %s', async (_nombre, otra) => {
    const { actividades, registro, ejecutar } = preparar({
      registrarPaso1: () => Promise.resolve({ tipo: 'SIN_RESPUESTA' }),
      concluir: () => Promise.resolve({ tipo: 'SIN_RESPUESTA' }),
    });
    const ajena2 = { ...PASO_2, procedencia: { ...procedencia, ...otra } };
    const ajena1 = {
      ...PASO_1,
      procedencia: { ...RESPONDIDO_1.procedencia, ...otra, paso: otra.paso ? 2 : 1 },
    };

    const turno = await ejecutar(() =>
      actividades.registrarNumerosSolicitud(
        ENTRADA,
        otra.clave ? { ...PASO_1, procedencia } : (ajena1 as never),
      ),
    );
    const cierre = await ejecutar(() => actividades.compararYRegistrarEmision(ENTRADA, ajena2, false));

    expect([turno, cierre]).toEqual([{ tipo: 'SIN_RESPUESTA' }, { tipo: 'SIN_RESPUESTA' }]);
    expect(registro.llamadas.map(({ argumentos }) => argumentos[2])).toEqual([null, null]);
  });

  /** Each may stand sealed, and for this very activity: as its input, its beat, or another's answer. */
  it.each<[string, unknown]>([
    ['a text', '▸ Paso 2'],
    ['a list', []],
    ['a beat', { gastados: 0, envioSinAclarar: true }],
    ['a reference', referenciaDe(ENTRADA)],
    ['the other step’s answer', { 1: RESPONDIDO_2, 2: RESPONDIDO_1 }],
    ['members of another kind', { 1: { ...RESPONDIDO_1, numerosSolicitud: 'x' }, 2: { certificados: [{}] } }],
  ])('is not told to the register where it is %s and no answer', async (_nombre, cosa) => {
    const { actividades, registro, ejecutar } = preparar({
      registrarPaso1: () => Promise.resolve({ tipo: 'SIN_RESPUESTA' }),
      concluir: () => Promise.resolve({ tipo: 'SIN_RESPUESTA' }),
    });
    const { 1: paso1 = cosa, 2: paso2 = cosa } = cosa as Partial<Record<1 | 2, unknown>>;

    await ejecutar(() => actividades.registrarNumerosSolicitud(ENTRADA, paso1 as never));
    await ejecutar(() => actividades.compararYRegistrarEmision(ENTRADA, paso2 as never, false));

    expect(registro.llamadas.map(({ argumentos }) => argumentos[2])).toEqual([null, null]);
  });

  it.each([
    ['fewer types', PASO_1.numerosSolicitud.slice(1)],
    ['another type', [{ tipoCertificado: 'SELLO', numeroSolicitud: '1' }, ...PASO_1.numerosSolicitud]],
  ])(
    'is not told to the register where it is numbers for %s than were asked',
    async (_nombre, numerosSolicitud) => {
      const { actividades, registro, ejecutar } = preparar({
        registrarPaso1: () => Promise.resolve({ tipo: 'SIN_RESPUESTA' }),
      });

      await ejecutar(() => actividades.registrarNumerosSolicitud(ENTRADA, { ...PASO_1, numerosSolicitud }));

      expect(registro.llamadas[0]?.argumentos[2]).toBeNull();
    },
  );

  it.each<[string, unknown]>([
    ['the input of another codigo', { ...entradaDePrueba('SOL-2'), inicio: ENTRADA.inicio }],
    ['no input', undefined],
    ['a text', '▸ Paso 1'],
    ['a memo', { requestId: 'x' }],
    ['an input without a body', { ...ENTRADA, solicitud: {} }],
    ['what nobody sealed', { cargaRechazada: 'SIN_SELLO' }],
  ])('does not reach the register where it is %s', async (_nombre, brindada) => {
    const { actividades, registro, ejecutar } = preparar({});
    const entrada = brindada as typeof ENTRADA;

    for (const llamada of [
      () => actividades.registrarSolicitud(entrada),
      () => actividades.registrarNumerosSolicitud(entrada, RESPONDIDO_1),
      () => actividades.compararYRegistrarEmision(entrada, RESPONDIDO_2, false),
      () => actividades.registrarFallo(entrada, FALLO_RECIBIDO),
    ])
      await expect(ejecutar<unknown>(llamada)).rejects.toMatchObject({
        type: 'EJECUCION_AJENA',
        nonRetryable: true,
      });
    expect(registro.llamadas).toEqual([]);
  });

  it('decides no lock: the register is given the keyed hashes of the body', async () => {
    const { actividades, registro, ejecutar } = preparar({
      registrarSolicitud: () => Promise.resolve(CONCEDIDO),
    });

    await ejecutar(() =>
      actividades.registrarSolicitud({ ...ENTRADA, huellaCiudadano: 'de-otro', huellaSolicitud: 'otra' }),
    );

    expect(registro.llamadas[0]?.argumentos[0]).toEqual(ENTRADA);
  });
});

describe.each<[string, (a: ActividadesDeRegistro) => () => Promise<unknown>]>([
  ['registrarSolicitud', (a) => () => a.registrarSolicitud(ENTRADA)],
  ['registrarNumerosSolicitud', (a) => () => a.registrarNumerosSolicitud(ENTRADA, PASO_1)],
  ['compararYRegistrarEmision', (a) => () => a.compararYRegistrarEmision(ENTRADA, PASO_2, false)],
  ['registrarFallo', (a) => () => a.registrarFallo(ENTRADA, FALLO_RECIBIDO)],
])('%s', (_nombre, llamada) => {
  const queRechaza = (error: Error) => {
    const rechazar = () => Promise.reject(error);
    return preparar({
      registrarSolicitud: rechazar,
      registrarPaso1: rechazar,
      concluir: rechazar,
      fallar: rechazar,
    });
  };

  it('ends for good where the register refuses the run, for the reason that it gives', async () => {
    const { actividades, ejecutar } = queRechaza(new TurnoNegado('CIUDADANO_EN_PROCESO', 'Otra la tiene.'));

    const error: unknown = await ejecutar(llamada(actividades)).catch((motivo: unknown) => motivo);

    expect(error).toBeInstanceOf(ApplicationFailure);
    expect(error).toMatchObject({
      type: 'CIUDADANO_EN_PROCESO',
      nonRetryable: true,
      details: [['Otra la tiene.'], { runId: RUN_ID, actividad: 'unknown' }],
    });
  });

  it('leaves any other error as it is, to be tried again, and counts no outcome', async () => {
    const caida = new Error('connect ECONNREFUSED');
    const { actividades, ejecutar, metricas } = queRechaza(caida);

    await expect(ejecutar(llamada(actividades))).rejects.toBe(caida);

    expect(await metricas()).not.toContain('emisiones_total{');
  });
});

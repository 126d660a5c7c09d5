import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { Registry } from 'prom-client';
import { createActividadesDeRegistro } from '../../activities/emision/actividades-de-registro.ts';
import { createMetricasPki } from '../../activities/emision/metricas-pki.ts';
import type { ActividadesDeRegistro, Cierre } from '../../shared/emision/contrato.ts';
import type { ResultadoEmision } from '../../shared/emision/emision.ts';
import { personasDe } from '../../shared/emision/titular.ts';
import {
  TurnoNegado,
  type Comparar,
  type EmisionRegistrada,
  type Registro,
} from '../../shared/registro/registro.ts';
import { createFakeRegistro, NUMEROS, PASO_1, PASO_2 } from '../support/fake-registro.ts';
import { entradaDePrueba, pasosCon } from '../workflows/entrada-de-prueba.ts';

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

function preparar(respuestas: Partial<Registro>) {
  const registroMetricas = new Registry();
  const registro = createFakeRegistro(respuestas);
  const actividades = createActividadesDeRegistro({
    registro,
    comparar,
    plazos: PLAZOS,
    metricas: createMetricasPki(registroMetricas),
  });
  const entorno = new MockActivityEnvironment(
    { workflowExecution: { workflowId: 'emision/SOL-1', runId: RUN_ID } },
    { logger: new DefaultLogger('ERROR') },
  );
  return {
    registro,
    actividades,
    metricas: () => registroMetricas.metrics(),
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

it('registers the request as this run, and answers the turn without the citizen’s data', async () => {
  const { actividades, registro, ejecutar } = preparar({
    registrarSolicitud: () => Promise.resolve(CONCEDIDO),
  });

  const turno = await ejecutar(() => actividades.registrarSolicitud(ENTRADA));

  expect(turno).toStrictEqual(COMO_TURNO);
  expect(registro.llamadas).toEqual([{ operacion: 'registrarSolicitud', argumentos: [ENTRADA, RUN_ID] }]);
});

it('registers the numbers as this run, and answers the turn', async () => {
  const { actividades, registro, ejecutar } = preparar({ registrarPaso1: () => Promise.resolve(CONCEDIDO) });

  const turno = await ejecutar(() => actividades.registrarNumerosSolicitud(ENTRADA, PASO_1));

  expect(turno).toStrictEqual(COMO_TURNO);
  expect(registro.llamadas).toEqual([{ operacion: 'registrarPaso1', argumentos: [ENTRADA, RUN_ID, PASO_1] }]);
});

it('passes on a result that is there already', async () => {
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
  [PASO_2, false],
  [null, true],
])('records what step 2 answered, by the comparison it was given (%#)', async (paso2, cancelada) => {
  const cierre: Cierre = { tipo: 'COMPLETADO', resultado: RESULTADO };
  const { actividades, registro, ejecutar, metricas } = preparar({ concluir: () => Promise.resolve(cierre) });

  await expect(
    ejecutar(() => actividades.compararYRegistrarEmision(ENTRADA, paso2, cancelada)),
  ).resolves.toEqual(cierre);

  expect(registro.llamadas[0]?.argumentos).toEqual([ENTRADA, RUN_ID, paso2, cancelada, comparar]);
  expect(await metricas()).toContain('emisiones_total{estado="COMPLETADO",tipo="NINGUNO"} 1');
});

it('records a failure, and counts what the register holds, not what was asked of it', async () => {
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
      details: [['Otra la tiene.']],
    });
  });

  it('leaves any other error as it is, to be tried again, and counts no outcome', async () => {
    const caida = new Error('connect ECONNREFUSED');
    const { actividades, ejecutar, metricas } = queRechaza(caida);

    await expect(ejecutar(llamada(actividades))).rejects.toBe(caida);

    expect(await metricas()).not.toContain('emisiones_total{');
  });
});

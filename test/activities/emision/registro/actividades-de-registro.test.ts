/** The activities that write to the register: what they bring it, and what they pass on. */
import { ApplicationFailure } from '@temporalio/common';
import type { ActividadesDeRegistro, Cierre } from '../../../../shared/emision/contrato.ts';
import type { ResultadoEmision } from '../../../../shared/emision/emision.ts';
import { TurnoNegado } from '../../../../shared/registro/emision/registro.ts';
import { PASO_1, PASO_2 } from '../../../support/registro/fake-registro.ts';
import { pasosCon } from '../../../support/emision/entrada-de-prueba.ts';
import {
  CONCEDIDO,
  ENTRADA,
  FALLO_RECIBIDO,
  PLAZOS,
  RESPONDIDO_1,
  RESPONDIDO_2,
  RUN_ID,
  comparar,
  preparar,
} from './caso-de-registro.ts';

const RESULTADO: ResultadoEmision = {
  estado: 'COMPLETADO',
  fechaInicio: '2026-11-22T10:00:00Z',
  fechaFin: '2026-11-22T10:00:01Z',
  pasosProceso: pasosCon('COMPLETADO', 'COMPLETADO'),
  certificados: [],
};

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
    const texto = await metricas();
    expect(texto).toContain('emisiones_total{estado="COMPLETADO",tipo="NINGUNO"} 1');
    expect(texto).toContain('emision_duration_seconds_count 1');
    for (const { tipoCertificado } of RESULTADO.certificados)
      expect(texto).toContain(`certificados_emitidos_total{tipo="${tipoCertificado}"} 1`);
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

    expect(await metricas()).not.toMatch(/emisiones_total\{.*\} [1-9]/);
  });
});

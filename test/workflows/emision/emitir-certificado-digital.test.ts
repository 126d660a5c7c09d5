/**
 * The steps of an issuance, how it fails, and what its clients and operators are told meanwhile. One file, since each starts
 * a server of Temporal.
 */
import { Client, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { CONSULTA_DETALLE, CONSULTA_ESTADO, type DetalleEmision } from '../../../shared/emision/contrato.ts';
import type { ResultadoEmision } from '../../../shared/emision/emision.ts';
import type { FalloDeEmision } from '../../../shared/emision/fallos.ts';
import {
  concedido,
  FakeActividades,
  PASOS,
  RESULTADO,
  type Comportamiento,
} from '../../support/emision/fake-actividades.ts';
import { PASO_1, PASO_2 } from '../../support/registro/fake-registro.ts';
import { timeSkippingServer } from '../../support/temporal/temporal-server.ts';
import {
  BancoDeEmision,
  detenida,
  falloDeActividad,
  lanzar,
} from '../../support/temporal/banco-de-emision.ts';
import { SIN_MEMORIA } from '../../support/temporal/entorno-de-prueba.ts';

let banco: BancoDeEmision;
beforeAll(async () => {
  banco = await BancoDeEmision.abrir(timeSkippingServer, SIN_MEMORIA);
}, 120_000);
afterAll(() => banco.cerrar());

/** Runs one issuance to its success. */
async function resultadoCon(actividades: FakeActividades): Promise<ResultadoEmision> {
  return (await banco.iniciar(actividades)).resultado();
}

/** Runs one issuance to its failure. */
async function falloCon(actividades: FakeActividades): Promise<FalloDeEmision> {
  return (await banco.iniciar(actividades)).fallo();
}

/** The methods of a run, to be taken apart. */
async function iniciarCon(comportamiento: Comportamiento) {
  const ejecucion = await banco.iniciar(new FakeActividades(comportamiento));
  return {
    handle: ejecucion.handle,
    resultado: () => ejecucion.resultado(),
    fallo: () => ejecucion.fallo(),
  };
}

describe('the steps', () => {
  it('run in their order, each under its turn, and end in the register’s result', async () => {
    const actividades = new FakeActividades();

    const ejecucion = await banco.iniciar(actividades);

    expect(await ejecucion.resultado()).toEqual(RESULTADO);
    const entrada = await ejecucion.entradaDeRun();
    const referencia = {
      codigoSolicitudTramite: entrada.solicitud.solicitud.codigoSolicitudTramite,
      generacion: entrada.generacion,
      huellaSolicitud: entrada.huellaSolicitud,
    };
    expect(actividades.llamadas).toEqual([
      { actividad: 'registrarSolicitud', argumentos: [entrada] },
      { actividad: 'generarNumerosSolicitud', argumentos: [referencia] },
      { actividad: 'registrarNumerosSolicitud', argumentos: [entrada, PASO_1] },
      { actividad: 'generarCertificadoDigitalDniE', argumentos: [referencia] },
      { actividad: 'compararYRegistrarEmision', argumentos: [entrada, PASO_2, false] },
    ]);
  });

  it.each([
    ['step 2 may be sent again', false, ['10', '10']],
    ['step 2 is sent once', true, ['10', '20']],
  ])('are given to another worker after some seconds where %s', async (_caso, paso2UnaVez, segundos) => {
    const plazos = { intentoMs: 10_000, paso2UnaVez };
    const { handle, resultado } = await iniciarCon({
      registrarSolicitud: () => concedido(PASOS.enPaso1, { plazos }),
      registrarNumerosSolicitud: () => concedido(PASOS.enPaso2, { plazos }),
    });
    await resultado();

    const { events } = await handle.fetchHistory();
    const latidos = events?.flatMap(({ activityTaskScheduledEventAttributes: programada }) =>
      programada ? [String(programada.heartbeatTimeout?.seconds)] : [],
    );
    expect(latidos).toEqual(segundos);
  });

  it('leave out step 1 where an earlier run has done it', async () => {
    const actividades = new FakeActividades({ registrarSolicitud: () => concedido(PASOS.enPaso2) });

    expect(await resultadoCon(actividades)).toEqual(RESULTADO);

    expect(actividades.orden).toEqual([
      'registrarSolicitud',
      'generarCertificadoDigitalDniE',
      'compararYRegistrarEmision',
    ]);
  });

  it('leave out both, and compare again, where an earlier run has the certificates already', async () => {
    const actividades = new FakeActividades({
      registrarSolicitud: () => concedido(PASOS.enPaso2, { emisionRecibida: true }),
    });

    expect(await resultadoCon(actividades)).toEqual(RESULTADO);

    expect(actividades.orden).toEqual(['registrarSolicitud', 'compararYRegistrarEmision']);
    expect(actividades.argumentosDe('compararYRegistrarEmision')[0]?.slice(1)).toEqual([null, false]);
  });

  it('leave out step 2 where another run received the certificates while step 1 ran', async () => {
    const actividades = new FakeActividades({
      registrarNumerosSolicitud: () => concedido(PASOS.enPaso2, { emisionRecibida: true }),
    });

    expect(await resultadoCon(actividades)).toEqual(RESULTADO);

    expect(actividades.orden).not.toContain('generarCertificadoDigitalDniE');
  });

  it('are not asked for at all where the issuance is complete', async () => {
    const actividades = new FakeActividades({
      registrarSolicitud: () => ({ tipo: 'YA_COMPLETADA', resultado: RESULTADO }),
    });

    expect(await resultadoCon(actividades)).toEqual(RESULTADO);

    expect(actividades.orden).toEqual(['registrarSolicitud']);
  });

  it('end with the register’s result where another run completed during step 1', async () => {
    const actividades = new FakeActividades({
      registrarNumerosSolicitud: () => ({ tipo: 'YA_COMPLETADA', resultado: RESULTADO }),
    });

    expect(await resultadoCon(actividades)).toEqual(RESULTADO);

    expect(actividades.orden).toEqual([
      'registrarSolicitud',
      'generarNumerosSolicitud',
      'registrarNumerosSolicitud',
    ]);
  });
});

describe('a failure', () => {
  it.each(['CIUDADANO_NO_ENCONTRADO', 'PKI_RECHAZO', 'RESULTADO_INCIERTO', 'ERROR_INTERNO'] as const)(
    '%s of step 1 is recorded under that step and closes the run',
    async (tipo) => {
      const actividades = new FakeActividades({
        generarNumerosSolicitud: lanzar(falloDeActividad(tipo, { nonRetryable: true })),
      });

      const fallo = await falloCon(actividades);

      expect(fallo).toEqual({ tipo, paso: 1, detalles: [`detalle de ${tipo}`] });
      expect(actividades.orden).toEqual(['registrarSolicitud', 'generarNumerosSolicitud', 'registrarFallo']);
      expect(actividades.argumentosDe('registrarFallo')[0]?.[1]).toEqual(fallo);
    },
  );

  it('of step 2 is recorded under that step', async () => {
    const actividades = new FakeActividades({
      generarCertificadoDigitalDniE: lanzar(
        falloDeActividad('CIUDADANO_NO_CUMPLE_REQUISITOS', { nonRetryable: true }),
      ),
    });

    expect(await falloCon(actividades)).toMatchObject({
      tipo: 'CIUDADANO_NO_CUMPLE_REQUISITOS',
      paso: 2,
    });
  });

  it('of an unknown type says nothing of its inside', async () => {
    const actividades = new FakeActividades({
      generarNumerosSolicitud: lanzar(falloDeActividad('TypeError', { nonRetryable: true })),
    });

    expect(await falloCon(actividades)).toEqual({
      tipo: 'ERROR_INTERNO',
      paso: 1,
      detalles: ['Error interno; el detalle está en el registro de eventos del worker.'],
    });
  });

  it('without words of its own is told by its title', async () => {
    const actividades = new FakeActividades({
      generarNumerosSolicitud: lanzar(
        ApplicationFailure.create({ type: 'PKI_RECHAZO', message: 'por algo', nonRetryable: true }),
      ),
    });

    expect((await falloCon(actividades)).detalles).toEqual(['MsAdaptadorPKI rechazó la llamada']);
  });

  it('that the register answers with an earlier success ends in that success', async () => {
    const actividades = new FakeActividades({
      generarCertificadoDigitalDniE: lanzar(falloDeActividad('TURNO_PERDIDO', { nonRetryable: true })),
      registrarFallo: () => ({ tipo: 'COMPLETADO', resultado: RESULTADO }),
    });

    expect(await resultadoCon(actividades)).toEqual(RESULTADO);
  });

  it('that the register tells otherwise closes the run as the register has it', async () => {
    const delRegistro: FalloDeEmision = { tipo: 'EMISION_INTERRUMPIDA', paso: 2, detalles: ['x'] };
    const actividades = new FakeActividades({
      generarCertificadoDigitalDniE: lanzar(falloDeActividad('PKI_RECHAZO', { nonRetryable: true })),
      registrarFallo: () => ({ tipo: 'FALLIDO', fallo: delRegistro, pasosProceso: PASOS.enPaso2 }),
    });

    expect(await falloCon(actividades)).toEqual(delRegistro);
  });

  it('of the comparison closes the run as the register has it', async () => {
    const noConforme: FalloDeEmision = { tipo: 'CERTIFICADO_NO_CONFORME', paso: 2, detalles: ['CN'] };
    const actividades = new FakeActividades({
      compararYRegistrarEmision: () => ({
        tipo: 'FALLIDO',
        fallo: noConforme,
        pasosProceso: PASOS.enPaso2,
      }),
    });

    expect(await falloCon(actividades)).toEqual(noConforme);
    expect(actividades.orden).not.toContain('registrarFallo');
  });

  it.each(['CIUDADANO_EN_PROCESO', 'CODIGO_REUTILIZADO', 'PETICION_REUTILIZADA', 'TURNO_PERDIDO'] as const)(
    '%s of the first turn closes the run, which writes nothing',
    async (tipo) => {
      const actividades = new FakeActividades({
        registrarSolicitud: lanzar(falloDeActividad(tipo, { nonRetryable: true })),
      });

      expect(await falloCon(actividades)).toEqual({
        tipo,
        paso: null,
        detalles: [`detalle de ${tipo}`],
      });
      expect(actividades.orden).toEqual(['registrarSolicitud']);
    },
  );

  it('to record because the turn is lost closes the run as that', async () => {
    const perdido = lanzar(falloDeActividad('TURNO_PERDIDO', { nonRetryable: true }));
    const actividades = new FakeActividades({
      registrarNumerosSolicitud: perdido,
      registrarFallo: perdido,
    });

    expect(await falloCon(actividades)).toMatchObject({ tipo: 'TURNO_PERDIDO', paso: 1 });
    expect(actividades.orden).not.toContain('generarCertificadoDigitalDniE');
  });
});

describe('the queries', () => {
  const consultar = async (handle: WorkflowHandle) => ({
    estado: await handle.query(CONSULTA_ESTADO),
    detalle: await handle.query<DetalleEmision>(CONSULTA_DETALLE),
  });

  it('tell where a running issuance stands, and by whom it was asked for', async () => {
    const paso1 = detenida<typeof PASO_1>();
    const paso2 = detenida<typeof PASO_2>();
    const { handle, ...ejecucion } = await iniciarCon({
      generarNumerosSolicitud: paso1.actividad,
      generarCertificadoDigitalDniE: paso2.actividad,
    });

    await paso1.llamada;
    const enPaso1 = await consultar(handle);
    paso1.seguir(PASO_1);
    await paso2.llamada;
    const enPaso2 = await consultar(handle);
    paso2.seguir(PASO_2);
    await ejecucion.resultado();
    const alFinal = await consultar(handle);

    expect(enPaso1).toEqual({
      estado: 'EN_PROCESO',
      detalle: {
        estado: 'EN_PROCESO',
        generacion: 1,
        fechaInicio: '2026-11-22T10:00:00Z',
        pasosProceso: PASOS.enPaso1,
        titular: { numeroDocumento: '45678912', nombreCompleto: "María Elena O'Higgins-Quispe Ñahui" },
        auditoria: {
          usuarioEjecutor: 'siirc',
          oficinaEjecucion: 'LIMA-CENTRO',
          ipCliente: '10.20.30.40',
          correlationId: expect.any(String) as unknown,
        },
      },
    });
    expect(enPaso2.detalle).toMatchObject({ estado: 'EN_PROCESO', pasosProceso: PASOS.enPaso2 });
    expect(alFinal).toMatchObject({
      estado: 'COMPLETADO',
      detalle: { estado: 'COMPLETADO', pasosProceso: PASOS.hechos },
    });
  });

  it('tell a failed issuance as the register has it', async () => {
    const pasosProceso = {
      ...PASOS.enPaso1,
      paso1GeneracionClaves: { ...PASOS.enPaso1.paso1GeneracionClaves, estado: 'FALLIDO' as const },
    };
    const { handle, fallo } = await iniciarCon({
      generarNumerosSolicitud: lanzar(falloDeActividad('PKI_RECHAZO', { nonRetryable: true })),
      registrarFallo: (_entrada, recibido) => ({ tipo: 'FALLIDO', fallo: recibido, pasosProceso }),
    });
    await fallo();

    expect(await consultar(handle)).toMatchObject({
      estado: 'FALLIDO',
      detalle: { estado: 'FALLIDO', pasosProceso },
    });
  });

  it('tell a run that was turned away as failed, with nothing done', async () => {
    const { handle, fallo } = await iniciarCon({
      registrarSolicitud: lanzar(falloDeActividad('CIUDADANO_EN_PROCESO', { nonRetryable: true })),
    });
    await fallo();

    const { estado, detalle } = await consultar(handle);
    expect(estado).toBe('FALLIDO');
    expect(detalle.pasosProceso.paso1GeneracionClaves).toMatchObject({ estado: 'PENDIENTE', intentos: 0 });
  });
});

describe('what an operator reads in Temporal’s UI', () => {
  const PERSONAL = [
    '45678912',
    'María',
    'Higgins',
    'Ñahui',
    '1990-05-17',
    'maria.quispe@example.com',
    'Miraflores',
    '10.20.30.40',
  ];

  /** As the UI does: with no key, and told of no place. */
  const leer = async ({ workflowId }: WorkflowHandle): Promise<string> => {
    const deLaUi = new Client({ connection: banco.entorno.connection }).workflow.getHandle(workflowId);
    const { currentDetails } = await deLaUi.query<{ currentDetails?: string }>(
      '__temporal_workflow_metadata',
    );
    return currentDetails ?? '';
  };

  it('shows the steps as they stand', async () => {
    const paso2 = detenida<typeof PASO_2>();
    const { handle, resultado } = await iniciarCon({ generarCertificadoDigitalDniE: paso2.actividad });

    await paso2.llamada;
    const mientras = await leer(handle);
    paso2.seguir(PASO_2);
    await resultado();
    const alFinal = await leer(handle);

    expect(mientras).toContain('**EN_PROCESO, paso 2 de 2**');
    expect(mientras).toMatch(/^\| 1\. .* \| COMPLETADO \| .* \| 1 \|$/m);
    expect(mientras).toMatch(/^\| 2\. .* \| EN_PROCESO \| .* \| — \| ver \*Pending Activities\* \|$/m);
    expect(mientras).toContain('solicitudPkiId: `PKI-1`');
    expect(alFinal).toContain('**COMPLETADO**');
  });

  it('names a failure by its type, and nothing of the citizen', async () => {
    const { handle, fallo } = await iniciarCon({
      generarNumerosSolicitud: lanzar(
        falloDeActividad('CIUDADANO_NO_ENCONTRADO', {
          nonRetryable: true,
          detalles: ["María Elena O'Higgins-Quispe Ñahui, DNI 45678912, no figura."],
        }),
      ),
    });
    await fallo();

    const detalles = await leer(handle);

    expect(detalles).toContain('`CIUDADANO_NO_ENCONTRADO`: La PKI no conoce al ciudadano');
    for (const dato of PERSONAL) expect(detalles).not.toContain(dato);
  });
});

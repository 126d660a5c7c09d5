/** Temporal's own server: what becomes of an attempt that a cancel or the window's end meets is its to say. */
import { Context } from '@temporalio/activity';
import type { ResultadoEmision } from '../../shared/emision/emision.ts';
import { concedido, FakeActividades, PASOS, RESULTADO } from '../support/fake-actividades.ts';
import { PASO_1, PASO_2 } from '../support/fake-registro.ts';
import { temporalServer } from '../support/temporal-server.ts';
import { BancoDeEmision, detenida, falloDeActividad } from './banco-de-emision.ts';

const CANCELADA = 'Un operador canceló la ejecución. La solicitud puede enviarse de nuevo.';

let banco: BancoDeEmision;
beforeAll(async () => {
  banco = await BancoDeEmision.abrir(() => temporalServer());
}, 120_000);
afterAll(() => banco.cerrar());

describe('an operator’s cancel', () => {
  it('during step 1 lets the attempt finish, keeps its numbers, and begins no step 2', async () => {
    const paso1 = detenida<typeof PASO_1>();
    const actividades = new FakeActividades({ generarNumerosSolicitud: paso1.actividad });
    const ejecucion = await banco.iniciar(actividades);

    await paso1.llamada;
    await ejecucion.handle.cancel();
    await ejecucion.hastaElEvento('activityTaskCancelRequestedEventAttributes');
    paso1.seguir(PASO_1);

    expect(await ejecucion.fallo()).toEqual({ tipo: 'EMISION_CANCELADA', paso: 2, detalles: [CANCELADA] });
    expect(actividades.orden).toEqual([
      'registrarSolicitud',
      'generarNumerosSolicitud',
      'registrarNumerosSolicitud',
      'registrarFallo',
    ]);
  });

  it('at the very moment in which step 1 answers keeps its numbers too', async () => {
    const paso1 = detenida<typeof PASO_1>();
    const actividades = new FakeActividades({ generarNumerosSolicitud: paso1.actividad });
    const ejecucion = await banco.iniciar(actividades);

    await paso1.llamada;
    // Accepted, and not yet heard by the attempt: both reach the run together.
    await ejecucion.handle.cancel();
    paso1.seguir(PASO_1);

    expect((await ejecucion.fallo()).tipo).toBe('EMISION_CANCELADA');
    expect(actividades.orden).toContain('registrarNumerosSolicitud');
  });

  it('during an attempt that then fails tells what that attempt said, and makes no other', async () => {
    const paso1 = detenida<typeof PASO_1>();
    const actividades = new FakeActividades({ generarNumerosSolicitud: paso1.actividad });
    const ejecucion = await banco.iniciar(actividades);

    await paso1.llamada;
    await ejecucion.handle.cancel();
    await ejecucion.hastaElEvento('activityTaskCancelRequestedEventAttributes');
    paso1.fallar(falloDeActividad('PKI_ERROR', { nextRetryDelay: 1 }));

    expect(await ejecucion.fallo()).toEqual({
      tipo: 'EMISION_CANCELADA',
      paso: 1,
      detalles: [CANCELADA, 'Último intento: PKI_ERROR'],
    });
    expect(actividades.orden).toEqual(['registrarSolicitud', 'generarNumerosSolicitud', 'registrarFallo']);
  });

  it('during step 2 lets the attempt finish, and passes its answer on as a cancelled one’s', async () => {
    const paso2 = detenida<typeof PASO_2>();
    const deRegistro = { tipo: 'EMISION_CANCELADA' as const, paso: 2 as const, detalles: ['guardados'] };
    const actividades = new FakeActividades({
      generarCertificadoDigitalDniE: paso2.actividad,
      compararYRegistrarEmision: () => ({
        tipo: 'FALLIDO',
        fallo: deRegistro,
        pasosProceso: PASOS.enPaso2,
      }),
    });
    const ejecucion = await banco.iniciar(actividades);

    await paso2.llamada;
    await ejecucion.handle.cancel();
    await ejecucion.hastaElEvento('activityTaskCancelRequestedEventAttributes');
    paso2.seguir(PASO_2);

    expect(await ejecucion.fallo()).toEqual(deRegistro);
    expect(actividades.argumentosDe('compararYRegistrarEmision')).toEqual([
      [ejecucion.entrada, PASO_2, true],
    ]);
    expect(actividades.orden).not.toContain('registrarFallo');
  });

  it('between two attempts makes no other', async () => {
    const actividades = new FakeActividades({
      generarCertificadoDigitalDniE: () => {
        throw falloDeActividad('PKI_NO_DISPONIBLE', { nextRetryDelay: 600_000 });
      },
    });
    const ejecucion = await banco.iniciar(actividades);

    await ejecucion.hastaElIntento(2);
    await ejecucion.handle.cancel();

    expect(await ejecucion.fallo()).toMatchObject({ tipo: 'EMISION_CANCELADA', paso: 2 });
    expect(actividades.argumentosDe('generarCertificadoDigitalDniE')).toHaveLength(1);
    expect(actividades.orden.at(-1)).toBe('registrarFallo');
  });

  it('while the register is waited for ends the run once the register has it', async () => {
    const registrar = detenida<ReturnType<typeof concedido>>();
    const actividades = new FakeActividades({ registrarSolicitud: registrar.actividad });
    const ejecucion = await banco.iniciar(actividades);

    await registrar.llamada;
    await ejecucion.handle.cancel();
    registrar.seguir(concedido(PASOS.enPaso1));

    expect((await ejecucion.fallo()).tipo).toBe('EMISION_CANCELADA');
    expect(actividades.orden).not.toContain('generarCertificadoDigitalDniE');
    expect(actividades.orden.at(-1)).toBe('registrarFallo');
  });

  it('while step 1 is recorded releases nothing', async () => {
    const registrar = detenida<ReturnType<typeof concedido>>();
    const actividades = new FakeActividades({
      registrarNumerosSolicitud: registrar.actividad,
      compararYRegistrarEmision: (_entrada, _recibidos, cancelada) =>
        cancelada
          ? {
              tipo: 'FALLIDO',
              fallo: { tipo: 'EMISION_CANCELADA', paso: 2, detalles: [] },
              pasosProceso: PASOS.enPaso2,
            }
          : { tipo: 'COMPLETADO', resultado: RESULTADO },
    });
    const ejecucion = await banco.iniciar(actividades);

    await registrar.llamada;
    await ejecucion.handle.cancel();
    registrar.seguir(concedido(PASOS.enPaso2));

    expect((await ejecucion.fallo()).tipo).toBe('EMISION_CANCELADA');
  });

  it('while the outcome is recorded comes too late: what the register says holds', async () => {
    const concluir = detenida<{ tipo: 'COMPLETADO'; resultado: ResultadoEmision }>();
    const actividades = new FakeActividades({ compararYRegistrarEmision: concluir.actividad });
    const ejecucion = await banco.iniciar(actividades);

    await concluir.llamada;
    await ejecucion.handle.cancel();
    concluir.seguir({ tipo: 'COMPLETADO', resultado: RESULTADO });

    expect(await ejecucion.resultado()).toEqual(RESULTADO);
    expect(actividades.orden).not.toContain('registrarFallo');
  });

  it('closes the run as Failed, so that its codigo may run again', async () => {
    const actividades = new FakeActividades({
      generarNumerosSolicitud: () => {
        throw falloDeActividad('PKI_NO_DISPONIBLE', { nextRetryDelay: 600_000 });
      },
    });
    const ejecucion = await banco.iniciar(actividades);

    await ejecucion.hastaElIntento(2);
    await ejecucion.handle.cancel();
    await ejecucion.fallo();

    expect((await ejecucion.handle.describe()).status.name).toBe('FAILED');
  });
});

describe('a window that closes while an attempt is under way', () => {
  /** Until its worker stops. */
  const callar = () => Context.current().cancelled;
  const turno = concedido(PASOS.enPaso1, { plazos: { intentoMs: 60_000, ventanaReintentoMs: 1500 } });

  it('ends the issuance with the failure of the attempt before it', async () => {
    let intentos = 0;
    const actividades = new FakeActividades({
      registrarSolicitud: () => turno,
      generarNumerosSolicitud: () => {
        if (++intentos > 1) return callar();
        throw falloDeActividad('PKI_NO_DISPONIBLE', { nextRetryDelay: 10 });
      },
    });
    const ejecucion = await banco.iniciar(actividades);

    expect(await ejecucion.fallo()).toEqual({
      tipo: 'PKI_NO_DISPONIBLE',
      paso: 1,
      detalles: ['detalle de PKI_NO_DISPONIBLE'],
    });
    expect(intentos).toBe(2);
  });

  it('ends it as a PKI that did not answer where no attempt had failed', async () => {
    const actividades = new FakeActividades({
      registrarSolicitud: () => turno,
      generarNumerosSolicitud: callar,
    });
    const ejecucion = await banco.iniciar(actividades);

    expect(await ejecucion.fallo()).toEqual({
      tipo: 'TIEMPO_PKI_AGOTADO',
      paso: 1,
      detalles: ['Ningún intento terminó dentro de la ventana de reintentos.'],
    });
  });
});

/**
 * Temporal's own server: what becomes of an attempt that a cancel meets, and of what one leaves to the next, is its to say.
 * One file, since each starts a server of Temporal.
 */
import type { ResultadoEmision } from '../../shared/emision/emision.ts';
import type { TipoFallo } from '../../shared/emision/fallos.ts';
import { FALLOS_PARA_ABRIR, INTENTOS_POCOS } from '../../shared/emision/plazos.ts';
import { concedido, FakeActividades, PASOS, RESULTADO } from '../support/emision/fake-actividades.ts';
import { createFakeRegistro, PASO_1, PASO_2 } from '../support/registro/fake-registro.ts';
import { temporalServer } from '../support/temporal/temporal-server.ts';
import { BancoDeEmision, detenida, falloDeActividad } from '../support/temporal/banco-de-emision.ts';
import { circuitosDePrueba, conPki, pkiFallo, VENTANA_MS } from '../support/temporal/con-pki.ts';

const CANCELADA = 'Un operador canceló la ejecución.';

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
      [await ejecucion.entradaDeRun(), PASO_2, true],
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

describe('the retry window', () => {
  it('counts no time in which no worker ran', async () => {
    let adelantoMs = 0;
    let intentos = 0;
    const actividades = conPki(
      {
        generarNumerosSolicitud: () =>
          ++intentos <= 2 ? Promise.reject(pkiFallo('PKI_NO_DISPONIBLE')) : Promise.resolve(PASO_1),
      },
      { ahoraMs: () => adelantoMs },
    );
    const ejecucion = await banco.iniciar(actividades);

    await ejecucion.hastaElIntento(2);
    await banco.sinWorker(() => {
      adelantoMs = VENTANA_MS;
    });

    expect(await ejecucion.resultado()).toEqual(RESULTADO);
    expect(intentos).toBe(3);
  });
});

describe('another attempt', () => {
  it('comes no sooner than Retry-After says', async () => {
    const ocupada = pkiFallo('PKI_NO_DISPONIBLE', { veredicto: 'RESPONDE', reintentarEnMs: 600_000 });
    const ejecucion = await banco.iniciar(conPki({ generarNumerosSolicitud: () => Promise.reject(ocupada) }));

    await ejecucion.hastaElIntento(2);

    const { pendingActivities } = (await ejecucion.handle.describe()).raw;
    expect(Number(pendingActivities?.[0]?.currentRetryInterval?.seconds)).toBe(600);
    await ejecucion.handle.terminate();
  });

  it('knows of the few tries before it, though their beat was sent as they ended', async () => {
    const porVenir = ['PKI_NO_DISPONIBLE', ...Array<TipoFallo>(INTENTOS_POCOS + 1).fill('PKI_RECHAZO')];
    const actividades = conPki({
      generarNumerosSolicitud: () =>
        Promise.reject(pkiFallo(porVenir.shift() as TipoFallo, { veredicto: 'RESPONDE' })),
    });

    expect(await (await banco.iniciar(actividades)).fallo()).toMatchObject({ tipo: 'PKI_RECHAZO' });

    expect(porVenir).toHaveLength(1);
  });
});

describe('work that the circuit holds back', () => {
  it('is seen by its type, unmarked, and finishes by itself once the PKI is back', async () => {
    const registro = createFakeRegistro();
    let caida = true;
    let enviados = 0;
    const actividades = conPki(
      {
        generarNumerosSolicitud: () => {
          enviados += 1;
          return caida ? Promise.reject(pkiFallo('PKI_SIN_CONEXION')) : Promise.resolve(PASO_1);
        },
      },
      { registro, circuitos: circuitosDePrueba({ abiertoMs: 3000, abiertoMaximoMs: 3000, retornoMs: 500 }) },
    );
    // As many at once as it takes to open the circuit, and more.
    const ejecuciones = await Promise.all(
      Array.from({ length: FALLOS_PARA_ABRIR + 3 }, () => banco.iniciar(actividades)),
    );

    await Promise.all(ejecuciones.map((ejecucion) => ejecucion.hastaElUltimoFallo('CIRCUITO_ABIERTO')));
    caida = false;
    const resultados = await Promise.all(ejecuciones.map((ejecucion) => ejecucion.resultado()));

    expect(resultados).toEqual(ejecuciones.map(() => RESULTADO));
    const marcas = registro.llamadas.filter(
      ({ operacion, argumentos }) => operacion === 'marcarEnvio' && argumentos[2] === 1,
    );
    expect(marcas).toHaveLength(enviados);
    const intentos = actividades.argumentosDe('generarNumerosSolicitud').length;
    expect(intentos - enviados).toBeGreaterThanOrEqual(ejecuciones.length);
  });
});

/** Clients that do not want to wait, or hang up. */
import { Registry } from 'prom-client';
import {
  CONTEXTO,
  espera,
  fila,
  MotorQueTarda,
  runAbierta,
  servicioDeEmision,
  sucesivas,
  SUYA,
} from '../../../support/api/servicio-de-emision.ts';
import { solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';
import { hasta } from '../../../support/hasta.ts';

const EN_PROCESO = { vista: { codigoSolicitudTramite: 'SOL-1', estado: 'EN_PROCESO' }, reintentarEnS: 5 };

let motor: MotorQueTarda;
beforeEach(() => {
  motor = new MotorQueTarda();
});
afterEach(() => {
  motor.cerrar();
});

/** Jest's own may begin and end meanwhile: as many waits as make a timer left behind by each stand out. */
const MUCHAS = Array.from({ length: 20 }, (_, i) => solicitudDePrueba(`SOL-${i}`));
function temporizadores(): number {
  return process.getActiveResourcesInfo().filter((recurso) => recurso === 'Timeout').length;
}

describe('a client that prefers an asynchronous answer', () => {
  const asincrona = espera({ asincrona: true, maximoMs: 0 });

  it('has it as soon as Temporal has accepted, and nothing more is asked for it', async () => {
    const api = servicioDeEmision({ motor: motor.motor });

    expect(await api.emitir(SUYA, CONTEXTO, asincrona)).toMatchObject({ tipo: 'ACEPTADA', ...EN_PROCESO });
    expect(motor.iniciadas).toHaveLength(1);
    expect([motor.pendientes, motor.miradas]).toEqual([0, 0]);
  });

  it('has it of an issuance that runs already', async () => {
    const api = servicioDeEmision({
      motor: motor.motor,
      registro: { conciliar: () => Promise.resolve(fila(SUYA, 'EN_PROCESO')) },
    });

    expect(await api.emitir(SUYA, CONTEXTO, asincrona)).toMatchObject({ tipo: 'ACEPTADA', ...EN_PROCESO });
    expect([motor.pendientes, motor.miradas, motor.iniciadas]).toEqual([0, 0, []]);
  });

  it.each([
    ['the certificates, where they are issued', fila(SUYA, 'COMPLETADO'), { tipo: 'YA_EMITIDO' }],
    [
      'the conflict, where the codigo is of another request',
      fila(solicitudDePrueba('SOL-1', '49999999'), 'COMPLETADO'),
      { tipo: 'FALLO', fallo: 'CODIGO_REUTILIZADO' },
    ],
  ])('has %s', async (_, registrada, esperado) => {
    const api = servicioDeEmision({
      motor: motor.motor,
      registro: { conciliar: () => Promise.resolve(registrada) },
    });

    expect(await api.emitir(SUYA, CONTEXTO, asincrona)).toMatchObject(esperado);
  });

  it('has the certificates where they come while it waits', async () => {
    const api = servicioDeEmision({
      motor: motor.motor,
      registro: { conciliar: sucesivas(null, fila(SUYA, 'COMPLETADO')) },
      esperaSincronaMs: 60_000,
    });
    const respuesta = api.emitir(SUYA, CONTEXTO, espera({ asincrona: true, maximoMs: 50_000 }));
    motor.cerrar();

    expect(await respuesta).toMatchObject({ tipo: 'EMITIDO' });
  });

  it('is not told of an outage once its wait is over, but that the work goes on', async () => {
    motor.run = () => runAbierta({ ultimoFallo: 'PKI_SIN_CONEXION' });
    const api = servicioDeEmision({ motor: motor.motor });

    expect(await api.emitir(SUYA, CONTEXTO, espera({ asincrona: true, maximoMs: 20 }))).toMatchObject({
      tipo: 'ACEPTADA',
      ...EN_PROCESO,
    });
  });
});

describe('a client that hangs up', () => {
  it('leaves no poll, no timer and no place behind, 300 times over; each issuance was started', async () => {
    const metricas = new Registry();
    const api = servicioDeEmision({
      motor: motor.motor,
      esperaSincronaMs: 60_000,
      esperasMax: 300,
      metricas,
    });
    const antes = temporizadores();
    const clientes = Array.from({ length: 300 }, () => new AbortController());
    const respuestas = clientes.map(({ signal }, i) =>
      api.emitir(solicitudDePrueba(`SOL-${i}`), CONTEXTO, espera({ abandono: signal })),
    );
    await hasta('all to be waited with', () => motor.pendientes === 300);
    expect(await metricas.metrics()).toContain('http_waiting_requests 300');

    for (const cliente of clientes) cliente.abort();
    await Promise.all(respuestas);

    expect(motor.iniciadas).toHaveLength(300);
    expect([motor.pendientes, motor.miradas]).toEqual([0, 0]);
    expect(temporizadores()).toBeLessThan(antes + MUCHAS.length / 2);
    expect(await metricas.metrics()).toContain('http_waiting_requests 0');
  });

  it('before the wait begins has its issuance started all the same', async () => {
    const api = servicioDeEmision({ motor: motor.motor, esperaSincronaMs: 60_000 });

    await api.emitir(SUYA, CONTEXTO, espera({ abandono: AbortSignal.abort() }));

    expect(motor.iniciadas).toHaveLength(1);
    expect(motor.pendientes).toBe(0);
  });
});

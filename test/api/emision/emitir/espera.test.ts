/** How long a client is waited for, what ends its wait, and what it is told then. */
import { esperarRun } from '../../../../api/emision/emitir/espera-de-run.ts';
import { SONDEO_INICIAL_MS, SONDEO_MAXIMO_MS } from '../../../../shared/emision/plazos.ts';
import { ServicioNoDisponible } from '../../../../shared/nucleo/servicio-no-disponible.ts';
import {
  AJENA,
  CONTEXTO,
  espera,
  fila,
  memoDe,
  MotorQueTarda,
  runAbierta,
  servicioDeEmision,
  sucesivas,
  SUYA,
} from '../../../support/api/servicio-de-emision.ts';
import { solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';

const EN_PROCESO = { vista: { codigoSolicitudTramite: 'SOL-1', estado: 'EN_PROCESO' }, reintentarEnS: 5 };

let motor: MotorQueTarda;
/** Of a client that waits for as long as its test takes. */
let cliente: AbortController;
beforeEach(() => {
  motor = new MotorQueTarda();
  cliente = new AbortController();
});
afterEach(() => {
  cliente.abort();
  motor.cerrar();
});

/** Jest's own may begin and end meanwhile: as many waits as make a timer left behind by each stand out. */
const MUCHAS = Array.from({ length: 20 }, (_, i) => solicitudDePrueba(`SOL-${i}`));
function temporizadores(): number {
  return process.getActiveResourcesInfo().filter((recurso) => recurso === 'Timeout').length;
}

describe('a step that an open circuit holds back', () => {
  const retenida = () => runAbierta({ ultimoFallo: 'CIRCUITO_ABIERTO', retenida: true });

  it('is told at once, and nothing is left of the wait', async () => {
    motor.run = retenida;
    const api = servicioDeEmision({ motor: motor.motor, esperaSincronaMs: 60_000 });
    const antes = temporizadores();

    const respuestas = await Promise.all(
      MUCHAS.map((solicitud) => api.emitir(solicitud, CONTEXTO, espera())),
    );

    for (const [i, respuesta] of respuestas.entries())
      expect(respuesta).toMatchObject({
        tipo: 'FALLO',
        fallo: 'CIRCUITO_ABIERTO',
        vista: { codigoSolicitudTramite: `SOL-${i}`, estado: 'EN_PROCESO' },
        reintentarEnS: 5,
      });
    expect(motor.pendientes).toBe(0);
    expect(temporizadores()).toBeLessThan(antes + MUCHAS.length / 2);
  });

  it('is told to a client that joins it too', async () => {
    motor.run = retenida;
    const api = servicioDeEmision({
      motor: motor.motor,
      registro: { conciliar: () => Promise.resolve(fila(SUYA, 'EN_PROCESO')) },
      esperaSincronaMs: 60_000,
    });

    expect(await api.emitir(SUYA, CONTEXTO, espera())).toMatchObject({ fallo: 'CIRCUITO_ABIERTO' });
    expect(motor.iniciadas).toEqual([]);
  });

  it('is accepted for a client that prefers not to wait', async () => {
    motor.run = retenida;
    const api = servicioDeEmision({ motor: motor.motor, esperaSincronaMs: 60_000 });

    expect(await api.emitir(SUYA, CONTEXTO, espera({ asincrona: true, maximoMs: 30_000 }))).toMatchObject({
      tipo: 'ACEPTADA',
      ...EN_PROCESO,
    });
  });

  it('is still waited for while a probe is under way', async () => {
    motor.run = () => runAbierta({ ultimoFallo: 'CIRCUITO_ABIERTO', retenida: motor.miradas > 1 });
    const api = servicioDeEmision({ motor: motor.motor, esperaSincronaMs: 60_000 });

    expect(await api.emitir(SUYA, CONTEXTO, espera())).toMatchObject({ fallo: 'CIRCUITO_ABIERTO' });
    // The look that met the probe, the one after it, and one for how the codigo stands then.
    expect(motor.miradas).toBe(3);
  });
});

describe('looking whether the step is held', () => {
  it('is done ever more rarely', async () => {
    motor.run = () => runAbierta({ retenida: motor.miradas === 5 });
    const pausas: number[] = [];
    const anotarPausa = (ms: number) => Promise.resolve(pausas.push(ms));

    const fin = await esperarRun(motor.motor, 'SOL-1', Date.now() + 60_000, [cliente.signal], anotarPausa);

    expect(fin).toEqual({ tipo: 'RETENIDA' });
    expect(pausas).toEqual([
      ...[1, 2, 4].map((n) => n * SONDEO_INICIAL_MS),
      SONDEO_MAXIMO_MS,
      SONDEO_MAXIMO_MS,
    ]);
  });

  it('asks nothing of Temporal where the issuance ends before the first look', async () => {
    const antes = temporizadores();
    const emitida = fila(SUYA, 'COMPLETADO');
    const respuestas = MUCHAS.map(() =>
      servicioDeEmision({
        motor: motor.motor,
        registro: { conciliar: sucesivas(null, emitida) },
      }).emitir(SUYA, CONTEXTO, espera()),
    );
    motor.cerrar();

    for (const respuesta of await Promise.all(respuestas)) expect(respuesta.tipo).toBe('EMITIDO');
    expect(motor.miradas).toBe(0);
    expect(temporizadores()).toBeLessThan(antes + MUCHAS.length / 2);
  });

  it('goes on where Temporal does not answer a look', async () => {
    let miradas = 0;
    const api = servicioDeEmision({
      motor: {
        ...motor.motor,
        enCurso: () =>
          ++miradas === 1
            ? Promise.reject(new ServicioNoDisponible('Temporal'))
            : Promise.resolve(runAbierta({ retenida: true })),
      },
      esperaSincronaMs: 60_000,
    });

    expect(await api.emitir(SUYA, CONTEXTO, espera())).toMatchObject({ fallo: 'CIRCUITO_ABIERTO' });
    expect(miradas).toBeGreaterThanOrEqual(2);
  });
});

describe('the bound of a wait', () => {
  it.each([
    ['the service’s own', 30, null],
    ['the client’s, where that is shorter', 60_000, 30],
    ['the service’s, where the client’s is longer', 30, 99_999_999_999_000],
    ['none, for a client that waits 0 s', 60_000, 0],
  ])('is %s', async (_, esperaSincronaMs, maximoMs) => {
    motor.run = () => runAbierta({ ultimoFallo: 'PKI_ERROR' });
    const api = servicioDeEmision({ motor: motor.motor, esperaSincronaMs });

    expect(await api.emitir(SUYA, CONTEXTO, espera({ maximoMs }))).toMatchObject({
      tipo: 'FALLO',
      fallo: 'PKI_ERROR',
      ...EN_PROCESO,
    });
    expect(motor.iniciadas).toHaveLength(1);
  });

  it('is cut where the process stops', async () => {
    const parada = new AbortController();
    const api = servicioDeEmision({ motor: motor.motor, esperaSincronaMs: 60_000, parada: parada.signal });
    const respuesta = api.emitir(SUYA, CONTEXTO, espera());
    parada.abort();

    expect(await respuesta).toMatchObject({ fallo: 'TIEMPO_PKI_AGOTADO', ...EN_PROCESO });
    expect(await api.emitir(SUYA, CONTEXTO, espera())).toMatchObject(EN_PROCESO);
  });
});

test('an issuance whose row is not written when Temporal falls silent is told as it was accepted', async () => {
  const api = servicioDeEmision({
    motor: { esperar: () => Promise.reject(new ServicioNoDisponible('Temporal')) },
  });

  expect(await api.emitir(SUYA, CONTEXTO, espera())).toMatchObject({
    fallo: 'SERVICIO_NO_DISPONIBLE',
    ...EN_PROCESO,
  });
});

test('a run that an operator ended before it wrote anything is not told to go on', async () => {
  const api = servicioDeEmision({
    motor: { enCurso: () => Promise.resolve(runAbierta({ abierta: false })) },
  });

  await expect(api.emitir(SUYA, CONTEXTO, espera())).rejects.toBeInstanceOf(ServicioNoDisponible);
});

test.each([
  ['shows how that stands', SUYA, { estado: 'FALLIDO' }],
  ['shows nothing where a correction was turned away', AJENA, null],
])('a failed codigo whose next run is turned away for its citizen %s', async (_, anterior, vista) => {
  const api = servicioDeEmision({
    motor: {
      esperar: () =>
        Promise.resolve({
          tipo: 'CERRADA',
          fallo: { tipo: 'CIUDADANO_EN_PROCESO', paso: null, detalles: ['otra'] },
        }),
    },
    registro: {
      conciliar: () =>
        Promise.resolve(fila(anterior, 'FALLIDO', { tipo: 'PKI_ERROR', paso: 1, detalles: ['500'] })),
    },
  });

  expect(await api.emitir(SUYA, CONTEXTO, espera())).toMatchObject({
    fallo: 'CIUDADANO_EN_PROCESO',
    detalles: ['otra'],
    vista,
  });
});

test('a memo of another request is not waited for', async () => {
  motor.run = () => runAbierta({ memo: { ...memoDe(SUYA), requestId: 'otro' } });
  const api = servicioDeEmision({ motor: { ...motor.motor, iniciar: () => Promise.resolve(false) } });

  expect(await api.emitir(SUYA, CONTEXTO, espera({ asincrona: true, maximoMs: 0 }))).toMatchObject({
    fallo: 'SOLICITUD_EN_PROCESO',
    ...EN_PROCESO,
  });
});

/** How long a client is waited for, what ends its wait, and what it is told then. */
import { esperarRun } from '../../../../api/emision/emitir/espera-de-run.ts';
import { MIRADA_INICIAL_MS, MIRADA_MAXIMA_MS } from '../../../../shared/emision/plazos.ts';
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
  DESCANSO_S,
} from '../../../support/api/servicio-de-emision.ts';
import { solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';

const EN_PROCESO = { vista: { codigoSolicitudTramite: 'SOL-1', estado: 'EN_PROCESO' }, reintentarEnS: 5 };
const RETENIDA = { ...EN_PROCESO, reintentarEnS: DESCANSO_S };

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
  /** A register in which every codigo waits in step 1 as soon as its run has started. */
  const enPaso1 = {
    leer: () => Promise.resolve(fila(SUYA, 'EN_PROCESO')),
    conciliar: (codigo: string) => {
      const empezada = motor.iniciadas.some(
        ({ solicitud }) => solicitud.solicitud.codigoSolicitudTramite === codigo,
      );
      return Promise.resolve(empezada ? fila(solicitudDePrueba(codigo), 'EN_PROCESO') : null);
    },
  };
  const enPaso2 = {
    leer: () => {
      const emision = fila(SUYA, 'EN_PROCESO');
      const pasos = { ...emision.pasos, 1: { ...emision.pasos[1], estado: 'COMPLETADO' as const } };
      return Promise.resolve({ ...emision, pasos });
    },
  };

  it.each<[string, Partial<typeof CONTEXTO>, object]>([
    ['the same request', {}, { tipo: 'FALLO', fallo: 'CIRCUITO_ABIERTO', ...RETENIDA }],
    ['the same under another X-Request-ID', { requestId: 'otra' }, { fallo: 'SOLICITUD_EN_PROCESO' }],
  ])('asked for again asks Temporal nothing: %s', async (_, cambios, respuesta) => {
    const api = servicioDeEmision({
      motor: motor.motor,
      registro: {
        leer: () => Promise.resolve(fila(SUYA, 'EN_PROCESO')),
        conciliar: () => Promise.reject(new Error('it was reconciled')),
      },
      enDescanso: () => [1],
      esperaSincronaMs: 60_000,
    });

    expect(await api.emitir(SUYA, { ...CONTEXTO, ...cambios }, espera())).toMatchObject(respuesta);
    expect([motor.iniciadas.length, motor.pendientes]).toEqual([0, 0]);
  });

  it('is told at once, nothing is left of the wait, and no run is described for it', async () => {
    const api = servicioDeEmision({
      motor: motor.motor,
      registro: enPaso1,
      enDescanso: () => [1],
      esperaSincronaMs: 60_000,
    });
    const antes = temporizadores();

    const respuestas = await Promise.all(
      MUCHAS.map((solicitud) => api.emitir(solicitud, CONTEXTO, espera())),
    );

    for (const respuesta of respuestas)
      expect(respuesta).toMatchObject({
        tipo: 'FALLO',
        fallo: 'CIRCUITO_ABIERTO',
        vista: { estado: 'EN_PROCESO' },
        reintentarEnS: DESCANSO_S,
      });
    expect([motor.pendientes, motor.miradas]).toEqual([0, 0]);
    expect(temporizadores()).toBeLessThan(antes + MUCHAS.length / 2);
  });

  it('is told to a client that joins it too', async () => {
    const api = servicioDeEmision({
      motor: motor.motor,
      registro: { ...enPaso1, conciliar: () => Promise.resolve(fila(SUYA, 'EN_PROCESO')) },
      enDescanso: () => [1],
      esperaSincronaMs: 60_000,
    });

    expect(await api.emitir(SUYA, CONTEXTO, espera())).toMatchObject({ fallo: 'CIRCUITO_ABIERTO' });
    expect(motor.iniciadas).toEqual([]);
  });

  it('is accepted for a client that prefers not to wait', async () => {
    const api = servicioDeEmision({
      motor: motor.motor,
      registro: enPaso1,
      enDescanso: () => [1],
      esperaSincronaMs: 60_000,
    });

    expect(await api.emitir(SUYA, CONTEXTO, espera({ asincrona: true, maximoMs: 30_000 }))).toMatchObject({
      tipo: 'ACEPTADA',
      ...RETENIDA,
    });
  });

  it.each<[string, Partial<Parameters<typeof servicioDeEmision>[0]>]>([
    ['the other step is held', { registro: enPaso2, enDescanso: () => [1] }],
    [
      'its row is still that of a run that failed',
      { registro: { leer: () => Promise.resolve(fila(SUYA, 'FALLIDO')) } },
    ],
    ['no worker has registered it yet', { registro: { leer: () => Promise.resolve(null) } }],
    [
      'the register does not answer any more',
      {
        registro: {
          leer: () =>
            motor.pendientes > 0 ? Promise.reject(new ServicioNoDisponible('x')) : Promise.resolve(null),
        },
      },
    ],
  ])('is not told where %s', async (_donde, puertos) => {
    let miradas = 0;
    const visto = Promise.withResolvers<undefined>();
    const api = servicioDeEmision({
      motor: motor.motor,
      esperaSincronaMs: 60_000,
      ...puertos,
      enDescanso: () => {
        // Each look asks for step 1 and, for the row of the other step, for that.
        if (++miradas > 4) visto.resolve(undefined);
        return [1];
      },
    });
    const respuesta = api.emitir(SUYA, CONTEXTO, espera({ abandono: cliente.signal }));

    await visto.promise;
    expect(motor.pendientes).toBe(1);
    cliente.abort();
    expect(await respuesta).not.toMatchObject({ fallo: 'CIRCUITO_ABIERTO' });
  });
});

describe('looking whether the step is held', () => {
  it('is done ever more rarely', async () => {
    const pausas: number[] = [];
    const anotarPausa = (ms: number) => Promise.resolve(pausas.push(ms));
    const alQuinto = () => Promise.resolve(pausas.length === 5);

    const fin = await esperarRun(
      motor.motor,
      alQuinto,
      'SOL-1',
      Date.now() + 60_000,
      [cliente.signal],
      anotarPausa,
    );

    expect(fin).toEqual({ tipo: 'RETENIDA' });
    expect(pausas).toEqual([
      ...[1, 2, 4].map((n) => n * MIRADA_INICIAL_MS),
      MIRADA_MAXIMA_MS,
      MIRADA_MAXIMA_MS,
    ]);
  });

  it('asks nothing of the register while no circuit is open', async () => {
    let leidas = 0;
    const miradas = Promise.withResolvers<undefined>();
    const api = servicioDeEmision({
      motor: motor.motor,
      registro: {
        leer: () => {
          leidas += 1;
          return Promise.resolve(null);
        },
      },
      enDescanso: () => {
        miradas.resolve(undefined);
        return [];
      },
      esperaSincronaMs: 60_000,
    });
    const respuesta = api.emitir(SUYA, CONTEXTO, espera({ abandono: cliente.signal }));

    await miradas.promise;
    expect([leidas, motor.miradas]).toEqual([0, 0]);
    cliente.abort();
    await respuesta;
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

    expect(await respuesta).toMatchObject({ fallo: 'SERVICIO_NO_DISPONIBLE', ...EN_PROCESO });
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

/** A single re-run by support, and the generation with which a failed codigo goes on. */
import type { EntradaEmision } from '../../../../shared/emision/contrato.ts';
import type { FalloDeEmision, TipoFallo } from '../../../../shared/emision/fallos.ts';
import type { OrdenDeReejecucion } from '../../../../shared/emision/reejecucion.ts';
import {
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

const FALLO: FalloDeEmision = { tipo: 'PKI_ERROR', paso: 1, detalles: ['500'] };
const FALLIDA = fila(SUYA, 'FALLIDO', FALLO);
const ORDEN: OrdenDeReejecucion = {
  motivo: 'La PKI ya responde',
  nuevaEmision: false,
  solicitante: { usuarioEjecutor: 'soporte', ipCliente: '10.0.0.2', correlationId: CONTEXTO.correlationId },
};
const ENTRADA: EntradaEmision = {
  solicitud: SUYA,
  contexto: { ...CONTEXTO, usuarioEjecutor: 'soporte' },
  huellaSolicitud: FALLIDA.huellaSolicitud,
  huellaCiudadano: 'c',
  generacion: 1,
  solicitudPkiId: 'PKI-1',
  aceptadaEn: '2026-11-22T10:00:00.000Z',
  reejecucion: { reejecucionId: null, motivo: ORDEN.motivo, solicitadaPor: 'soporte' },
};
const CERRADA = runAbierta({ runId: FALLIDA.runId, abierta: false });
const lista = (cambios: Partial<EntradaEmision> = {}) => ({
  prepararReejecucion: () => Promise.resolve({ tipo: 'LISTA' as const, entrada: { ...ENTRADA, ...cambios } }),
});
const LECTURAS = { leer: () => Promise.resolve(FALLIDA) };

let motor: MotorQueTarda;
beforeEach(() => {
  motor = new MotorQueTarda();
  motor.run = () => CERRADA;
});
afterEach(() => {
  motor.cerrar();
});

describe('a re-run', () => {
  it('of an unknown codigo is null', async () => {
    expect(await servicioDeEmision({}).reejecutar('SOL-1', ORDEN, espera())).toBeNull();
  });

  it.each([
    ['SOLICITUD_EN_PROCESO', fila(SUYA, 'EN_PROCESO'), 'EN_PROCESO'],
    ['SOLICITUD_NO_REEJECUTABLE', fila(SUYA, 'COMPLETADO'), 'COMPLETADO'],
    ['SOLICITUD_NO_REEJECUTABLE', FALLIDA, 'FALLIDO'],
  ] as [TipoFallo, typeof FALLIDA, string][])(
    'that the register refuses tells why, and how the issuance stands: %s, %#',
    async (fallo, registrada, estado) => {
      const api = servicioDeEmision({
        motor: motor.motor,
        soporte: {
          prepararReejecucion: () => Promise.resolve({ tipo: 'IMPEDIDA', fallo, motivo: 'por esto' }),
        },
        registro: {
          leer: () => Promise.resolve(registrada),
          conciliar: () => Promise.resolve(registrada),
        },
      });

      expect(await api.reejecutar('SOL-1', ORDEN, espera())).toMatchObject({
        tipo: 'FALLO',
        fallo,
        detalles: ['por esto'],
        vista: { estado },
      });
      expect(motor.iniciadas).toEqual([]);
    },
  );

  it('is started as the register prepared it, waited for, and answers the certificates', async () => {
    const api = servicioDeEmision({
      motor: motor.motor,
      registro: { ...LECTURAS, conciliar: () => Promise.resolve(fila(SUYA, 'COMPLETADO')) },
      soporte: lista(),
    });
    const respuesta = api.reejecutar('SOL-1', ORDEN, espera());
    motor.cerrar();

    expect(await respuesta).toMatchObject({ tipo: 'EMITIDO', vista: { estado: 'COMPLETADO' } });
    expect(motor.iniciadas).toEqual([ENTRADA]);
  });

  it('that fails again tells the new failure', async () => {
    const otro: FalloDeEmision = { tipo: 'PKI_RECHAZO', paso: 2, detalles: ['400'] };
    const api = servicioDeEmision({
      motor: { ...motor.motor, esperar: () => Promise.resolve({ tipo: 'CERRADA', fallo: otro }) },
      registro: { ...LECTURAS, conciliar: () => Promise.resolve(fila(SUYA, 'FALLIDO', otro)) },
      soporte: lista(),
    });

    expect(await api.reejecutar('SOL-1', ORDEN, espera())).toMatchObject({
      fallo: 'PKI_RECHAZO',
      vista: { estado: 'FALLIDO' },
    });
  });

  it('is accepted at once for who prefers an asynchronous answer', async () => {
    const api = servicioDeEmision({ motor: motor.motor, registro: LECTURAS, soporte: lista() });

    expect(await api.reejecutar('SOL-1', ORDEN, espera({ asincrona: true, maximoMs: 0 }))).toMatchObject({
      tipo: 'ACEPTADA',
      vista: { estado: 'EN_PROCESO' },
    });
    expect(motor.iniciadas).toHaveLength(1);
  });

  it('that somebody else has started meanwhile is told to be running', async () => {
    const api = servicioDeEmision({
      motor: {
        ...motor.motor,
        iniciar: () => Promise.resolve(false),
        enCurso: sucesivas(CERRADA, runAbierta()),
      },
      registro: LECTURAS,
      soporte: lista(),
    });

    expect(await api.reejecutar('SOL-1', ORDEN, espera())).toMatchObject({
      fallo: 'SOLICITUD_EN_PROCESO',
      vista: { codigoSolicitudTramite: 'SOL-1', estado: 'EN_PROCESO' },
    });
  });

  it('waits for a run that has recorded its failure and is about to close', async () => {
    const api = servicioDeEmision({
      motor: {
        ...motor.motor,
        iniciar: sucesivas(false, true),
        enCurso: sucesivas({ ...CERRADA, abierta: true }, { ...CERRADA, abierta: true }, CERRADA),
        esperar: () => Promise.resolve({ tipo: 'CERRADA', fallo: FALLO }),
      },
      registro: { ...LECTURAS, conciliar: () => Promise.resolve(fila(SUYA, 'COMPLETADO')) },
      soporte: lista(),
    });

    expect(await api.reejecutar('SOL-1', ORDEN, espera())).toMatchObject({ tipo: 'EMITIDO' });
  });

  it('is refused while as many wait as may', async () => {
    const api = servicioDeEmision({
      motor: motor.motor,
      registro: LECTURAS,
      soporte: lista(),
      esperasMax: 0,
    });

    expect(await api.reejecutar('SOL-1', ORDEN, espera())).toMatchObject({
      fallo: 'SERVICIO_NO_DISPONIBLE',
      vista: null,
    });
    expect(motor.iniciadas).toEqual([]);
  });
});

describe('a new issuance that support ordered and that closed before the register heard of it', () => {
  const segunda = () => ({ ...CERRADA, runId: 'run-perdida', memo: memoDe(SUYA, 2) });

  it('is gone on with by the next re-run', async () => {
    motor.run = segunda;
    const api = servicioDeEmision({ motor: motor.motor, registro: LECTURAS, soporte: lista() });

    await api.reejecutar('SOL-1', ORDEN, espera({ asincrona: true, maximoMs: 0 }));

    expect(motor.iniciadas).toMatchObject([{ generacion: 2, solicitudPkiId: null }]);
  });

  it('is not passed over by another new issuance', async () => {
    motor.run = segunda;
    const api = servicioDeEmision({
      motor: motor.motor,
      registro: LECTURAS,
      soporte: lista({ generacion: 2, solicitudPkiId: null }),
    });

    const orden = { ...ORDEN, nuevaEmision: true };
    await api.reejecutar('SOL-1', orden, espera({ asincrona: true, maximoMs: 0 }));

    expect(motor.iniciadas).toMatchObject([{ generacion: 2, solicitudPkiId: null }]);
  });

  it('keeps the client’s own POST from running what support discarded', async () => {
    motor.run = segunda;
    const api = servicioDeEmision({
      motor: motor.motor,
      registro: { conciliar: () => Promise.resolve(FALLIDA) },
    });

    expect(await api.emitir(SUYA, CONTEXTO, espera())).toMatchObject({
      fallo: 'SOLICITUD_NO_REEJECUTABLE',
      vista: { estado: 'FALLIDO' },
    });
    expect(motor.iniciadas).toEqual([]);
  });
});

test('a POST of a failed codigo goes on in the generation that the register holds', async () => {
  const api = servicioDeEmision({
    motor: motor.motor,
    registro: { conciliar: () => Promise.resolve({ ...FALLIDA, generacion: 3 }) },
  });

  await api.emitir(SUYA, CONTEXTO, espera({ asincrona: true, maximoMs: 0 }));

  expect(motor.iniciadas).toMatchObject([{ generacion: 3 }]);
});

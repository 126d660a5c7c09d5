/** What the service answers where register and Temporal disagree, or one of them falls silent. */
import { createRegistroQueResponde } from '../../../../api/http/carga/registro-que-responde.ts';
import type { LecturasDeRegistro } from '../../../../api/emision/lecturas.ts';
import type { FalloDeEmision } from '../../../../shared/emision/fallos.ts';
import { BaseSinRespuesta } from '../../../../shared/nucleo/base-sin-respuesta.ts';
import { ServicioNoDisponible } from '../../../../shared/nucleo/servicio-no-disponible.ts';
import type { EmisionRegistrada } from '../../../../shared/registro/emision/registro.ts';
import {
  AJENA,
  CONTEXTO,
  espera,
  fila,
  runAbierta,
  servicioDeEmision,
  sucesivas,
  SUYA,
} from '../../../support/api/servicio-de-emision.ts';

const FALLO: FalloDeEmision = { tipo: 'CIUDADANO_NO_ENCONTRADO', paso: 1, detalles: ['no existe'] };

test.each([
  ['failed, and says why', { tipo: 'CERRADA' as const, fallo: FALLO }, 'CIUDADANO_NO_ENCONTRADO'],
  ['was cut short', { tipo: 'CERRADA' as const, fallo: null }, 'CODIGO_REUTILIZADO'],
])(
  'a client whose run %s is not given what another request issues under its codigo',
  async (_, fin, fallo) => {
    const api = servicioDeEmision({
      registro: { conciliar: sucesivas<EmisionRegistrada | null>(null, fila(AJENA, 'COMPLETADO')) },
      motor: { esperar: () => Promise.resolve(fin) },
    });

    expect(await api.emitir(SUYA, CONTEXTO, espera())).toMatchObject({ tipo: 'FALLO', fallo, vista: null });
  },
);

test('a client that waited to the end is not shown another request’s issuance', async () => {
  const api = servicioDeEmision({
    registro: { leer: () => Promise.resolve(fila(AJENA, 'COMPLETADO')) },
    motor: { esperar: () => Promise.resolve({ tipo: 'PLAZO' }) },
  });

  expect(await api.emitir(SUYA, CONTEXTO, espera())).toMatchObject({
    fallo: 'CODIGO_REUTILIZADO',
    vista: null,
  });
});

test('a re-run that was accepted is EN_PROCESO while the register still holds the old failure', async () => {
  const anterior = fila(SUYA, 'FALLIDO', FALLO);
  const api = servicioDeEmision({
    registro: { conciliar: () => Promise.resolve(anterior), leer: () => Promise.resolve(anterior) },
    motor: {
      esperar: () => Promise.resolve({ tipo: 'PLAZO' }),
      enCurso: () => Promise.resolve(runAbierta()),
    },
  });

  expect(await api.emitir(SUYA, CONTEXTO, espera())).toMatchObject({
    fallo: 'TIEMPO_PKI_AGOTADO',
    vista: { estado: 'EN_PROCESO', fallo: null },
  });
  expect(await api.consultar('SOL-1')).toMatchObject({ estado: 'EN_PROCESO' });
});

test('an issuance that ended between two looks is told by its outcome', async () => {
  const api = servicioDeEmision({
    registro: { leer: sucesivas<EmisionRegistrada | null>(null, fila(SUYA, 'COMPLETADO')) },
    motor: { enCurso: () => Promise.resolve(null) },
  });

  expect(await api.consultar('SOL-1')).toMatchObject({ estado: 'COMPLETADO' });
});

test.each([
  ['4 s after its start', 5_000, 4_000],
  ['before its start, by clocks that differ', 900, 0],
])('an issuance that ended %s tells how long it took', async (_, fin, duracion) => {
  const emision = {
    ...fila(SUYA, 'COMPLETADO'),
    fechaInicio: new Date(1_000),
    fechaFin: new Date(fin),
  };
  const api = servicioDeEmision({ registro: { leer: () => Promise.resolve(emision) } });

  expect(await api.consultar('SOL-1')).toMatchObject({ tiempoProcesamientoMs: duracion });
});

test('a failure is still told where Temporal does not answer', async () => {
  const api = servicioDeEmision({
    registro: { leer: () => Promise.resolve(fila(SUYA, 'FALLIDO', FALLO)) },
    motor: { enCurso: () => Promise.reject(new ServicioNoDisponible('Temporal')) },
  });

  expect(await api.consultar('SOL-1')).toMatchObject({ estado: 'FALLIDO' });
});

test('a client whose wait loses Temporal is told by the register that the work goes on', async () => {
  const api = servicioDeEmision({
    registro: { leer: () => Promise.resolve(fila(SUYA, 'EN_PROCESO')) },
    motor: { esperar: () => Promise.reject(new ServicioNoDisponible('Temporal')) },
  });

  expect(await api.emitir(SUYA, CONTEXTO, espera())).toMatchObject({
    fallo: 'SERVICIO_NO_DISPONIBLE',
    vista: { estado: 'EN_PROCESO' },
  });
});

test.each([
  ['completed', fila(SUYA, 'COMPLETADO'), true],
  ['running', fila(SUYA, 'EN_PROCESO'), true],
  ['failed', fila(SUYA, 'FALLIDO', FALLO), false],
  ["another's", fila(AJENA, 'COMPLETADO'), false],
  ['unknown', null, false],
])('a request whose codigo is %s', async (_, emision, esperado) => {
  const api = servicioDeEmision({ registro: { leer: () => Promise.resolve(emision) } });

  expect(await api.esRepeticion(SUYA)).toBe(esperado);
});

test('a start that Temporal does not answer is 503 without a transaction', async () => {
  const api = servicioDeEmision({
    motor: { iniciar: () => Promise.reject(new ServicioNoDisponible('Temporal')) },
  });

  await expect(api.emitir(SUYA, CONTEXTO, espera())).rejects.toBeInstanceOf(ServicioNoDisponible);
});

describe('a register that does not answer', () => {
  const conError = (error: Error) =>
    servicioDeEmision({
      registro: createRegistroQueResponde()<LecturasDeRegistro>({
        ...lecturas(),
        leer: () => Promise.reject(error),
      }),
    });
  const lecturas = (): LecturasDeRegistro => ({
    leer: () => Promise.resolve(null),
    leerCertificados: () => Promise.resolve([]),
    conciliar: () => Promise.resolve(null),
    restaurar: () => Promise.resolve(null),
    hayOtraPeticionEnProceso: () => Promise.resolve(false),
  });

  const conCodigo = (code: string, message: string) => Object.assign(new Error(message), { code });

  test.each<[string, Error]>([
    ['no connection', new BaseSinRespuesta('CONEXION')],
    ['nothing in time', new BaseSinRespuesta('PLAZO')],
    ['a shutdown', conCodigo('57P01', 'terminating connection due to administrator command')],
    ['a failure of its own', conCodigo('08006', 'connection failure')],
  ])('is unavailable, not at fault: %s', async (_caso, error) => {
    await expect(conError(error).consultar('SOL-1')).rejects.toBeInstanceOf(ServicioNoDisponible);
  });

  test.each<[string, Error]>([
    ['another answer of the database', conCodigo('42703', 'column does not exist')],
    ['a fault that speaks of a timeout', new Error('the field timeout is missing: connection terminated')],
  ])('is at fault where the error is %s', async (_caso, error) => {
    await expect(conError(error).consultar('SOL-1')).rejects.toBe(error);
  });
});

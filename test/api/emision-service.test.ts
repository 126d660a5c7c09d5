/** What the service answers where register and Temporal disagree, or one of them falls silent. */
import { createEmisionService } from '../../api/emision/emision-service.ts';
import type { MotorTemporal } from '../../api/emision/motor-temporal.ts';
import { registroQueResponde, type LecturasDeRegistro } from '../../api/emision/registro-que-responde.ts';
import type { ContextoDePeticion, MemoEmision } from '../../shared/emision/contrato.ts';
import type { FalloDeEmision } from '../../shared/emision/fallos.ts';
import { ServicioNoDisponible } from '../../shared/emision/servicio-emision.ts';
import { titularDe } from '../../shared/emision/titular.ts';
import type { EmisionRegistrada } from '../../shared/registro/registro.ts';
import { solicitudDePrueba } from '../support/solicitud-de-prueba.ts';

const SUYA = solicitudDePrueba('SOL-1', '45678912');
const AJENA = solicitudDePrueba('SOL-1', '49999999');
const CONTEXTO: ContextoDePeticion = {
  usuarioEjecutor: 'siirc',
  oficinaEjecucion: 'LIMA',
  ipCliente: '10.0.0.1',
  dispositivo: 'PC',
  canal: 'WEB',
  correlationId: 'e07d864b-a7dc-4e3f-8999-684adcac615e',
  requestId: '83a542a7-ae13-4425-9e31-70f0991b10a2',
};
const FALLO: FalloDeEmision = { tipo: 'CIUDADANO_NO_ENCONTRADO', paso: 1, detalles: ['no existe'] };

function fila(
  solicitud: typeof SUYA,
  estado: EmisionRegistrada['estado'],
  fallo: FalloDeEmision | null = null,
): EmisionRegistrada {
  const paso = {
    codigo: 'SOL-1',
    generacion: 1,
    clave_idempotencia: 'c',
    estado: 'EN_PROCESO' as const,
    fecha_inicio: null,
    fecha_fin: null,
    intentos: 1,
    envios_sin_aclarar: [],
    solicitud_pki_id: null,
    numeros_solicitud: null,
  };
  return {
    codigo: 'SOL-1',
    generacion: 1,
    estado,
    runId: 'run-anterior',
    huellaSolicitud: `solicitud:${solicitud.solicitud.numeroDocumento}`,
    huellaCiudadano: 'c',
    requestId: CONTEXTO.requestId,
    resultadoIncierto: false,
    solicitud,
    contexto: CONTEXTO,
    fallo,
    registroAuditoriaId: 'a',
    aceptadaEn: new Date(0),
    fechaInicio: new Date(0),
    fechaFin: estado === 'EN_PROCESO' ? null : new Date(1),
    pasos: { 1: { ...paso, paso: 1 }, 2: { ...paso, paso: 2 } },
  };
}

/** Each test says what differs from a codigo that nobody knows and a Temporal that starts it. */
function servicio(registro: Partial<LecturasDeRegistro>, motor: Partial<MotorTemporal>) {
  return createEmisionService({
    registro: {
      leer: () => Promise.resolve(null),
      leerCertificados: () => Promise.resolve([]),
      conciliar: () => Promise.resolve(null),
      hayOtraPeticionEnProceso: () => Promise.resolve(false),
      ...registro,
    },
    motor: {
      iniciar: () => Promise.resolve(true),
      enCurso: () => Promise.resolve(null),
      detalle: () => Promise.resolve(null),
      esperar: () => Promise.resolve({ tipo: 'CERRADA', fallo: null }),
      describir: () => Promise.resolve(null),
      comprobar: () => Promise.resolve(),
      ...motor,
    },
    huella: (dominio, forma) => `${dominio}:${/"numeroDocumento":"(\d+)"/.exec(forma)?.[1] ?? ''}`,
    adaptadorIdempotente: true,
    esperaSincronaMs: 1_000,
    parada: new AbortController().signal,
  });
}

/** The answers of successive calls; the last one stays. */
function sucesivas<T>(...valores: T[]): () => Promise<T> {
  return () => Promise.resolve(valores.length > 1 ? (valores.shift() as T) : (valores[0] as T));
}

const memoDe = (solicitud: typeof SUYA): MemoEmision => ({
  requestId: CONTEXTO.requestId,
  huellaSolicitud: `solicitud:${solicitud.solicitud.numeroDocumento}`,
  generacion: 1,
  solicitudPkiId: null,
  titular: titularDe(solicitud),
  auditoria: CONTEXTO,
});

test.each([
  ['failed, and says why', { tipo: 'CERRADA' as const, fallo: FALLO }, 'CIUDADANO_NO_ENCONTRADO'],
  ['was cut short', { tipo: 'CERRADA' as const, fallo: null }, 'CODIGO_REUTILIZADO'],
])(
  'a client whose run %s is not given what another request issues under its codigo',
  async (_, fin, fallo) => {
    const api = servicio(
      { conciliar: sucesivas<EmisionRegistrada | null>(null, fila(AJENA, 'COMPLETADO')) },
      { esperar: () => Promise.resolve(fin) },
    );

    expect(await api.emitir(SUYA, CONTEXTO)).toMatchObject({ tipo: 'FALLO', fallo, vista: null });
  },
);

test('a client that waited to the end is not shown another request’s issuance', async () => {
  const api = servicio(
    { leer: () => Promise.resolve(fila(AJENA, 'COMPLETADO')) },
    { esperar: () => Promise.resolve({ tipo: 'PLAZO' }) },
  );

  expect(await api.emitir(SUYA, CONTEXTO)).toMatchObject({ fallo: 'CODIGO_REUTILIZADO', vista: null });
});

test('a re-run that was accepted is EN_PROCESO while the register still holds the old failure', async () => {
  const anterior = fila(SUYA, 'FALLIDO', FALLO);
  const run = {
    runId: 'run-nueva',
    abierta: true,
    inicio: new Date(0),
    memo: memoDe(SUYA),
    ultimoFallo: null,
  };
  const api = servicio(
    { conciliar: () => Promise.resolve(anterior), leer: () => Promise.resolve(anterior) },
    { esperar: () => Promise.resolve({ tipo: 'PLAZO' }), enCurso: () => Promise.resolve(run) },
  );

  expect(await api.emitir(SUYA, CONTEXTO)).toMatchObject({
    fallo: 'TIEMPO_PKI_AGOTADO',
    vista: { estado: 'EN_PROCESO', fallo: null },
  });
  expect(await api.consultar('SOL-1')).toMatchObject({ estado: 'EN_PROCESO' });
});

test('an issuance that ended between two looks is told by its outcome', async () => {
  const api = servicio(
    { leer: sucesivas<EmisionRegistrada | null>(null, fila(SUYA, 'COMPLETADO')) },
    { enCurso: () => Promise.resolve(null) },
  );

  expect(await api.consultar('SOL-1')).toMatchObject({ estado: 'COMPLETADO' });
});

test('a failure is still told where Temporal does not answer', async () => {
  const api = servicio(
    { leer: () => Promise.resolve(fila(SUYA, 'FALLIDO', FALLO)) },
    { enCurso: () => Promise.reject(new ServicioNoDisponible('Temporal')) },
  );

  expect(await api.consultar('SOL-1')).toMatchObject({ estado: 'FALLIDO' });
});

test('a client whose wait loses Temporal is told by the register that the work goes on', async () => {
  const api = servicio(
    { leer: () => Promise.resolve(fila(SUYA, 'EN_PROCESO')) },
    { esperar: () => Promise.reject(new ServicioNoDisponible('Temporal')) },
  );

  expect(await api.emitir(SUYA, CONTEXTO)).toMatchObject({
    fallo: 'SERVICIO_NO_DISPONIBLE',
    vista: { estado: 'EN_PROCESO' },
  });
});

test('a start that Temporal does not answer is 503 without a transaction', async () => {
  const api = servicio({}, { iniciar: () => Promise.reject(new ServicioNoDisponible('Temporal')) });

  await expect(api.emitir(SUYA, CONTEXTO)).rejects.toBeInstanceOf(ServicioNoDisponible);
});

describe('a register that does not answer', () => {
  const conError = (error: Error) =>
    servicio(registroQueResponde({ ...lecturas(), leer: () => Promise.reject(error) }), {});
  const lecturas = (): LecturasDeRegistro => ({
    leer: () => Promise.resolve(null),
    leerCertificados: () => Promise.resolve([]),
    conciliar: () => Promise.resolve(null),
    hayOtraPeticionEnProceso: () => Promise.resolve(false),
  });

  test.each([
    ['ECONNREFUSED', 'connect'],
    ['57P01', 'terminating connection due to administrator command'],
    ['08006', 'connection failure'],
    [undefined, 'timeout exceeded when trying to connect'],
    [undefined, 'Connection terminated unexpectedly'],
  ])('is unavailable, not at fault: %s %s', async (code, message) => {
    const api = conError(Object.assign(new Error(message), { code }));

    await expect(api.consultar('SOL-1')).rejects.toBeInstanceOf(ServicioNoDisponible);
  });

  test('is at fault where the error is of another kind', async () => {
    const api = conError(Object.assign(new Error('column does not exist'), { code: '42703' }));

    await expect(api.consultar('SOL-1')).rejects.toThrow('column does not exist');
  });
});

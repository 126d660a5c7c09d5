import { jest } from '@jest/globals';
import { ApplicationFailure, DefaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import proto from '@temporalio/proto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { Registry } from 'prom-client';
import { createActividadesPki } from '../../activities/emision/actividades-pki.ts';
import { createMetricasPki } from '../../activities/emision/metricas-pki.ts';
import { PkiFallo, type CertezaDeEnvio, type PkiGateway } from '../../activities/emision/pki-gateway.ts';
import type { ReferenciaEmision, RespuestaPaso1, RespuestaPaso2 } from '../../shared/emision/contrato.ts';
import { FALLOS, type TipoFallo } from '../../shared/emision/fallos.ts';
import { INTENTOS_POCOS, LATIDO_MS } from '../../shared/emision/plazos.ts';
import { TurnoNegado, type Envio, type Registro } from '../../shared/registro/registro.ts';
import { createFakeRegistro, envioDePrueba, PASO_1, PASO_2 } from '../support/fake-registro.ts';

const REFERENCIA: ReferenciaEmision = {
  codigoSolicitudTramite: 'SOL-1',
  generacion: 1,
  huellaSolicitud: 'H',
};
const RUN_ID = 'run-de-prueba';
const PASOS = [1, 2] as const;
type Paso = (typeof PASOS)[number];

interface Caso {
  attempt?: number;
  pki?: Partial<PkiGateway>;
  registro?: Partial<Registro>;
  adaptadorIdempotente?: boolean;
}

function preparar({ attempt = 1, pki = {}, registro = {}, adaptadorIdempotente = true }: Caso = {}) {
  const registroMetricas = new Registry();
  /** Operations on the register and sends, as they came. */
  const orden: string[] = [];
  const enviados: Envio[] = [];
  const fakeRegistro = createFakeRegistro(registro, orden);
  const anotar = (envio: Envio) => {
    orden.push('ENVIO');
    enviados.push(envio);
    return envio;
  };
  const puerto: PkiGateway = {
    generarNumerosSolicitud: () => Promise.resolve(PASO_1),
    generarCertificadoDigitalDniE: () => Promise.resolve(PASO_2),
    ...pki,
  };
  const actividades = createActividadesPki({
    registro: fakeRegistro,
    metricas: createMetricasPki(registroMetricas),
    adaptadorIdempotente,
    pki: {
      generarNumerosSolicitud: (envio) => puerto.generarNumerosSolicitud(anotar(envio)),
      generarCertificadoDigitalDniE: (envio) => puerto.generarCertificadoDigitalDniE(anotar(envio)),
    },
  });
  const entorno = new MockActivityEnvironment(
    { attempt, workflowExecution: { workflowId: 'emision/SOL-1', runId: RUN_ID } },
    { logger: new DefaultLogger('ERROR') },
  );
  const ejecutar = (paso: Paso): Promise<RespuestaPaso1 | RespuestaPaso2> =>
    entorno.run((): Promise<RespuestaPaso1 | RespuestaPaso2> =>
      paso === 1
        ? actividades.generarNumerosSolicitud(REFERENCIA)
        : actividades.generarCertificadoDigitalDniE(REFERENCIA),
    );
  return {
    orden,
    enviados,
    entorno,
    registro: fakeRegistro,
    metricas: () => registroMetricas.metrics(),
    ejecutar,
    fallar: async (paso: Paso): Promise<ApplicationFailure> => {
      const error: unknown = await ejecutar(paso).catch((motivo: unknown) => motivo);
      if (error instanceof ApplicationFailure) return error;
      throw new Error('the activity did not end in an ApplicationFailure', { cause: error });
    },
  };
}

/** Both steps of the gateway end so. */
function pkiQueFalla(error: Error): Partial<PkiGateway> {
  const fallar = () => Promise.reject(error);
  return { generarNumerosSolicitud: fallar, generarCertificadoDigitalDniE: fallar };
}

function pkiFallo(tipo: TipoFallo, certeza: CertezaDeEnvio, reintentarEnMs: number | null = null): PkiFallo {
  return new PkiFallo(tipo, certeza, ['María Elena no figura.'], reintentarEnMs);
}

describe.each(PASOS)('step %i', (paso) => {
  const respuesta = paso === 1 ? PASO_1 : PASO_2;

  it('marks the send in the register, then sends what the register handed out', async () => {
    const caso = preparar();

    await expect(caso.ejecutar(paso)).resolves.toEqual(respuesta);

    expect(caso.orden).toEqual(['marcarEnvio', 'ENVIO']);
    expect(caso.registro.llamadas[0]?.argumentos).toEqual([REFERENCIA, RUN_ID, paso]);
    expect(caso.enviados).toEqual([envioDePrueba()]);
  });

  it.each<[CertezaDeEnvio, boolean]>([
    ['NADA_HECHO', false],
    ['DEFINITIVO', true],
  ])('clears the mark after a clear refusal (%s), once', async (certeza, definitivo) => {
    const caso = preparar({ pki: pkiQueFalla(pkiFallo('PKI_NO_DISPONIBLE', certeza)) });

    await caso.fallar(paso);

    expect(caso.orden).toEqual(['marcarEnvio', 'ENVIO', 'aclararEnvio']);
    expect(caso.registro.llamadas[1]?.argumentos).toEqual([REFERENCIA, RUN_ID, paso, definitivo]);
  });

  it('leaves the mark where it is unknown what was done', async () => {
    const caso = preparar({ pki: pkiQueFalla(pkiFallo('TIEMPO_PKI_AGOTADO', 'DESCONOCIDO')) });

    await caso.fallar(paso);

    expect(caso.orden).toEqual(['marcarEnvio', 'ENVIO']);
  });

  it.each<[TipoFallo]>([['TURNO_PERDIDO'], ['RESULTADO_INCIERTO'], ['CIUDADANO_EN_PROCESO']])(
    'sends nothing and ends for good where the register refuses the turn (%s)',
    async (tipo) => {
      const caso = preparar({
        registro: { marcarEnvio: () => Promise.reject(new TurnoNegado(tipo, 'No es su turno.')) },
      });

      const fallo = await caso.fallar(paso);

      expect(fallo).toMatchObject({ type: tipo, nonRetryable: true, details: [['No es su turno.']] });
      expect(caso.enviados).toEqual([]);
    },
  );

  it('sends nothing and waits where the register is down', async () => {
    const caso = preparar({
      attempt: 3,
      registro: { marcarEnvio: () => Promise.reject(new Error('connect ECONNREFUSED')) },
    });

    const fallo = await caso.fallar(paso);

    expect(fallo).toMatchObject({ type: 'SERVICIO_NO_DISPONIBLE', nonRetryable: false });
    expect(Number(fallo.nextRetryDelay)).toBeGreaterThanOrEqual(3200);
    expect(caso.enviados).toEqual([]);
  });

  it('tries again where the register went down before a clear refusal was cleared', async () => {
    const caso = preparar({
      pki: pkiQueFalla(pkiFallo('CIUDADANO_NO_ENCONTRADO', 'DEFINITIVO')),
      registro: { aclararEnvio: () => Promise.reject(new Error('connect ECONNREFUSED')) },
    });

    expect(await caso.fallar(paso)).toMatchObject({ type: 'SERVICIO_NO_DISPONIBLE', nonRetryable: false });
  });

  it('ends for good as an internal error where our own code fails, and leaves the mark', async () => {
    const caso = preparar({ pki: pkiQueFalla(new TypeError('x is not a function')) });

    const fallo = await caso.fallar(paso);

    expect(fallo).toMatchObject({
      type: 'ERROR_INTERNO',
      nonRetryable: true,
      details: [['Error interno; el detalle está en el registro de eventos del worker.']],
    });
    expect(fallo.cause?.cause).toMatchObject({ message: 'x is not a function' });
    expect(caso.orden).toEqual(['marcarEnvio', 'ENVIO']);
  });

  it('tells the adapter’s words in the details, which are encrypted, not in the message, which is logged', async () => {
    const caso = preparar({ pki: pkiQueFalla(pkiFallo('CIUDADANO_NO_ENCONTRADO', 'DEFINITIVO')) });

    const fallo = await caso.fallar(paso);

    expect(fallo.details).toEqual([['María Elena no figura.']]);
    expect(fallo.message).toBe('La PKI no conoce al ciudadano');
    expect(`${fallo.stack ?? ''}${fallo.cause?.stack ?? ''}`).not.toContain('María');
  });

  it('counts the call by its step and how it ended', async () => {
    const bien = preparar();
    const mal = preparar({ pki: pkiQueFalla(pkiFallo('PKI_ERROR', 'DESCONOCIDO')) });
    const peor = preparar({ pki: pkiQueFalla(new TypeError('x is not a function')) });

    await bien.ejecutar(paso);
    await mal.fallar(paso);
    await peor.fallar(paso);

    const cuenta = (resultado: string) =>
      `pki_call_duration_seconds_count{paso="${paso}",resultado="${resultado}"} 1`;
    expect(await bien.metricas()).toContain(cuenta('COMPLETADO'));
    expect(await mal.metricas()).toContain(cuenta('PKI_ERROR'));
    expect(await peor.metricas()).toContain(cuenta('ERROR_INTERNO'));
  });

  it('counts no call where nothing was sent', async () => {
    const caso = preparar({
      registro: { marcarEnvio: () => Promise.reject(new TurnoNegado('TURNO_PERDIDO', 'No.')) },
    });

    await caso.fallar(paso);

    expect(await caso.metricas()).not.toContain('pki_call_duration_seconds_count{');
  });
});

describe('another attempt', () => {
  const tipos = Object.keys(FALLOS) as TipoFallo[];
  const de = (reintento: string) => tipos.filter((tipo) => FALLOS[tipo].reintento === reintento);
  const fallar = (tipo: TipoFallo, attempt: number) =>
    preparar({ attempt, pki: pkiQueFalla(pkiFallo(tipo, 'NADA_HECHO')) }).fallar(1);

  it.each(de('SIEMPRE'))('after %s is always worth it', async (tipo) => {
    expect((await fallar(tipo, 1)).nonRetryable).toBe(false);
    expect((await fallar(tipo, 500)).nonRetryable).toBe(false);
  });

  it.each(de('POCOS'))('after %s is worth it a few times', async (tipo) => {
    expect((await fallar(tipo, INTENTOS_POCOS - 1)).nonRetryable).toBe(false);
    expect((await fallar(tipo, INTENTOS_POCOS)).nonRetryable).toBe(true);
    expect((await fallar(tipo, INTENTOS_POCOS + 1)).nonRetryable).toBe(true);
  });

  it.each(de('NUNCA'))('after %s is never worth it', async (tipo) => {
    expect((await fallar(tipo, 1)).nonRetryable).toBe(true);
  });

  it.each([
    [1, true, false],
    [2, true, false],
    [1, false, false],
    [2, false, true],
  ] as const)(
    'of step %i whose outcome is unclear, with an idempotent adapter %s: refused is %s',
    async (paso, adaptadorIdempotente, nonRetryable) => {
      const pki = pkiQueFalla(pkiFallo('TIEMPO_PKI_AGOTADO', 'DESCONOCIDO'));

      const fallo = await preparar({ pki, adaptadorIdempotente }).fallar(paso);

      expect(fallo).toMatchObject({ type: 'TIEMPO_PKI_AGOTADO', nonRetryable });
    },
  );

  it('of step 2 that was clearly refused is worth it with any adapter', async () => {
    const pki = pkiQueFalla(pkiFallo('PKI_NO_DISPONIBLE', 'NADA_HECHO'));

    expect((await preparar({ pki, adaptadorIdempotente: false }).fallar(2)).nonRetryable).toBe(false);
  });

  it.each([
    [1, 1000],
    [2, 2000],
    [3, 4000],
    [5, 16_000],
    [6, 30_000],
    [400, 30_000],
    [5000, 30_000],
  ])('after attempt %i waits %i ms, a fifth more or less', async (attempt, esperaMs) => {
    const esperas = await Promise.all(
      Array.from({ length: 20 }, async () => Number((await fallar('PKI_ERROR', attempt)).nextRetryDelay)),
    );

    for (const espera of esperas) {
      expect(espera).toBeGreaterThanOrEqual(esperaMs * 0.8);
      expect(espera).toBeLessThanOrEqual(esperaMs * 1.2);
    }
    expect(new Set(esperas).size).toBeGreaterThan(1);
  });

  it('waits at least as long as Retry-After says', async () => {
    const pki = pkiQueFalla(pkiFallo('PKI_NO_DISPONIBLE', 'NADA_HECHO', 45_000));

    expect(Number((await preparar({ pki }).fallar(1)).nextRetryDelay)).toBe(45_000);
  });

  it('waits its own time where Retry-After is shorter', async () => {
    const pki = pkiQueFalla(pkiFallo('PKI_NO_DISPONIBLE', 'NADA_HECHO', 0));

    expect(Number((await preparar({ pki, attempt: 3 }).fallar(1)).nextRetryDelay)).toBeGreaterThanOrEqual(
      3200,
    );
  });
});

describe('heartbeats', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('are sent three times in their limit while the PKI is waited for, and end with the call', async () => {
    const { promise, resolve } = Promise.withResolvers<typeof PASO_2>();
    const caso = preparar({ pki: { generarCertificadoDigitalDniE: () => promise } });
    let latidos = 0;
    caso.entorno.on('heartbeat', () => {
      latidos += 1;
    });

    const llamada = caso.ejecutar(2);
    await jest.advanceTimersByTimeAsync(LATIDO_MS);
    const mientras = latidos;
    resolve(PASO_2);
    await llamada;
    await jest.advanceTimersByTimeAsync(LATIDO_MS * 10);

    expect(mientras).toBe(3);
    expect(latidos).toBe(3);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('are sent while the register is waited for too', async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    const caso = preparar({ registro: { marcarEnvio: () => promise } });
    let latidos = 0;
    caso.entorno.on('heartbeat', () => {
      latidos += 1;
    });

    const fallo = caso.fallar(1);
    await jest.advanceTimersByTimeAsync(LATIDO_MS);
    reject(new Error('timeout'));
    await fallo;

    expect(latidos).toBe(3);
    expect(jest.getTimerCount()).toBe(0);
  });
});

it('lets a call finish that a cancel met: its answer is not lost', async () => {
  const { promise, resolve } = Promise.withResolvers<typeof PASO_2>();
  const caso = preparar({ pki: { generarCertificadoDigitalDniE: () => promise } });

  const llamada = caso.ejecutar(2);
  caso.entorno.cancel();
  resolve(PASO_2);

  await expect(llamada).resolves.toEqual(PASO_2);
});

describe('the failure that Temporal keeps while an activity waits', () => {
  /** limit.mutableStateActivityFailureSize.error: of a greater one the server keeps not even the type. */
  const LIMITE_DEL_SERVIDOR_BYTES = 4096;
  const converter = new DefaultFailureConverter({ encodeCommonAttributes: true });

  const tamanio = (error: ApplicationFailure): number =>
    proto.temporal.api.failure.v1.Failure.encode(
      converter.errorToFailure(error, defaultPayloadConverter),
    ).finish().length;

  it.each([
    [
      'a connection that fails',
      pkiQueFalla(conCausas(new PkiFallo('PKI_SIN_CONEXION', 'NADA_HECHO', ['x']))),
    ],
    [
      'an adapter of many words',
      pkiQueFalla(new PkiFallo('PKI_ERROR', 'DESCONOCIDO', Array<string>(100).fill('ñ'.repeat(1000)))),
    ],
  ])('is small after %s', async (_caso, pki) => {
    // Encryption adds some 60 bytes to each of a handful of payloads.
    expect(tamanio(await preparar({ pki }).fallar(1))).toBeLessThan(LIMITE_DEL_SERVIDOR_BYTES * 0.75);
  });

  it('is small after a register that went down', async () => {
    const registro = { marcarEnvio: () => Promise.reject(conCausas(new Error('timeout'))) };

    expect(tamanio(await preparar({ registro }).fallar(1))).toBeLessThan(LIMITE_DEL_SERVIDOR_BYTES * 0.75);
  });

  it('keeps the trace of a fault of our own code', async () => {
    const fallo = await preparar({ pki: pkiQueFalla(new TypeError('x is not a function')) }).fallar(1);

    expect((fallo.cause?.cause as Error).stack).toMatch(/ {4}at .*actividades-pki\.test/);
  });
});

/** As libraries throw: a chain of causes, each with a long trace. */
function conCausas(error: Error): Error {
  const traza =
    '    at aFunction (/some/folder/of/an/installation/node_modules/a-library/index.js:1:1)\n'.repeat(10);
  let causa: Error | undefined;
  for (const mensaje of ['connect ECONNREFUSED 127.0.0.1:8090', 'the request failed']) {
    causa = new Error(mensaje, { cause: causa });
    causa.stack = `Error: ${mensaje}\n${traza}`;
  }
  error.cause = causa;
  return error;
}

import { defaultActivityInfo } from '@temporalio/testing';
import { jest } from '@jest/globals';
import { ActivityCancelledError } from '@temporalio/client';
import {
  DefaultFailureConverter,
  defaultPayloadConverter,
  type ApplicationFailure,
} from '@temporalio/common';
import proto from '@temporalio/proto';
import type { CertezaDeEnvio } from '../../../../activities/emision/pki/pki-gateway.ts';
import { PASOS } from '../../../../shared/emision/contrato.ts';
import type { TipoFallo } from '../../../../shared/emision/fallos.ts';
import { FALLOS_PARA_ABRIR, LATIDO_MS, MARGEN_INTENTO_MS } from '../../../../shared/emision/plazos.ts';
import { TurnoNegado } from '../../../../shared/registro/emision/registro.ts';
import { envioDePrueba, PASO_1, PASO_2 } from '../../../support/registro/fake-registro.ts';
import {
  DE_ESTE_RUN,
  ENVIADO,
  pkiFallo,
  pkiQueFalla,
  preparar,
  REFERENCIA,
  RESPONDIDA,
  RUN_ID,
  type Caso,
} from './caso-pki.ts';

describe.each(PASOS)('step %i', (paso) => {
  const respuesta = paso === 1 ? PASO_1 : PASO_2;

  it('marks the send in the register, then sends what the register handed out', async () => {
    const caso = preparar();

    await caso.ejecutar(paso);

    expect(caso.orden.slice(0, 2)).toEqual(['marcarEnvio', 'ENVIO']);
    expect(caso.registro.llamadas[0]?.argumentos).toEqual([REFERENCIA, RUN_ID, paso]);
    expect(caso.enviados).toEqual([envioDePrueba()]);
  });

  it('tells the register what the PKI answered, and then Temporal, with the work that it is of', async () => {
    const caso = preparar();

    await expect(caso.ejecutar(paso)).resolves.toEqual(RESPONDIDA[paso]);

    expect(caso.orden).toEqual(['marcarEnvio', 'ENVIO', 'conservarRespuesta']);
    expect(caso.registro.llamadas[1]?.argumentos).toEqual([REFERENCIA, ENVIADO, { paso, respuesta }]);
  });

  it('sends nothing where an earlier attempt brought the answer and Temporal never heard of it', async () => {
    const caso = preparar({
      registro: { marcarEnvio: () => Promise.resolve({ tipo: 'RESPONDIDO', respuesta }) },
    });

    await expect(caso.ejecutar(paso)).resolves.toEqual(RESPONDIDA[paso]);

    expect(caso.orden).toEqual(['marcarEnvio']);
  });

  it('is not lost where the register is down meanwhile: the run brings it', async () => {
    jest.useFakeTimers();
    const caso = preparar({
      registro: { conservarRespuesta: () => Promise.reject(new Error('connect ECONNREFUSED')) },
    });

    const llamada = caso.ejecutar(paso);
    await jest.advanceTimersByTimeAsync(MARGEN_INTENTO_MS);

    await expect(llamada).resolves.toEqual(RESPONDIDA[paso]);
    jest.useRealTimers();
  });

  it('is of the run’s own codigo, or nothing is done', async () => {
    const caso = preparar({ workflowId: 'emision/SOL-2' });

    expect(await caso.fallar(paso)).toMatchObject({ type: 'EJECUCION_AJENA', nonRetryable: true });
    expect(caso.orden).toEqual([]);
  });

  it.each<[CertezaDeEnvio, boolean]>([
    ['NADA_HECHO', false],
    ['DEFINITIVO', true],
  ])('clears the mark after a clear refusal (%s), once', async (certeza, definitivo) => {
    const caso = preparar({ pki: pkiQueFalla(pkiFallo('PKI_NO_DISPONIBLE', certeza)) });

    await caso.fallar(paso);

    expect(caso.orden).toEqual(['marcarEnvio', 'ENVIO', 'aclararEnvio']);
    expect(caso.registro.llamadas[1]?.argumentos).toEqual([REFERENCIA, ENVIADO, paso, definitivo]);
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

      expect(fallo).toMatchObject({
        type: tipo,
        nonRetryable: true,
        details: [['No es su turno.'], DE_ESTE_RUN],
      });
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

  it('ends for good as an internal error where our own code fails, and leaves the mark', async () => {
    const caso = preparar({ pki: pkiQueFalla(new TypeError('x is not a function')) });

    const fallo = await caso.fallar(paso);

    expect(fallo).toMatchObject({
      type: 'ERROR_INTERNO',
      nonRetryable: true,
      details: [['Error interno; el detalle está en el registro de eventos del worker.'], DE_ESTE_RUN],
    });
    expect(fallo.cause?.cause).toMatchObject({ message: 'x is not a function' });
    expect(caso.orden).toEqual(['marcarEnvio', 'ENVIO']);
  });

  it('tells the adapter’s words in the details, which are encrypted, not in the message, which is logged', async () => {
    const caso = preparar({ pki: pkiQueFalla(pkiFallo('CIUDADANO_NO_ENCONTRADO', 'DEFINITIVO')) });

    const fallo = await caso.fallar(paso);

    expect(fallo.details).toEqual([['María Elena no figura.'], DE_ESTE_RUN]);
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

describe('a clear answer whose clearing meets a register that is down', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const noEncontrado = pkiQueFalla(pkiFallo('CIUDADANO_NO_ENCONTRADO', 'DEFINITIVO'));

  it('for a moment is cleared once it is back, and told as what it is', async () => {
    let caidas = 2;
    const caso = preparar({
      pki: noEncontrado,
      registro: {
        aclararEnvio: () => (caidas-- > 0 ? Promise.reject(new Error('ECONNREFUSED')) : Promise.resolve()),
      },
    });

    const fallo = caso.fallar(2);
    await jest.advanceTimersByTimeAsync(MARGEN_INTENTO_MS / 2);

    expect(await fallo).toMatchObject({ type: 'CIUDADANO_NO_ENCONTRADO', nonRetryable: true });
    expect(caso.orden).toEqual(['marcarEnvio', 'ENVIO', ...Array<string>(3).fill('aclararEnvio')]);
  });

  it('for longer is asked for again, while its worker still has time', async () => {
    const caso = preparar({
      pki: noEncontrado,
      registro: { aclararEnvio: () => Promise.reject(new Error('connect ECONNREFUSED')) },
    });

    const fallo = caso.fallar(2);
    await jest.advanceTimersByTimeAsync(MARGEN_INTENTO_MS);

    expect(await fallo).toMatchObject({ type: 'SERVICIO_NO_DISPONIBLE', nonRetryable: false });
  });

  it('is not insisted on where the turn is lost', async () => {
    const caso = preparar({
      pki: noEncontrado,
      registro: { aclararEnvio: () => Promise.reject(new TurnoNegado('TURNO_PERDIDO', 'No es su turno.')) },
    });

    expect(await caso.fallar(2)).toMatchObject({ type: 'TURNO_PERDIDO', nonRetryable: true });
    expect(caso.orden.filter((operacion) => operacion === 'aclararEnvio')).toHaveLength(1);
  });
});

describe('heartbeats', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('are sent three times in their limit while the PKI is waited for, and end with the call', async () => {
    const { promise, resolve } = Promise.withResolvers<typeof PASO_2>();
    const caso = preparar({ pki: { generarCertificadoDigitalDniE: () => promise } });
    const llamada = caso.ejecutar(2);
    await jest.advanceTimersByTimeAsync(LATIDO_MS);
    const mientras = caso.latidos.length;
    resolve(PASO_2);
    await llamada;
    await jest.advanceTimersByTimeAsync(LATIDO_MS * 10);

    expect(mientras).toBe(3);
    expect(caso.latidos).toHaveLength(3);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('carry the count of the few tries, which a beat without it would wipe out', async () => {
    const { promise, resolve } = Promise.withResolvers<typeof PASO_2>();
    const caso = preparar({ heartbeatDetails: 1, pki: { generarCertificadoDigitalDniE: () => promise } });

    const llamada = caso.ejecutar(2);
    await jest.advanceTimersByTimeAsync(LATIDO_MS);
    resolve(PASO_2);
    await llamada;

    const latido = { gastados: 1, envioSinAclarar: false };
    expect(caso.latidos).toEqual([latido, latido, latido]);
  });

  it('are sent while the register is waited for too', async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    const caso = preparar({ registro: { marcarEnvio: () => promise } });
    const fallo = caso.fallar(1);
    await jest.advanceTimersByTimeAsync(LATIDO_MS);
    reject(new Error('timeout'));
    await fallo;

    expect(caso.latidos).toHaveLength(3);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('a step 2 that must leave once', () => {
  const caso = (cambios: Caso = {}) => preparar({ adaptadorIdempotente: false, ...cambios });

  it('is announced to Temporal between its mark and its send', async () => {
    const latir = jest.fn(() => Promise.resolve());
    const unaVez = caso({ latir });

    await unaVez.ejecutar(2);

    expect(unaVez.orden).toEqual(['marcarEnvio', 'ANUNCIO', 'ENVIO', 'conservarRespuesta']);
    // Sealed for any other place it would be no beat to the next attempt.
    const { namespace, activityId } = defaultActivityInfo;
    const serializationContext = {
      type: 'activity',
      namespace,
      activityId,
      isLocal: false,
      workflowId: 'emision/SOL-1',
    };
    expect(latir).toHaveBeenCalledWith(expect.objectContaining({ envioSinAclarar: true }), {
      serializationContext,
    });
  });

  it('does not leave, and its mark goes, where Temporal does not hear of it', async () => {
    const unaVez = caso({ latir: () => Promise.reject(new Error('unavailable')) });

    expect(await unaVez.fallar(2)).toMatchObject({ type: 'SERVICIO_NO_DISPONIBLE', nonRetryable: false });
    expect(unaVez.orden).toEqual(['marcarEnvio', 'ANUNCIO', 'aclararEnvio']);
    expect(unaVez.latidos.at(-1)).toMatchObject({ envioSinAclarar: false });
  });

  it('leaves though a cancel met it', async () => {
    const unaVez = caso({ latir: () => Promise.reject(new ActivityCancelledError('cancelled')) });

    await expect(unaVez.ejecutar(2)).resolves.toEqual(RESPONDIDA[2]);
  });

  it('does not leave again where a register that was restored has forgotten that it did: its mark stays', async () => {
    const unaVez = caso({ attempt: 2, heartbeatDetails: { gastados: 0, envioSinAclarar: true } });

    expect(await unaVez.fallar(2)).toMatchObject({ type: 'RESULTADO_INCIERTO', nonRetryable: true });
    expect(unaVez.orden).toEqual(['marcarEnvio']);
  });

  it.each([
    { cargaRechazada: 'SIN_SELLO' },
    '▸ Paso 2',
    null,
    {},
    { gastados: 0 },
    { gastados: 0, envioSinAclarar: 'no' },
    PASO_2,
  ])(
    'does not leave where the last beat is not ours (%j): nobody knows what left before',
    async (heartbeatDetails) => {
      const unaVez = caso({ attempt: 2, heartbeatDetails });

      expect(await unaVez.fallar(2)).toMatchObject({ type: 'RESULTADO_INCIERTO', nonRetryable: true });
      expect(unaVez.enviados).toEqual([]);
    },
  );

  it('may leave again after a clear refusal', async () => {
    const unaVez = caso({ pki: pkiQueFalla(pkiFallo('PKI_NO_DISPONIBLE', 'NADA_HECHO')) });

    await unaVez.fallar(2);

    expect(unaVez.latidos.at(-1)).toMatchObject({ envioSinAclarar: false });
    const otra = caso({ attempt: 2, heartbeatDetails: unaVez.latidos.at(-1) });
    await expect(otra.ejecutar(2)).resolves.toEqual(RESPONDIDA[2]);
  });
});

it('a call that a cancel met is finished, and its answer is not lost', async () => {
  const { promise, resolve } = Promise.withResolvers<typeof PASO_2>();
  const caso = preparar({ pki: { generarCertificadoDigitalDniE: () => promise } });

  const llamada = caso.ejecutar(2);
  caso.entorno.cancel();
  resolve(PASO_2);

  await expect(llamada).resolves.toEqual(RESPONDIDA[2]);
});

describe('what the other side says', () => {
  it('reaches nobody but clean, bounded and well formed', async () => {
    const detalles = ['Mar\u202eía\u0000', '\u200b', '\ud800', 'a\n# b', 'x'.repeat(500), 'y', 'z'];
    const caso = preparar({ pki: pkiQueFalla(pkiFallo('PKI_ERROR', 'DESCONOCIDO', { detalles })) });

    expect((await caso.fallar(2)).details?.[0]).toEqual(['Mar ía', '\ufffd', 'a # b', 'x'.repeat(160), 'y']);
  });
});

describe('the failure that Temporal keeps while an activity waits', () => {
  /** limit.mutableStateActivityFailureSize.error: of a greater one the server keeps not even the type. */
  const LIMITE_DEL_SERVIDOR_BYTES = 4096;
  const converter = new DefaultFailureConverter({ encodeCommonAttributes: true });

  const tamanio = (error: ApplicationFailure): number =>
    proto.temporal.api.failure.v1.Failure.encode(
      converter.errorToFailure(error, defaultPayloadConverter),
    ).finish().length;

  it.each<[string, Caso['pki']]>([
    ['a connection that fails', pkiQueFalla(conCausas(pkiFallo('PKI_SIN_CONEXION', 'NADA_HECHO')))],
    ...['ñ', '札', '"', '🪪', '\u202e札', '\ud800'].map((letra): [string, Caso['pki']] => [
      `an adapter of many words of ${JSON.stringify(letra)}`,
      pkiQueFalla(
        pkiFallo('PKI_ERROR', 'DESCONOCIDO', { detalles: Array<string>(100).fill(letra.repeat(1000)) }),
      ),
    ]),
  ])('is small after %s', async (_caso, pki) => {
    // Encryption adds some 60 bytes to each of a handful of payloads.
    expect(tamanio(await preparar({ ...(pki && { pki }) }).fallar(1))).toBeLessThan(
      LIMITE_DEL_SERVIDOR_BYTES * 0.75,
    );
  });

  it('is small after a register that went down', async () => {
    const registro = { marcarEnvio: () => Promise.reject(conCausas(new Error('timeout'))) };

    expect(tamanio(await preparar({ registro }).fallar(1))).toBeLessThan(LIMITE_DEL_SERVIDOR_BYTES * 0.75);
  });

  it('is small after a circuit that was open', async () => {
    const caso = preparar({ pki: pkiQueFalla(conCausas(pkiFallo('PKI_SIN_CONEXION', 'NADA_HECHO'))) });
    for (let i = 0; i < FALLOS_PARA_ABRIR; i++) await caso.fallar(1);

    const retenida = await caso.fallar(1);

    expect(retenida.type).toBe('CIRCUITO_ABIERTO');
    expect(tamanio(retenida)).toBeLessThan(LIMITE_DEL_SERVIDOR_BYTES * 0.75);
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

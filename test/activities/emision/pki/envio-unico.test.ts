/** A send that must leave once, and a clear answer that the register does not take. */
import { defaultActivityInfo } from '@temporalio/testing';
import { jest } from '@jest/globals';
import { ActivityCancelledError } from '@temporalio/client';
import { MARGEN_INTENTO_MS } from '../../../../shared/emision/plazos.ts';
import { TurnoNegado } from '../../../../shared/registro/emision/registro.ts';
import { PASO_2 } from '../../../support/registro/fake-registro.ts';
import { pkiFallo, pkiQueFalla, preparar, REFERENCIA, RESPONDIDA, RUN_ID, type Caso } from './caso-pki.ts';

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

  it('is told by the next attempt, before it marks its own send', async () => {
    const antes = preparar({
      adaptadorIdempotente: false,
      pki: noEncontrado,
      registro: { aclararEnvio: () => Promise.reject(new Error('connect ECONNREFUSED')) },
    });
    const fallo = antes.fallar(2);
    await jest.advanceTimersByTimeAsync(MARGEN_INTENTO_MS);
    await fallo;
    expect(antes.latidos.at(-1)).toMatchObject({
      envioSinAclarar: false,
      porAclarar: { certeza: 'DEFINITIVO' },
    });

    const caso = preparar({
      adaptadorIdempotente: false,
      attempt: 2,
      heartbeatDetails: antes.latidos.at(-1),
    });
    await caso.ejecutar(2);

    expect(caso.orden).toEqual(['aclararEnvio', 'marcarEnvio', 'ANUNCIO', 'ENVIO', 'conservarRespuesta']);
    const marca = antes.registro.llamadas[0]?.argumentos[3];
    expect(caso.registro.llamadas[0]?.argumentos).toEqual([
      REFERENCIA,
      { runId: RUN_ID, marca },
      2,
      'DEFINITIVO',
    ]);
    expect(caso.registro.llamadas[1]?.argumentos[3]).not.toBe(marca);
    expect(caso.latidos.at(-1)).not.toHaveProperty('porAclarar');
  });

  it('is kept where the register is still down: nothing is marked or sent', async () => {
    const porAclarar = { marca: 'run-de-prueba#9', certeza: 'NADA_HECHO' };
    const caso = preparar({
      attempt: 2,
      heartbeatDetails: { gastados: 0, envioSinAclarar: false, porAclarar },
      registro: { aclararEnvio: () => Promise.reject(new Error('connect ECONNREFUSED')) },
    });

    expect(await caso.fallar(2)).toMatchObject({ type: 'SERVICIO_NO_DISPONIBLE', nonRetryable: false });
    expect(caso.orden).toEqual(['aclararEnvio']);
    expect(caso.latidos.every((latido) => (latido as { porAclarar?: unknown }).porAclarar)).toBe(true);
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

describe('a mark of which the register did not say whether it stands', () => {
  const sinConfirmar = { marcarEnvio: () => Promise.reject(new Error('Connection terminated unexpectedly')) };

  it('is taken back by the next attempt: nothing left under it', async () => {
    const antes = preparar({ adaptadorIdempotente: false, registro: sinConfirmar });
    expect(await antes.fallar(2)).toMatchObject({ type: 'SERVICIO_NO_DISPONIBLE', nonRetryable: false });
    expect(antes.orden).toEqual(['marcarEnvio']);
    const marca = antes.registro.llamadas[0]?.argumentos[3];

    const caso = preparar({
      adaptadorIdempotente: false,
      attempt: 2,
      heartbeatDetails: antes.latidos.at(-1),
    });
    await expect(caso.ejecutar(2)).resolves.toEqual(RESPONDIDA[2]);

    expect(caso.registro.llamadas[0]).toEqual({
      operacion: 'aclararEnvio',
      argumentos: [REFERENCIA, { runId: RUN_ID, marca }, 2, 'NADA_HECHO'],
    });
  });

  it('does not make clear what an earlier attempt sent', async () => {
    const antes = preparar({
      adaptadorIdempotente: false,
      attempt: 2,
      heartbeatDetails: { gastados: 0, envioSinAclarar: true },
      registro: sinConfirmar,
    });
    await antes.fallar(2);

    const caso = preparar({
      adaptadorIdempotente: false,
      attempt: 3,
      heartbeatDetails: antes.latidos.at(-1),
    });
    expect(await caso.fallar(2)).toMatchObject({ type: 'RESULTADO_INCIERTO', nonRetryable: true });
    expect(caso.enviados).toEqual([]);
  });

  it('is none where the turn was refused', async () => {
    const caso = preparar({
      registro: { marcarEnvio: () => Promise.reject(new TurnoNegado('TURNO_PERDIDO', 'No es su turno.')) },
    });
    await caso.fallar(2);

    expect(caso.latidos).toEqual([]);
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
    expect(unaVez.orden.slice(0, 3)).toEqual(['marcarEnvio', 'ANUNCIO', 'aclararEnvio']);
    expect(unaVez.orden).not.toContain('ENVIO');
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

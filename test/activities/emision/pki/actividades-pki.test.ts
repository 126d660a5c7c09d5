/** An attempt of a step: what the register, the PKI and Temporal are told of it. */
import { jest } from '@jest/globals';
import { PASOS } from '../../../../shared/emision/contrato.ts';
import type { TipoFallo } from '../../../../shared/emision/fallos.ts';
import { ANOTAR_ESPERA_MS, MARGEN_INTENTO_MS } from '../../../../shared/emision/plazos.ts';
import { TurnoNegado } from '../../../../shared/registro/emision/registro.ts';
import { envioDePrueba, PASO_1, PASO_2 } from '../../../support/registro/fake-registro.ts';
import {
  DE_ESTE_RUN,
  ENVIADO,
  pkiFallo,
  pkiQueFalla,
  preparar,
  type Caso,
  REFERENCIA,
  RESPONDIDA,
  RUN_ID,
} from './caso-pki.ts';

describe.each(PASOS)('step %i', (paso) => {
  const respuesta = paso === 1 ? PASO_1 : PASO_2;

  it('marks the send in the register, then sends what the register handed out', async () => {
    const caso = preparar();

    await caso.ejecutar(paso);

    expect(caso.orden.slice(0, 2)).toEqual(['marcarEnvio', 'ENVIO']);
    expect(caso.registro.llamadas[0]?.argumentos).toEqual([REFERENCIA, RUN_ID, paso, ENVIADO.marca]);
    expect(caso.enviados).toEqual([envioDePrueba()]);
  });

  it('tells the register what the PKI answered, and then Temporal, with the work that it is of', async () => {
    const caso = preparar();

    await expect(caso.ejecutar(paso)).resolves.toEqual(RESPONDIDA[paso]);

    expect(caso.orden).toEqual(['marcarEnvio', 'ENVIO', 'conservarRespuesta']);
    expect(caso.registro.llamadas[1]?.argumentos).toEqual([REFERENCIA, RUN_ID, { paso, respuesta }]);
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

  it.each(['NADA_HECHO', 'DEFINITIVO'] as const)(
    'clears the mark after a clear refusal (%s), once',
    async (certeza) => {
      const caso = preparar({ pki: pkiQueFalla(pkiFallo('PKI_NO_DISPONIBLE', certeza)) });

      await caso.fallar(paso);

      expect(caso.orden.slice(0, 3)).toEqual(['marcarEnvio', 'ENVIO', 'aclararEnvio']);
      expect(caso.orden.filter((una) => una === 'aclararEnvio')).toHaveLength(1);
      expect(caso.registro.llamadas[1]?.argumentos).toEqual([REFERENCIA, ENVIADO, paso, certeza]);
    },
  );

  it('tells the register how it failed and when another attempt comes, where one does', async () => {
    const caso = preparar({ pki: pkiQueFalla(pkiFallo('PKI_ERROR', 'DESCONOCIDO')) });

    const fallo = await caso.fallar(paso);

    expect(caso.registro.llamadas.at(-1)).toEqual({
      operacion: 'anotarIntentoFallido',
      argumentos: [REFERENCIA, RUN_ID, paso, { fallo: 'PKI_ERROR', esperaMs: Number(fallo.nextRetryDelay) }],
    });
  });

  it.each<[string, Caso]>([
    ['no other attempt comes', { pki: pkiQueFalla(pkiFallo('CIUDADANO_NO_ENCONTRADO', 'DEFINITIVO')) }],
    ['it succeeds', {}],
    ['the register is down', { registro: { marcarEnvio: () => Promise.reject(new Error('ECONNREFUSED')) } }],
  ])('tells nothing of a failure where %s', async (_cuando, cambios) => {
    const caso = preparar(cambios);
    await caso.ejecutar(paso).catch(() => undefined);

    expect(caso.orden).not.toContain('anotarIntentoFallido');
  });

  it('ends as it would where the register does not take that', async () => {
    const caso = preparar({
      pki: pkiQueFalla(pkiFallo('PKI_ERROR', 'DESCONOCIDO')),
      registro: { anotarIntentoFallido: () => Promise.reject(new Error('ECONNREFUSED')) },
    });

    expect(await caso.fallar(paso)).toMatchObject({ type: 'PKI_ERROR', nonRetryable: false });
  });

  it('waits no longer than a second for a register that does not take that', async () => {
    jest.useFakeTimers();
    const caso = preparar({
      pki: pkiQueFalla(pkiFallo('PKI_ERROR', 'DESCONOCIDO')),
      registro: { anotarIntentoFallido: () => new Promise<never>(() => undefined) },
    });

    const fallo = caso.fallar(paso);
    await jest.advanceTimersByTimeAsync(ANOTAR_ESPERA_MS);

    expect(await fallo).toMatchObject({ type: 'PKI_ERROR', nonRetryable: false });
    jest.useRealTimers();
  });

  it('leaves the mark where it is unknown what was done', async () => {
    const caso = preparar({ pki: pkiQueFalla(pkiFallo('TIEMPO_PKI_AGOTADO', 'DESCONOCIDO')) });

    await caso.fallar(paso);

    expect(caso.orden).not.toContain('aclararEnvio');
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
    expect(caso.orden).not.toContain('aclararEnvio');
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

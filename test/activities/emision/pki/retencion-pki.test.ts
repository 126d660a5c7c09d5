/** What the circuit is to an attempt; its own states are in circuito-pki.test.ts. */
import { jest } from '@jest/globals';
import { PASOS } from '../../../../shared/emision/contrato.ts';
import { FALLOS } from '../../../../shared/emision/fallos.ts';
import {
  CIRCUITO_ABIERTO_MS,
  FALLOS_PARA_ABRIR,
  INTENTOS_POCOS,
  INTENTOS_VARIOS,
  LATIDO_MS,
  RETORNO_MS,
  SONDAS_MAX,
} from '../../../../shared/emision/plazos.ts';
import { TurnoNegado, type Registro } from '../../../../shared/registro/emision/registro.ts';
import { envioMarcado, PASO_1, PASO_2 } from '../../../support/registro/fake-registro.ts';
import {
  DE_ESTE_RUN,
  pkiFallo,
  pkiQueFalla,
  preparar,
  RESPONDIDA,
  VENTANA_MS,
  type Caso,
} from './caso-pki.ts';

describe.each(PASOS)('the circuit of step %i', (paso) => {
  /** A case whose PKI fails until it is mended, and whose circuit has just opened. */
  async function conCircuitoAbierto(caso: Caso = {}) {
    let error: Error | Promise<never> | null = pkiFallo('PKI_ERROR', 'DESCONOCIDO');
    const responder = <T>(respuesta: T) => {
      if (error instanceof Error) return Promise.reject(error);
      return error ?? Promise.resolve(respuesta);
    };
    const preparado = preparar({
      ...caso,
      pki: {
        generarNumerosSolicitud: () => responder(PASO_1),
        generarCertificadoDigitalDniE: () => responder(PASO_2),
      },
    });
    for (let i = 0; i < FALLOS_PARA_ABRIR; i++) await preparado.fallar(paso);
    preparado.orden.splice(0);
    return {
      ...preparado,
      arreglar: (otro: Error | Promise<never> | null = null) => {
        error = otro;
      },
    };
  }

  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('holds the attempt back before it is marked, and counts no call', async () => {
    const caso = await conCircuitoAbierto();
    const antes = await caso.metricas();

    const fallo = await caso.fallar(paso);

    expect(fallo).toMatchObject({
      type: 'CIRCUITO_ABIERTO',
      message: FALLOS.CIRCUITO_ABIERTO.titulo,
      nonRetryable: false,
      category: 'BENIGN',
      details: [['MsAdaptadorPKI falla repetidamente; el intento no se envió y se repetirá.'], DE_ESTE_RUN],
    });
    expect(caso.orden).toEqual([]);
    const rechazadas = `pki_circuit_rejected_total{paso="${paso}"}`;
    expect(await caso.metricas()).toBe(antes.replace(`${rechazadas} 0`, `${rechazadas} 1`));
  });

  it('has it come back when the rest is over, a few seconds spread', async () => {
    const caso = await conCircuitoAbierto();

    await jest.advanceTimersByTimeAsync(3000);
    const esperaMs = Number((await caso.fallar(paso)).nextRetryDelay);

    expect(esperaMs).toBeGreaterThanOrEqual(CIRCUITO_ABIERTO_MS - 3000);
    expect(esperaMs).toBeLessThanOrEqual(CIRCUITO_ABIERTO_MS - 3000 + RETORNO_MS);
  });

  it('has it come back later, however little is left of the rest: no wait at all is the end to Temporal', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0);
    const caso = await conCircuitoAbierto();
    // eslint-disable-next-line no-restricted-syntax -- the clock is put forward from where it is
    const abierto = performance.now();
    jest.spyOn(performance, 'now').mockReturnValue(abierto + CIRCUITO_ABIERTO_MS - 0.3);

    expect(await caso.fallar(paso)).toMatchObject({ type: 'CIRCUITO_ABIERTO', nextRetryDelay: 1 });
  });

  it('uses up nothing of its retry window, and never ends the issuance', async () => {
    const caso = await conCircuitoAbierto({ gastadoMs: VENTANA_MS });
    const antes = caso.latidos.length;

    expect(await caso.fallar(paso)).toMatchObject({ type: 'CIRCUITO_ABIERTO', nonRetryable: false });
    expect(caso.latidos).toHaveLength(antes);
  });

  it('has a probe that fails use up nothing either: its window, though at its end, is not over', async () => {
    const caso = await conCircuitoAbierto({ gastadoMs: VENTANA_MS, ahoraMs: () => jest.now() });

    await jest.advanceTimersByTimeAsync(CIRCUITO_ABIERTO_MS);
    const fallo = await caso.fallar(paso);

    expect(fallo).toMatchObject({ type: 'PKI_ERROR', nonRetryable: false });
    expect(caso.latidos.at(-1)).toMatchObject({ gastadoMs: VENTANA_MS, sondas: 1 });
  });

  it.each([
    ['PKI_RECHAZO', 'NADA_HECHO'],
    ['PKI_RESPUESTA_INVALIDA', 'DESCONOCIDO'],
    ['PKI_MAL_DIRIGIDA', 'DESCONOCIDO'],
  ] as const)('has a probe that ends as %s use up none of its tries, nor close it', async (tipo, certeza) => {
    const caso = await conCircuitoAbierto({
      heartbeatDetails: {
        gastados: INTENTOS_POCOS - 1,
        varios: INTENTOS_VARIOS - 1,
        envioSinAclarar: false,
        gastadoMs: 0,
      },
    });

    caso.arreglar(pkiFallo(tipo, certeza, { veredicto: 'NO_CONSTA' }));
    await jest.advanceTimersByTimeAsync(CIRCUITO_ABIERTO_MS);

    expect(await caso.fallar(paso)).toMatchObject({ type: tipo, nonRetryable: false });
    expect(await caso.fallar(paso)).toMatchObject({ type: 'CIRCUITO_ABIERTO' });
  });

  it('has a probe use up a window that was set short, as any call does', async () => {
    const caso = await conCircuitoAbierto({ gastadoMs: VENTANA_MS, lasSondasCuentan: true });

    await jest.advanceTimersByTimeAsync(CIRCUITO_ABIERTO_MS);

    expect(await caso.fallar(paso)).toMatchObject({ type: 'PKI_ERROR', nonRetryable: true });
  });

  it('lets the window end with the next failure that is no probe', async () => {
    const caso = await conCircuitoAbierto({ gastadoMs: VENTANA_MS });

    caso.arreglar();
    await jest.advanceTimersByTimeAsync(CIRCUITO_ABIERTO_MS);
    await caso.ejecutar(paso);
    caso.arreglar(pkiFallo('PKI_ERROR', 'DESCONOCIDO'));

    expect(await caso.fallar(paso)).toMatchObject({ type: 'PKI_ERROR', nonRetryable: true });
  });

  it.each([
    [SONDAS_MAX - 2, false],
    [SONDAS_MAX - 1, true],
  ])('after %i probes of a step that failed takes another for its last (%s)', async (sondas, ultima) => {
    const caso = await conCircuitoAbierto({
      heartbeatDetails: { gastados: 0, sondas, envioSinAclarar: false, gastadoMs: 0 },
    });

    await jest.advanceTimersByTimeAsync(CIRCUITO_ABIERTO_MS);

    expect((await caso.fallar(paso)).nonRetryable).toBe(ultima);
  });

  it('has a probe wait for Retry-After, but no longer than a whole window', async () => {
    const caso = await conCircuitoAbierto();

    caso.arreglar(pkiFallo('PKI_NO_DISPONIBLE', 'NADA_HECHO', { reintentarEnMs: 10 * VENTANA_MS }));
    await jest.advanceTimersByTimeAsync(CIRCUITO_ABIERTO_MS);

    expect(await caso.fallar(paso)).toMatchObject({ nonRetryable: false, nextRetryDelay: VENTANA_MS });
  });

  it('counts nothing of a probe whose worker dies', async () => {
    const caso = await conCircuitoAbierto({ gastadoMs: 10_000, ahoraMs: () => jest.now() });

    caso.arreglar(new Promise<never>(() => undefined));
    await jest.advanceTimersByTimeAsync(CIRCUITO_ABIERTO_MS);
    void caso.ejecutar(paso).catch(() => undefined);
    await jest.advanceTimersByTimeAsync(LATIDO_MS);

    expect(caso.latidos.at(-1)).toMatchObject({ gastadoMs: 10_000 });
  });

  it('lets all through again once one was answered', async () => {
    const caso = await conCircuitoAbierto();

    caso.arreglar();
    await jest.advanceTimersByTimeAsync(CIRCUITO_ABIERTO_MS);
    await caso.ejecutar(paso);

    await expect(caso.ejecutar(paso)).resolves.toEqual(RESPONDIDA[paso]);
  });

  it('closes at a refusal too: the service answers', async () => {
    const caso = await conCircuitoAbierto();

    caso.arreglar(pkiFallo('CIUDADANO_NO_ENCONTRADO', 'DEFINITIVO', { veredicto: 'RESPONDE' }));
    await jest.advanceTimersByTimeAsync(CIRCUITO_ABIERTO_MS);
    await caso.fallar(paso);

    expect(await caso.fallar(paso)).toMatchObject({ type: 'CIUDADANO_NO_ENCONTRADO' });
  });

  it.each<[string, Partial<Registro>]>([
    ['the register is down', { marcarEnvio: () => Promise.reject(new Error('connect ECONNREFUSED')) }],
    [
      'the turn is lost',
      { marcarEnvio: () => Promise.reject(new TurnoNegado('TURNO_PERDIDO', 'No es su turno.')) },
    ],
  ])('never opens because %s', async (_motivo, registro) => {
    const caso = preparar({ registro });

    const tipos: (string | null | undefined)[] = [];
    for (let i = 0; i <= FALLOS_PARA_ABRIR; i++) tipos.push((await caso.fallar(paso)).type);

    expect(tipos).not.toContain('CIRCUITO_ABIERTO');
  });

  it.each<[string, Error]>([
    ['of refusals', pkiFallo('PKI_NO_DISPONIBLE', 'NADA_HECHO', { veredicto: 'RESPONDE' })],
    ['of our own faults', new TypeError('x is not a function')],
  ])('never opens because %s', async (_motivo, error) => {
    const caso = preparar({ pki: pkiQueFalla(error) });

    for (let i = 0; i <= FALLOS_PARA_ABRIR; i++) await caso.fallar(paso);

    expect(caso.enviados).toHaveLength(FALLOS_PARA_ABRIR + 1);
  });

  it('asks again, after a rest, where the register is down as it probes', async () => {
    let caido = false;
    const caso = await conCircuitoAbierto({
      registro: {
        marcarEnvio: () =>
          caido ? Promise.reject(new Error('connect ECONNREFUSED')) : Promise.resolve(envioMarcado()),
      },
    });

    caso.arreglar();
    caido = true;
    await jest.advanceTimersByTimeAsync(CIRCUITO_ABIERTO_MS);
    expect((await caso.fallar(paso)).type).toBe('SERVICIO_NO_DISPONIBLE');
    caido = false;
    await jest.advanceTimersByTimeAsync(CIRCUITO_ABIERTO_MS);

    await expect(caso.ejecutar(paso)).resolves.toEqual(RESPONDIDA[paso]);
    expect(await caso.metricas()).toContain(`pki_circuit_opened_total{paso="${paso}"} 1`);
  });
});

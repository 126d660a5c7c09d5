/** What Temporal keeps of an attempt: its beats, and its failure while it waits for the next. */
import { jest } from '@jest/globals';
import {
  DefaultFailureConverter,
  defaultPayloadConverter,
  type ApplicationFailure,
} from '@temporalio/common';
import proto from '@temporalio/proto';
import { FALLOS_PARA_ABRIR, LATIDO_CADA_MS, LATIDO_MS, PARON_MS } from '../../../../shared/emision/plazos.ts';
import { PASO_2 } from '../../../support/registro/fake-registro.ts';
import { pkiFallo, pkiQueFalla, preparar, type Caso } from './caso-pki.ts';

describe('heartbeats', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('are sent while the PKI is waited for, and end with the call', async () => {
    const { promise, resolve } = Promise.withResolvers<typeof PASO_2>();
    const caso = preparar({ pki: { generarCertificadoDigitalDniE: () => promise } });
    const llamada = caso.ejecutar(2);
    await jest.advanceTimersByTimeAsync(3 * LATIDO_CADA_MS);
    const mientras = caso.latidos.length;
    resolve(PASO_2);
    await llamada;
    await jest.advanceTimersByTimeAsync(LATIDO_MS * 10);

    expect(mientras).toBe(3);
    expect(caso.latidos.slice(0, 3)).toEqual(
      Array(3).fill({ envioSinAclarar: false, gastadoMs: 0, gastados: 0 }),
    );
    expect(jest.getTimerCount()).toBe(0);
  });

  it('carry the count of the few tries, which a beat without it would wipe out', async () => {
    const { promise, resolve } = Promise.withResolvers<typeof PASO_2>();
    const caso = preparar({ heartbeatDetails: 1, pki: { generarCertificadoDigitalDniE: () => promise } });

    const llamada = caso.ejecutar(2);
    await jest.advanceTimersByTimeAsync(3 * LATIDO_CADA_MS);
    resolve(PASO_2);
    await llamada;

    const latido = { gastados: 1, envioSinAclarar: false, gastadoMs: 0 };
    expect(caso.latidos).toEqual([latido, latido, latido]);
  });

  it('are sent while the register is waited for too', async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    const caso = preparar({ registro: { marcarEnvio: () => promise } });
    const fallo = caso.fallar(1);
    await jest.advanceTimersByTimeAsync(3 * LATIDO_CADA_MS);
    reject(new Error('timeout'));
    await fallo;

    expect(caso.latidos.slice(0, 3)).toEqual(
      Array(3).fill({ envioSinAclarar: false, gastadoMs: 0, gastados: 0 }),
    );
    expect(jest.getTimerCount()).toBe(0);
  });
});

it('a beat that a stall of Temporal holds up comes within its limit', () => {
  expect(LATIDO_CADA_MS + PARON_MS).toBeLessThan(LATIDO_MS);
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

    expect((fallo.cause?.cause as Error).stack).toMatch(/ {4}at .*latidos-de-un-intento\.test/);
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

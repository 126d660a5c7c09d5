import { jest } from '@jest/globals';
import { FALLOS, type TipoFallo } from '../../../../shared/emision/fallos.ts';
import { INTENTOS_POCOS, INTENTOS_VARIOS, LATIDO_MS } from '../../../../shared/emision/plazos.ts';
import { pkiFallo, pkiQueFalla, preparar, RESPONDIDA, VENTANA_MS } from './caso-pki.ts';

describe('another attempt', () => {
  const tipos = Object.keys(FALLOS) as TipoFallo[];
  const de = (reintento: string) => tipos.filter((tipo) => FALLOS[tipo].reintento === reintento);
  const fallar = (tipo: TipoFallo, attempt: number) =>
    preparar({ attempt, pki: pkiQueFalla(pkiFallo(tipo, 'NADA_HECHO')) }).fallar(1);

  it.each(de('SIEMPRE'))('after %s is always worth it', async (tipo) => {
    expect((await fallar(tipo, 1)).nonRetryable).toBe(false);
    expect((await fallar(tipo, 500)).nonRetryable).toBe(false);
  });

  it.each([
    ...de('POCOS').map((tipo) => [tipo, INTENTOS_POCOS] as const),
    ...de('VARIOS').map((tipo) => [tipo, INTENTOS_VARIOS] as const),
  ])('after %s is worth it %i times', async (tipo, veces) => {
    const pki = pkiQueFalla(pkiFallo(tipo, 'NADA_HECHO'));
    const resultados: boolean[] = [];
    let heartbeatDetails: unknown;
    for (let attempt = 1; attempt <= veces; attempt++) {
      const caso = preparar({ attempt, pki, heartbeatDetails });
      resultados.push((await caso.fallar(1)).nonRetryable === true);
      heartbeatDetails = caso.latidos.at(-1);
    }

    expect(resultados).toEqual([...Array<boolean>(veces - 1).fill(false), true]);
  });

  it('after a gateway’s page is worth it for longer than a gateway needs to find its routes again', async () => {
    let esperadoMs = 0;
    for (let attempt = 1; attempt < INTENTOS_VARIOS; attempt++)
      esperadoMs += Number((await fallar('PKI_MAL_DIRIGIDA', attempt)).nextRetryDelay);

    expect(esperadoMs).toBeGreaterThan(60_000);
    expect(esperadoMs).toBeLessThan(VENTANA_MS / 5);
  });

  it('after a refusal is worth it though gateways answered before', async () => {
    const pki = pkiQueFalla(pkiFallo('PKI_RECHAZO', 'NADA_HECHO'));
    const heartbeatDetails = { gastados: 0, varios: INTENTOS_VARIOS - 1, envioSinAclarar: false };

    expect((await preparar({ pki, heartbeatDetails }).fallar(1)).nonRetryable).toBe(false);
  });

  it('after a refusal is worth it however often the PKI was down before', async () => {
    const pki = pkiQueFalla(pkiFallo('PKI_RECHAZO', 'NADA_HECHO'));

    expect((await preparar({ attempt: 50, pki }).fallar(1)).nonRetryable).toBe(false);
  });

  it('after a refusal counts those before it, whatever came between', async () => {
    const pki = pkiQueFalla(pkiFallo('PKI_RECHAZO', 'NADA_HECHO'));
    const caida = preparar({ pki: pkiQueFalla(pkiFallo('PKI_ERROR', 'DESCONOCIDO')), heartbeatDetails: 2 });

    await caida.fallar(1);

    const heartbeatDetails = caida.latidos.at(-1);
    expect((await preparar({ pki, heartbeatDetails }).fallar(1)).nonRetryable).toBe(true);
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
    'of step %i whose outcome is unclear, where the adapter repeats its answers (%s), is refused (%s)',
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
    const pki = pkiQueFalla(pkiFallo('PKI_NO_DISPONIBLE', 'NADA_HECHO', { reintentarEnMs: 45_000 }));

    expect(Number((await preparar({ pki }).fallar(1)).nextRetryDelay)).toBe(45_000);
  });

  it('waits its own time where Retry-After is shorter', async () => {
    const pki = pkiQueFalla(pkiFallo('PKI_NO_DISPONIBLE', 'NADA_HECHO', { reintentarEnMs: 0 }));

    expect(Number((await preparar({ pki, attempt: 3 }).fallar(1)).nextRetryDelay)).toBeGreaterThanOrEqual(
      3200,
    );
  });
});

describe('at the end of the retry window', () => {
  const trasMs = (reintentarEnMs: number) =>
    pkiQueFalla(pkiFallo('PKI_NO_DISPONIBLE', 'NADA_HECHO', { reintentarEnMs }));

  it.each([
    ['is as long as it is where it ends within the window', 0, 45_000, 45_000],
    ['may end with the window', VENTANA_MS - 30_000, 30_000, 30_000],
    ['is cut where it leads beyond the window', VENTANA_MS - 29_999, 30_000, 29_999],
    ['is cut, though longer than the whole window, at the first refusal', 0, VENTANA_MS * 10, VENTANA_MS],
    ['is cut to nothing much near its end', VENTANA_MS - 1, 30_000, 1],
    ['is never cut to none, which Temporal takes for the end', VENTANA_MS - 0.2, 30_000, 1],
  ])(
    'a wait for Retry-After %s, and a last attempt is made',
    async (_caso, gastadoMs, pedidaMs, esperaMs) => {
      const fallo = await preparar({ pki: trasMs(pedidaMs), gastadoMs }).fallar(1);

      expect(fallo).toMatchObject({
        type: 'PKI_NO_DISPONIBLE',
        nonRetryable: false,
        nextRetryDelay: esperaMs,
      });
    },
  );

  it('the usual wait is cut too', async () => {
    const pki = pkiQueFalla(pkiFallo('PKI_ERROR', 'DESCONOCIDO'));

    const fallo = await preparar({ pki, attempt: 9, gastadoMs: VENTANA_MS - 700 }).fallar(2);

    expect(fallo).toMatchObject({ nonRetryable: false, nextRetryDelay: 700 });
  });

  it.each([VENTANA_MS, VENTANA_MS + 1, VENTANA_MS * 10])(
    'an attempt that failed after %i ms were used up was the last',
    async (gastadoMs) => {
      const fallo = await preparar({ pki: trasMs(30_000), gastadoMs }).fallar(1);

      expect(fallo).toMatchObject({ type: 'PKI_NO_DISPONIBLE', nonRetryable: true });
    },
  );

  it('an attempt is made all the same, and its answer counts', async () => {
    const caso = preparar({ attempt: 7, gastadoMs: VENTANA_MS });

    await expect(caso.ejecutar(2)).resolves.toEqual(RESPONDIDA[2]);
  });
});

describe('what uses up the retry window', () => {
  /** Each attempt as Temporal makes it: with the last beat of the one before. @returns what the beat says of the last */
  function gastadoEn(latidos: unknown[]): unknown {
    return (latidos.at(-1) as { gastadoMs?: number } | undefined)?.gastadoMs;
  }
  /** A clock that each call of the PKI puts forward. */
  function conLlamadasDe(duracionMs: number, error = pkiFallo('PKI_ERROR', 'DESCONOCIDO')) {
    let reloj = 5_000;
    const fallar = () => {
      reloj += duracionMs;
      return Promise.reject(error);
    };
    return {
      ahoraMs: () => reloj,
      pki: { generarNumerosSolicitud: fallar, generarCertificadoDigitalDniE: fallar },
    };
  }

  it('is the time of each call and the wait after it', async () => {
    const caso = preparar({ ...conLlamadasDe(8_000), gastadoMs: 100_000 });

    const esperaMs = Number((await caso.fallar(1)).nextRetryDelay);

    expect(gastadoEn(caso.latidos)).toBe(108_000 + esperaMs);
  });

  it('is none of the time between attempts in which none was made: no worker ran, or the queue was held', async () => {
    const segunda = preparar({ ...conLlamadasDe(0), attempt: 2, gastadoMs: 1_000 });

    await segunda.fallar(1);

    expect(gastadoEn(segunda.latidos)).toBeLessThan(1_000 + 2_400 + 1);
  });

  it('is no wait for a register that is down, however long', async () => {
    const registro = { marcarEnvio: () => Promise.reject(new Error('connect ECONNREFUSED')) };
    const caso = preparar({ registro, attempt: 9, gastadoMs: VENTANA_MS });

    const fallo = await caso.fallar(1);

    expect(fallo).toMatchObject({ type: 'SERVICIO_NO_DISPONIBLE', nonRetryable: false });
    expect(Number(fallo.nextRetryDelay)).toBeGreaterThan(20_000);
    expect(caso.latidos).toEqual([expect.objectContaining({ gastadoMs: VENTANA_MS })]);
  });

  it('is a call of which nobody tells more, up to the last beat of its worker', async () => {
    jest.useFakeTimers();
    try {
      const caso = preparar({
        ahoraMs: () => jest.now(),
        gastadoMs: 10_000,
        pki: { generarNumerosSolicitud: () => new Promise(() => undefined) },
      });
      void caso.ejecutar(1).catch(() => undefined);
      await jest.advanceTimersByTimeAsync(LATIDO_MS);

      expect(gastadoEn(caso.latidos)).toBe(10_000 + LATIDO_MS);
    } finally {
      jest.useRealTimers();
    }
  });

  it('counts from nothing where an earlier version told nothing', async () => {
    const caso = preparar({ ...conLlamadasDe(0), heartbeatDetails: { gastados: 1, envioSinAclarar: false } });

    const esperaMs = Number((await caso.fallar(1)).nextRetryDelay);

    expect(gastadoEn(caso.latidos)).toBe(esperaMs);
  });
});

import { jest } from '@jest/globals';
import { ApplicationFailure, DefaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import proto from '@temporalio/proto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { Registry } from 'prom-client';
import { createActividadesPki } from '../../activities/emision/actividades-pki.ts';
import { createCircuitosPki } from '../../activities/emision/circuito-pki.ts';
import { createMetricasPki } from '../../activities/emision/metricas-pki.ts';
import {
  PkiFallo,
  type CertezaDeEnvio,
  type DatosDePkiFallo,
  type PkiGateway,
} from '../../activities/emision/pki-gateway.ts';
import type { ReferenciaEmision, RespuestaPaso1, RespuestaPaso2 } from '../../shared/emision/contrato.ts';
import { FALLOS, type TipoFallo } from '../../shared/emision/fallos.ts';
import {
  CIRCUITO_ABIERTO_MS,
  FALLOS_PARA_ABRIR,
  INTENTOS_POCOS,
  LATIDO_MS,
  MARGEN_INTENTO_MS,
  RETORNO_MS,
} from '../../shared/emision/plazos.ts';
import { TurnoNegado, type Envio, type Registro } from '../../shared/registro/registro.ts';
import { createFakeRegistro, envioDePrueba, PASO_1, PASO_2 } from '../support/fake-registro.ts';

const REFERENCIA: ReferenciaEmision = {
  codigoSolicitudTramite: 'SOL-1',
  generacion: 1,
  huellaSolicitud: 'H',
};
const RUN_ID = 'run-de-prueba';
const VENTANA_MS = 900_000;
const PASOS = [1, 2] as const;
type Paso = (typeof PASOS)[number];

interface Caso {
  attempt?: number;
  /** Since the step was first scheduled. */
  transcurridoMs?: number;
  /** Details of the last beat of the attempts before. */
  heartbeatDetails?: unknown;
  pki?: Partial<PkiGateway>;
  registro?: Partial<Registro>;
  adaptadorIdempotente?: boolean;
}

function preparar({
  attempt = 1,
  transcurridoMs = 0,
  heartbeatDetails,
  pki = {},
  registro = {},
  adaptadorIdempotente = true,
}: Caso = {}) {
  const registroMetricas = new Registry();
  const metricas = createMetricasPki(registroMetricas);
  const ahora = Date.now();
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
    metricas,
    circuitos: createCircuitosPki(metricas, { info: () => undefined, warn: () => undefined }),
    adaptadorIdempotente,
    ventanaReintentoMs: VENTANA_MS,
    ahora: () => ahora,
    pki: {
      generarNumerosSolicitud: (envio) => puerto.generarNumerosSolicitud(anotar(envio)),
      generarCertificadoDigitalDniE: (envio) => puerto.generarCertificadoDigitalDniE(anotar(envio)),
    },
  });
  const entorno = new MockActivityEnvironment(
    {
      attempt,
      heartbeatDetails,
      scheduledTimestampMs: ahora - transcurridoMs,
      workflowExecution: { workflowId: 'emision/SOL-1', runId: RUN_ID },
    },
    { logger: new DefaultLogger('ERROR') },
  );
  const latidos: unknown[] = [];
  entorno.on('heartbeat', (detalles) => latidos.push(detalles));
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
    latidos,
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

function pkiFallo(tipo: TipoFallo, certeza: CertezaDeEnvio, otros: Partial<DatosDePkiFallo> = {}): PkiFallo {
  return new PkiFallo({ tipo, certeza, veredicto: 'FALLA', detalles: ['María Elena no figura.'], ...otros });
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
    const pki = pkiQueFalla(pkiFallo(tipo, 'NADA_HECHO'));
    const resultados: boolean[] = [];
    let heartbeatDetails: unknown;
    for (let attempt = 1; attempt <= INTENTOS_POCOS; attempt++) {
      const caso = preparar({ attempt, pki, heartbeatDetails });
      resultados.push((await caso.fallar(1)).nonRetryable === true);
      heartbeatDetails = caso.latidos.at(-1);
    }

    expect(resultados).toEqual([...Array<boolean>(INTENTOS_POCOS - 1).fill(false), true]);
  });

  it('after a refusal is worth it however often the PKI was down before', async () => {
    const pki = pkiQueFalla(pkiFallo('PKI_RECHAZO', 'NADA_HECHO'));

    expect((await preparar({ attempt: 50, pki }).fallar(1)).nonRetryable).toBe(false);
  });

  it('after a refusal counts those before it, whatever came between', async () => {
    const pki = pkiQueFalla(pkiFallo('PKI_RECHAZO', 'NADA_HECHO'));
    const caida = preparar({ pki: pkiQueFalla(pkiFallo('PKI_ERROR', 'DESCONOCIDO')), heartbeatDetails: 2 });

    await caida.fallar(1);

    // Without a beat of its own, Temporal hands on the details of the beats before.
    expect(caida.latidos).toEqual([]);
    expect((await preparar({ pki, heartbeatDetails: 2 }).fallar(1)).nonRetryable).toBe(true);
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

describe('the retry window', () => {
  const espera30s = { reintentarEnMs: 30_000 };
  const caida = pkiQueFalla(pkiFallo('PKI_NO_DISPONIBLE', 'NADA_HECHO', espera30s));

  it.each([
    ['is open while the next attempt would still begin within it', VENTANA_MS - 30_000, false],
    ['is over once the next attempt would begin beyond it', VENTANA_MS - 29_999, true],
  ])('%s', async (_caso, transcurridoMs, nonRetryable) => {
    const fallo = await preparar({ pki: caida, transcurridoMs }).fallar(1);

    expect(fallo).toMatchObject({ type: 'PKI_NO_DISPONIBLE', nonRetryable });
  });

  it('does not keep the first attempt after a long outage from being made', async () => {
    const caso = preparar({ attempt: 7, transcurridoMs: VENTANA_MS * 10 });

    await expect(caso.ejecutar(2)).resolves.toEqual(PASO_2);
  });

  it('is over where Retry-After leads beyond it', async () => {
    const pki = pkiQueFalla(pkiFallo('PKI_NO_DISPONIBLE', 'NADA_HECHO', { reintentarEnMs: VENTANA_MS + 1 }));

    expect((await preparar({ pki }).fallar(1)).nonRetryable).toBe(true);
  });

  it('holds for a register that is down too', async () => {
    const registro = { marcarEnvio: () => Promise.reject(new Error('connect ECONNREFUSED')) };

    expect(await preparar({ registro, transcurridoMs: VENTANA_MS }).fallar(1)).toMatchObject({
      type: 'SERVICIO_NO_DISPONIBLE',
      nonRetryable: true,
    });
  });
});

describe.each(PASOS)('the circuit of step %i', (paso) => {
  /** A case whose PKI fails until it is mended, and whose circuit has just opened. */
  async function conCircuitoAbierto(caso: Caso = {}) {
    let error: Error | null = pkiFallo('PKI_ERROR', 'DESCONOCIDO');
    const responder = <T>(respuesta: T) => (error ? Promise.reject(error) : Promise.resolve(respuesta));
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
      arreglar: (otro: Error | null = null) => {
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
      details: [['MsAdaptadorPKI falla repetidamente; el intento no se envió y se repetirá.']],
    });
    expect(caso.orden).toEqual([]);
    expect(await caso.metricas()).toBe(antes);
  });

  it('has it come back when the rest is over, a few seconds spread', async () => {
    const caso = await conCircuitoAbierto();

    await jest.advanceTimersByTimeAsync(3000);
    const esperaMs = Number((await caso.fallar(paso)).nextRetryDelay);

    expect(esperaMs).toBeGreaterThanOrEqual(CIRCUITO_ABIERTO_MS - 3000);
    expect(esperaMs).toBeLessThanOrEqual(CIRCUITO_ABIERTO_MS - 3000 + RETORNO_MS);
  });

  it('ends the issuance where the window closes meanwhile, and says so', async () => {
    const caso = await conCircuitoAbierto({ transcurridoMs: VENTANA_MS - CIRCUITO_ABIERTO_MS + 1 });

    expect(await caso.fallar(paso)).toMatchObject({
      type: 'CIRCUITO_ABIERTO',
      nonRetryable: true,
      details: [
        [
          'MsAdaptadorPKI siguió fallando hasta el fin de la ventana de reintentos; el último intento no llegó a enviarse.',
        ],
      ],
    });
    expect(caso.orden).toEqual([]);
  });

  it('lets all through again once one was answered', async () => {
    const caso = await conCircuitoAbierto();

    caso.arreglar();
    await jest.advanceTimersByTimeAsync(CIRCUITO_ABIERTO_MS);
    await caso.ejecutar(paso);

    await expect(caso.ejecutar(paso)).resolves.toEqual(paso === 1 ? PASO_1 : PASO_2);
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

  it('asks again, the next to come, where the register is down as it probes', async () => {
    let caido = false;
    const caso = await conCircuitoAbierto({
      registro: {
        marcarEnvio: () =>
          caido ? Promise.reject(new Error('connect ECONNREFUSED')) : Promise.resolve(envioDePrueba()),
      },
    });

    caso.arreglar();
    caido = true;
    await jest.advanceTimersByTimeAsync(CIRCUITO_ABIERTO_MS);
    expect((await caso.fallar(paso)).type).toBe('SERVICIO_NO_DISPONIBLE');
    caido = false;

    await expect(caso.ejecutar(paso)).resolves.toEqual(paso === 1 ? PASO_1 : PASO_2);
    expect(await caso.metricas()).toContain(`pki_circuit_opened_total{paso="${paso}"} 1`);
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

    expect(caso.latidos).toEqual([1, 1, 1]);
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
    ['a connection that fails', pkiQueFalla(conCausas(pkiFallo('PKI_SIN_CONEXION', 'NADA_HECHO')))],
    [
      'an adapter of many words',
      pkiQueFalla(
        pkiFallo('PKI_ERROR', 'DESCONOCIDO', { detalles: Array<string>(100).fill('ñ'.repeat(1000)) }),
      ),
    ],
  ])('is small after %s', async (_caso, pki) => {
    // Encryption adds some 60 bytes to each of a handful of payloads.
    expect(tamanio(await preparar({ pki }).fallar(1))).toBeLessThan(LIMITE_DEL_SERVIDOR_BYTES * 0.75);
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

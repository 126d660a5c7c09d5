/**
 * A gateway before the PKI, over the real register, the real activities and the real wire: what it says settles nothing, and
 * no certificate is lost or issued twice by it.
 */
import { createHttpPkiGateway } from '../../../../activities/emision/pki/http-pki-gateway.ts';
import { referenciaDe } from '../../../../shared/emision/contrato.ts';
import type { FalloDeEmision, TipoFallo } from '../../../../shared/emision/fallos.ts';
import { createRegistro } from '../../../../shared/registro/emision/registro.ts';
import type { Behaviour, Call } from '../../../../simulator/pki/faults/behaviour.ts';
import { GATEWAY_ACTS } from '../../../../simulator/pki/faults/gateway.ts';
import { cleanUp, emisionesOf, startSimulator } from '../../../support/pki/running-simulator.ts';
import {
  BASES,
  CLAVES,
  entradaDePrueba,
  usarRegistro,
} from '../../../support/registro/registro-de-prueba.ts';
import { preparar } from './caso-pki.ts';
import { GUARDA_CONFIADA } from '../../../support/registro/guarda-confiada.ts';

const prueba = usarRegistro(BASES[0].abrir);
afterEach(cleanUp);

/** An issuance whose step 1 is done. Its step 2 meets, call after call, what the test says; then a PKI in good health. */
async function enPaso2(llamadas: Behaviour[], idempotente = true) {
  const conducta = ({ paso, numeroLlamada }: Call) => (paso === 2 ? (llamadas[numeroLlamada - 1] ?? {}) : {});
  const { url } = await startSimulator({ behaviourOf: conducta, idempotent: idempotente });
  const pki = createHttpPkiGateway({
    url,
    token: undefined,
    timeoutMs: 10_000,
    idempotente,
    alResponderOtro: () => undefined,
  });
  const registro = createRegistro({
    db: prueba.db,
    claves: CLAVES,
    motor: prueba.motor,
    guarda: GUARDA_CONFIADA,
    adaptadorIdempotente: idempotente,
  });
  const run = prueba.abrirRun(entradaDePrueba(), { idempotente });
  await run.registrar();
  await run.registrarPaso1(await pki.generarNumerosSolicitud(await run.marcar(1)));
  let heartbeatDetails: unknown;
  let attempt = 0;
  const caso = () =>
    preparar({
      attempt: ++attempt,
      heartbeatDetails,
      pki,
      registro,
      adaptadorIdempotente: idempotente,
      referencia: referenciaDe(run.entrada),
      runId: run.runId,
    });
  return {
    run,
    /** One attempt, which fails. */
    async fallar() {
      const intento = caso();
      const fallo = await intento.fallar(2);
      heartbeatDetails = intento.latidos.at(-1);
      return fallo;
    },
    ejecutar: () => caso().ejecutar(2),
    emitidas: () => emisionesOf(url, 'SOL-1'),
  };
}

const finalDe = (tipo: TipoFallo): FalloDeEmision => ({ tipo, paso: 2, detalles: [] });

describe('an adapter that repeats its answers', () => {
  it.each(GATEWAY_ACTS)(
    'issues, its connection breaks, and a gateway (%s) answers the repeat: not final, and the same key fetches them',
    async (act) => {
      const caso = await enPaso2([{ delivery: 'PERDIDA' }, { gateway: { act, when: 'ANTES' } }]);

      expect((await caso.fallar()).nonRetryable).toBe(false);
      expect((await caso.fallar()).nonRetryable).toBe(false);

      const { pasos } = await prueba.leer('SOL-1');
      expect(pasos[2].envios_sin_aclarar).toHaveLength(2);
      const respuesta = await caso.ejecutar();
      expect(respuesta).toMatchObject({ certificados: [{}, {}, {}] });
      expect(await caso.emitidas()).toMatchObject({ emisiones: 1, certificados: 3 });
    },
  );

  it('keeps the citizen locked where gateways answer to the end, and gives them to a later run', async () => {
    const pagina: Behaviour = { gateway: { act: '404', when: 'ANTES' } };
    const caso = await enPaso2([{ delivery: 'PERDIDA' }, ...Array<Behaviour>(8).fill(pagina)]);
    await caso.fallar();
    let fallo = await caso.fallar();
    while (!fallo.nonRetryable) fallo = await caso.fallar();

    await caso.run.fallar(finalDe(fallo.type as TipoFallo));

    expect(fallo.type).toBe('PKI_MAL_DIRIGIDA');
    expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', resultadoIncierto: true });
    const otro = prueba.abrirRun(entradaDePrueba('SOL-2'));
    await expect(otro.registrar()).rejects.toMatchObject({ fallo: 'CIUDADANO_CON_INCIERTA' });
    expect(await caso.ejecutar().catch((error: unknown) => error)).toMatchObject({ type: 'TURNO_PERDIDO' });
    expect(await caso.emitidas()).toMatchObject({ emisiones: 1, llamadas: { paso2: 9 } });
  });

  it('is believed where its own envelope says that it does not know the citizen', async () => {
    const caso = await enPaso2([{ delivery: 'PERDIDA' }, { outage: 'CIUDADANO_NO_ENCONTRADO' }]);
    await caso.fallar();

    expect(await caso.fallar()).toMatchObject({ type: 'CIUDADANO_NO_ENCONTRADO', nonRetryable: true });
    expect((await prueba.leer('SOL-1')).pasos[2].envios_sin_aclarar).toEqual([]);
  });
});

describe('an adapter that does not', () => {
  it.each(GATEWAY_ACTS)(
    'issues, and a gateway (%s) speaks in its place: uncertain, and never sent twice',
    async (act) => {
      const caso = await enPaso2([{ gateway: { act, when: 'DESPUES' } }], false);

      const fallo = await caso.fallar();
      expect(fallo.nonRetryable).toBe(true);
      // An attempt that wakes up late.
      expect(await caso.fallar()).toMatchObject({ type: 'RESULTADO_INCIERTO', nonRetryable: true });
      await caso.run.fallar(finalDe(fallo.type as TipoFallo));

      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', resultadoIncierto: true });
      await expect(prueba.ordenarRun('SOL-1', { idempotente: false })).rejects.toThrow();
      expect(await caso.emitidas()).toMatchObject({ emisiones: 1, certificados: 3, llamadas: { paso2: 1 } });
    },
  );

  it('is sent it again where its own envelope says that it has no service', async () => {
    const caso = await enPaso2([{ outage: 'SERVICIO_NO_DISPONIBLE' }], false);

    expect(await caso.fallar()).toMatchObject({ type: 'PKI_NO_DISPONIBLE', nonRetryable: false });
    await expect(caso.ejecutar()).resolves.toMatchObject({ certificados: [{}, {}, {}] });
    expect(await caso.emitidas()).toMatchObject({ emisiones: 1, llamadas: { paso2: 2 } });
  });
});

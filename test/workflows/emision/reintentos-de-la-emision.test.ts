/**
 * What an issuance waits for, and how long: attempts of the PKI, and a register that is down. One file, since each starts a
 * server of Temporal.
 */
import { Context } from '@temporalio/activity';
import type { ResultadoEmision } from '../../../shared/emision/emision.ts';
import type { FalloDeEmision, TipoFallo } from '../../../shared/emision/fallos.ts';
import { FALLOS_PARA_ABRIR, INTENTOS_POCOS, INTENTOS_VARIOS } from '../../../shared/emision/plazos.ts';
import { TurnoNegado } from '../../../shared/registro/emision/registro.ts';
import { concedido, FakeActividades, PASOS, RESULTADO } from '../../support/emision/fake-actividades.ts';
import { createFakeRegistro, envioMarcado, PASO_1, PASO_2 } from '../../support/registro/fake-registro.ts';
import { timeSkippingServer } from '../../support/temporal/temporal-server.ts';
import {
  circuitosDePrueba,
  conPki as conPkiYReloj,
  pkiFallo,
  SIN_CIRCUITO,
} from '../../support/temporal/con-pki.ts';
import { BancoDeEmision, falloDeActividad, lanzar } from '../../support/temporal/banco-de-emision.ts';
import { SIN_MEMORIA } from '../../support/temporal/entorno-de-prueba.ts';

let banco: BancoDeEmision;
beforeAll(async () => {
  banco = await BancoDeEmision.abrir(timeSkippingServer, SIN_MEMORIA);
}, 120_000);
afterAll(() => banco.cerrar());

/** Runs one issuance to its success. */
async function resultadoCon(actividades: FakeActividades): Promise<ResultadoEmision> {
  return (await banco.iniciar(actividades)).resultado();
}

/** Runs one issuance to its failure. */
async function falloCon(actividades: FakeActividades): Promise<FalloDeEmision> {
  return (await banco.iniciar(actividades)).fallo();
}

/** By the server's clock, which skips ahead of this machine's. */
function conPki(...[pki, otras]: Parameters<typeof conPkiYReloj>): FakeActividades {
  let ahoraMs = 0;
  return conPkiYReloj(pki, { ahoraMs: () => ahoraMs, ...otras }, async () => {
    ahoraMs = await banco.entorno.currentTimeMs();
  });
}

/** A PKI that is busy, so that the next attempt comes after this. */
function ocupada(reintentarEnMs: number, tipo: TipoFallo = 'PKI_NO_DISPONIBLE') {
  return pkiFallo(tipo, { veredicto: 'RESPONDE', reintentarEnMs });
}

describe('another attempt', () => {
  /** Moments of the attempts by the server's clock, in milliseconds after the first. */
  function conMomentos(fallar: (intento: number) => unknown) {
    const momentos: number[] = [];
    const actividad = async () => {
      momentos.push(await banco.entorno.currentTimeMs());
      return fallar(momentos.length);
    };
    return { actividad, transcurridos: () => momentos.map((momento) => momento - (momentos[0] ?? 0)) };
  }

  it('comes when the activity says, until one succeeds', async () => {
    const { actividad, transcurridos } = conMomentos((intento) => {
      if (intento <= 3) throw falloDeActividad('PKI_NO_DISPONIBLE', { nextRetryDelay: intento * 60_000 });
      return PASO_1;
    });
    const actividades = new FakeActividades({ generarNumerosSolicitud: actividad });

    expect(await resultadoCon(actividades)).toEqual(RESULTADO);

    const [, segundo = 0, tercero = 0, cuarto = 0] = transcurridos();
    expect(segundo).toBeGreaterThanOrEqual(60_000);
    expect(tercero - segundo).toBeGreaterThanOrEqual(120_000);
    expect(cuarto - tercero).toBeGreaterThanOrEqual(180_000);
    expect(cuarto).toBeLessThan(400_000);
  });

  it('comes until the window closes, which ends the issuance with the last failure', async () => {
    let intentos = 0;
    const actividades = conPki({
      generarCertificadoDigitalDniE: () => {
        intentos += 1;
        return Promise.reject(ocupada(61_000, intentos < 15 ? 'PKI_ERROR' : 'PKI_SIN_CONEXION'));
      },
    });

    const fallo = await falloCon(actividades);

    expect(fallo).toEqual({ tipo: 'PKI_SIN_CONEXION', paso: 2, detalles: ['detalle de PKI_SIN_CONEXION'] });
    // The 15th begins after 14 minutes; the wait for the 16th is cut to the window's end.
    expect(intentos).toBe(16);
    expect(actividades.orden.at(-1)).toBe('registrarFallo');
  });

  it('has a window of its own in each step', async () => {
    const caeUnRato = <T>(respuesta: T) => {
      let intentos = 0;
      return () => (++intentos <= 10 ? Promise.reject(ocupada(80_000)) : Promise.resolve(respuesta));
    };
    const actividades = conPki({
      generarNumerosSolicitud: caeUnRato(PASO_1),
      generarCertificadoDigitalDniE: caeUnRato(PASO_2),
    });

    expect(await resultadoCon(actividades)).toEqual(RESULTADO);
  });

  it('comes at the window’s end where Retry-After leads beyond it: no issuance ends at its first refusal', async () => {
    const enviados: number[] = [];
    const actividades = conPki({
      generarNumerosSolicitud: async () => {
        enviados.push(await banco.entorno.currentTimeMs());
        if (enviados.length === 1) throw ocupada(3_600_000);
        return PASO_1;
      },
    });

    expect(await resultadoCon(actividades)).toEqual(RESULTADO);
    const [primero = 0, segundo = 0] = enviados;
    expect(enviados).toHaveLength(2);
    expect(segundo - primero).toBeGreaterThan(890_000);
    expect(segundo - primero).toBeLessThan(910_000);
  });

  it('at the window’s end is the last', async () => {
    let llamadas = 0;
    const actividades = conPki({
      generarNumerosSolicitud: () => {
        llamadas += 1;
        return Promise.reject(ocupada(3_600_000));
      },
    });

    expect(await falloCon(actividades)).toMatchObject({ tipo: 'PKI_NO_DISPONIBLE', paso: 1 });
    expect(llamadas).toBe(2);
  });

  it('after a gateway’s page comes some times, and the issuance ends as that', async () => {
    let llamadas = 0;
    const actividades = conPki({
      generarNumerosSolicitud: () => {
        llamadas += 1;
        return Promise.reject(
          pkiFallo('PKI_MAL_DIRIGIDA', { certeza: 'DESCONOCIDO', veredicto: 'RESPONDE' }),
        );
      },
    });

    expect(await falloCon(actividades)).toMatchObject({ tipo: 'PKI_MAL_DIRIGIDA', paso: 1 });
    expect(llamadas).toBe(INTENTOS_VARIOS);
  });

  it('is made a few times where the PKI refuses the call, counted apart from those it was down for', async () => {
    let intentos = 0;
    const actividades = conPki({
      generarNumerosSolicitud: () =>
        Promise.reject(++intentos <= 4 ? ocupada(0) : pkiFallo('PKI_RECHAZO', { veredicto: 'RESPONDE' })),
    });

    expect(await falloCon(actividades)).toMatchObject({ tipo: 'PKI_RECHAZO', paso: 1 });
    expect(intentos).toBe(4 + INTENTOS_POCOS);
  });

  it('is made throughout the window where the PKI is down, ever more slowly', async () => {
    const actividades = conPki(
      { generarNumerosSolicitud: () => Promise.reject(pkiFallo('PKI_SIN_CONEXION')) },
      { circuitos: SIN_CIRCUITO },
    );

    expect(await falloCon(actividades)).toMatchObject({ tipo: 'PKI_SIN_CONEXION', paso: 1 });
    // Five waits of 1 to 16 s and then of 30 s in 900 s, each a fifth longer or shorter.
    const intentos = actividades.argumentosDe('generarNumerosSolicitud').length;
    expect(intentos).toBeGreaterThanOrEqual(28);
    expect(intentos).toBeLessThanOrEqual(43);
  });

  it('is held back once the circuit is open, for longer than the window, and made when it closes', async () => {
    let enviados = 0;
    const actividades = conPki(
      {
        generarNumerosSolicitud: () =>
          ++enviados <= FALLOS_PARA_ABRIR
            ? Promise.reject(pkiFallo('PKI_SIN_CONEXION'))
            : Promise.resolve(PASO_1),
      },
      {
        // Of which the five failures use up 31 s, or a fifth more.
        ventanaReintentoMs: 40_000,
        // By this machine's clock, while the server's skips from one attempt that is held to the next, 5 s later at least.
        circuitos: circuitosDePrueba({ abiertoMs: 500, abiertoMaximoMs: 500, retornoMs: 5_000 }),
      },
    );

    expect(await resultadoCon(actividades)).toEqual(RESULTADO);
    expect(enviados).toBe(FALLOS_PARA_ABRIR + 1);
    expect(actividades.argumentosDe('generarNumerosSolicitud').length).toBeGreaterThan(enviados + 2);
  });

  it('is not made of an unclear step 2 with an adapter that does not repeat its answer', async () => {
    const actividades = conPki(
      {
        generarCertificadoDigitalDniE: () =>
          Promise.reject(pkiFallo('TIEMPO_PKI_AGOTADO', { certeza: 'DESCONOCIDO' })),
      },
      { adaptadorIdempotente: false },
    );

    expect(await falloCon(actividades)).toMatchObject({ tipo: 'TIEMPO_PKI_AGOTADO', paso: 2 });
    expect(actividades.argumentosDe('generarCertificadoDigitalDniE')).toHaveLength(1);
  });

  it('is not made after a fault of our own code, which would come again', async () => {
    const actividades = conPki({
      generarNumerosSolicitud: () => Promise.reject(new TypeError('x is not a function')),
    });

    expect(await falloCon(actividades)).toMatchObject({ tipo: 'ERROR_INTERNO', paso: 1 });
    expect(actividades.argumentosDe('generarNumerosSolicitud')).toHaveLength(1);
  });

  it('that the register refuses ends the issuance for that reason', async () => {
    const registro = createFakeRegistro({
      marcarEnvio: (_referencia, _runId, paso) =>
        paso === 1
          ? Promise.resolve(envioMarcado())
          : Promise.reject(new TurnoNegado('RESULTADO_INCIERTO', 'Ya se envió.')),
    });
    const actividades = conPki({}, { registro, adaptadorIdempotente: false });

    expect(await falloCon(actividades)).toEqual({
      tipo: 'RESULTADO_INCIERTO',
      paso: 2,
      detalles: ['Ya se envió.'],
    });
  });
});

describe('an attempt that never answers', () => {
  /** Until its worker stops. */
  const callar = () => Context.current().cancelled;

  it('and stops beating is made again', async () => {
    let llamadas = 0;
    const actividades = new FakeActividades({
      generarNumerosSolicitud: () => (++llamadas === 1 ? callar() : PASO_1),
    });

    expect(await resultadoCon(actividades)).toEqual(RESULTADO);

    expect(llamadas).toBe(2);
  });

  it('and outlasts its time is made again', async () => {
    let llamadas = 0;
    const actividades = new FakeActividades({
      registrarSolicitud: () => concedido(PASOS.enPaso1, { plazos: { intentoMs: 1 } }),
      generarNumerosSolicitud: () => (++llamadas === 1 ? callar() : PASO_1),
    });

    expect(await resultadoCon(actividades)).toEqual(RESULTADO);

    expect(llamadas).toBe(2);
  });

  it('leaves the rest of the window to those that do', async () => {
    let llamadas = 0;
    const pki = conPki(
      {
        generarNumerosSolicitud: () => (++llamadas === 1 ? callar() : Promise.reject(pkiFallo('PKI_ERROR'))),
      },
      { ventanaReintentoMs: 5_000 },
    );
    const actividades = new FakeActividades({
      registrarSolicitud: () => concedido(PASOS.enPaso1, { plazos: { intentoMs: 1 } }),
      generarNumerosSolicitud: (referencia) => pki.responder('generarNumerosSolicitud', [referencia]),
    });

    expect(await falloCon(actividades)).toMatchObject({ tipo: 'PKI_ERROR', paso: 1 });
    expect(llamadas).toBeGreaterThan(2);
  });
});

describe('a register that is down', () => {
  it.each(['registrarSolicitud', 'registrarNumerosSolicitud', 'compararYRegistrarEmision'] as const)(
    'is waited for by %s',
    async (actividad) => {
      let caidas = 0;
      const normal = new FakeActividades();
      const actividades = new FakeActividades({
        [actividad]: () => {
          if (++caidas <= 3) throw new Error('connect ECONNREFUSED');
          return normal.responder(actividad, []);
        },
      });

      expect(await resultadoCon(actividades)).toEqual(RESULTADO);

      expect(actividades.argumentosDe(actividad)).toHaveLength(4);
      expect(actividades.orden).not.toContain('registrarFallo');
    },
  );

  it('is waited for to record a failure', async () => {
    let caidas = 0;
    const actividades = new FakeActividades({
      generarNumerosSolicitud: lanzar(falloDeActividad('PKI_RECHAZO', { nonRetryable: true })),
      registrarFallo: (_entrada, fallo) => {
        if (++caidas <= 3) throw new Error('connect ECONNREFUSED');
        return { tipo: 'FALLIDO', fallo, pasosProceso: PASOS.enPaso1 };
      },
    });

    expect(await falloCon(actividades)).toMatchObject({ tipo: 'PKI_RECHAZO', paso: 1 });
    expect(caidas).toBe(4);
  });
});

/**
 * A step of the PKI with its workers, by jest's clock: the activity, its circuit and its slots are the product's own; the
 * queue, the SDK's polls and the PKI are simulated.
 */
/* eslint-disable no-restricted-globals -- the timers are those of jest's clock */
import { jest } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { type SlotReserveContext } from '@temporalio/worker';
import { Registry } from 'prom-client';
import { createActividadesPki } from '../../../activities/emision/pki/actividades-pki.ts';
import { createCircuitosPki } from '../../../activities/emision/pki/circuito-pki.ts';
import { createMetricasPki } from '../../../activities/emision/pki/metricas-pki.ts';
import { PkiFallo, type LlamadaALaPki } from '../../../activities/emision/pki/pki-gateway.ts';
import { workflowId } from '../../../shared/emision/contrato.ts';
import { LLAMADAS_SIMULTANEAS } from '../../../shared/emision/plazos.ts';
import { createLugares } from '../../../worker/lugares.ts';
import { createAzar } from '../../caos/azar.ts';
import { createFakeRegistro, envioDePrueba, PASO_1 } from '../../support/registro/fake-registro.ts';
import { CALLADO } from '../../support/temporal/sdk-callado.ts';

/** As many polls as the SDK has in flight: those that were begun as a circuit opens still bring a task each. */
export const SONDEOS_A_LA_VEZ = 10;

/** The defaults of the configuration. */
const PKI_TIMEOUT_MS = 10_000;
export const PKI_LLAMADAS_POR_SEGUNDO = 100;
const VENTANA_REINTENTO_MS = 900_000;

const LATENCIA_MS = 400;
const CAIDAS = {
  SIN_CONEXION: { tardaMs: 2, tipo: 'PKI_SIN_CONEXION', veredicto: 'FALLA' },
  SIN_RESPUESTA: { tardaMs: PKI_TIMEOUT_MS, tipo: 'TIEMPO_PKI_AGOTADO', veredicto: 'FALLA' },
  ERROR: { tardaMs: 2, tipo: 'PKI_ERROR', veredicto: 'FALLA' },
  PAGINA: { tardaMs: 5, tipo: 'PKI_MAL_DIRIGIDA', veredicto: 'NO_CONSTA' },
  LIMITE: { tardaMs: 5, tipo: 'PKI_NO_DISPONIBLE', veredicto: 'NO_CONSTA' },
} as const;
/** Of issuances that the PKI fails at, and at no other: it does not answer, or says so at once. */
export const VENENO = 'VENENO';
export const VENENO_RAPIDO = 'VENENO_RAPIDO';

/**
 * How the PKI is down: the connection is refused at once, or nobody answers in time; a gateway without it answers a page
 * of 404, or all are told that they ask too often.
 */
export type Caida = keyof typeof CAIDAS;

const FALLA_CON: Readonly<Record<string, Caida>> = { [VENENO]: 'SIN_RESPUESTA', [VENENO_RAPIDO]: 'ERROR' };

/** The activity of one issuance, as Temporal keeps it. */
interface Tarea {
  codigo: string;
  intento: number;
  heartbeatDetails: unknown;
}

// That of node, which jest's clock leaves alone: what is settled has told so.
const inmediato = setImmediate;
const asentar = () => new Promise((resolve) => inmediato(resolve));

export interface PasoSimulado {
  /** Issuances that come to the step, so many a second. */
  llegar(cuantas: number, porSegundo: number, codigo?: string): void;
  /** null: it answers. */
  caer(caida: Caida | null): void;
  /** Lets the clock run for so long, or until it is so. */
  avanzar(ms: number, hastaQue?: () => boolean): Promise<void>;
  /** Moments of the calls of the PKI, and of attempts that a circuit turned away, by jest's clock. */
  llamadas: number[];
  rechazos: number[];
  /** How many issuances are through the step, and how many ended because their retry window was used up. */
  hechas(): number;
  acabadas(): number;
  /** How many calls a worker that was not back at full strength had under way beyond one more than it had been answered. */
  fueraDeLaRampa(): number;
}

/** Under jest's fake timers, which leave setImmediate alone. */
export function simularPaso(trabajadores: number, semilla: string): PasoSimulado {
  const azar = createAzar(semilla);
  jest.spyOn(Math, 'random').mockImplementation(() => azar.fraccion());
  const cola: Tarea[] = [];
  const sondeos: ((tarea: Tarea) => void)[] = [];
  const llamadas: number[] = [];
  const rechazos: number[] = [];
  let caida: Caida | null = null;
  let hechas = 0;
  let acabadas = 0;
  let fueraDeLaRampa = 0;

  // The limit of the queue, as Temporal keeps it: evenly, over all workers.
  let siguienteMs = 0;
  let esperando = false;
  const entregar = () => {
    while (cola.length > 0 && sondeos.length > 0 && !esperando) {
      const faltanMs = siguienteMs - jest.now();
      if (faltanMs > 0) {
        esperando = true;
        setTimeout(() => {
          esperando = false;
          entregar();
        }, faltanMs);
        return;
      }
      siguienteMs = jest.now() + 1_000 / PKI_LLAMADAS_POR_SEGUNDO;
      const [sondeo] = sondeos.splice(azar.entero(0, sondeos.length - 1), 1);
      sondeo?.(cola.shift() as Tarea);
    }
  };
  const encolar = (tarea: Tarea) => {
    cola.push(tarea);
    entregar();
  };

  const empezarTrabajador = () => {
    const metricas = createMetricasPki(new Registry());
    const circuitos = createCircuitosPki({
      metricas,
      log: { info: () => undefined, warn: () => undefined },
      trabajadores: () => trabajadores,
    });
    const lugares = createLugares(LLAMADAS_SIMULTANEAS, circuitos[1]);
    let enCurso = 0;
    let respondidas = 0;
    const llamar = async ({ clave }: LlamadaALaPki) => {
      llamadas.push(jest.now());
      enCurso += 1;
      if (!caida) fueraDeLaRampa = Math.max(fueraDeLaRampa, enCurso - respondidas - 1);
      const comoEsta = caida ?? FALLA_CON[clave];
      await new Promise((resolve) => setTimeout(resolve, comoEsta ? CAIDAS[comoEsta].tardaMs : LATENCIA_MS));
      enCurso -= 1;
      if (comoEsta) {
        const { tipo, veredicto } = CAIDAS[comoEsta];
        throw new PkiFallo({ tipo, veredicto, certeza: 'DESCONOCIDO', detalles: [] });
      }
      respondidas += 1;
      return PASO_1;
    };
    const actividades = createActividadesPki({
      registro: createFakeRegistro({
        marcarEnvio: ({ codigoSolicitudTramite: clave }) =>
          Promise.resolve({ tipo: 'MARCADO', envio: envioDePrueba({ clave }) }),
      }),
      metricas,
      circuitos,
      adaptadorIdempotente: true,
      ventanaReintentoMs: VENTANA_REINTENTO_MS,
      lasSondasCuentan: false,
      ahoraMs: () => jest.now(),
      pki: {
        generarNumerosSolicitud: llamar,
        generarCertificadoDigitalDniE: () => Promise.reject(new Error()),
      },
    });

    const atender = async (tarea: Tarea) => {
      const { codigo, intento, heartbeatDetails } = tarea;
      const entorno = new MockActivityEnvironment(
        {
          attempt: intento,
          heartbeatDetails,
          workflowExecution: { workflowId: workflowId(codigo), runId: 'R' },
        },
        { logger: CALLADO },
      );
      entorno.on('heartbeat', (detalles: unknown) => (tarea.heartbeatDetails = detalles));
      try {
        await entorno.run(() =>
          actividades.generarNumerosSolicitud({
            codigoSolicitudTramite: codigo,
            generacion: 1,
            huellaSolicitud: 'H',
          }),
        );
        hechas += 1;
      } catch (error) {
        if (!(error instanceof ApplicationFailure)) throw error;
        if (error.type === 'CIRCUITO_ABIERTO') rechazos.push(jest.now());
        tarea.intento += 1;
        if (error.nonRetryable) acabadas += 1;
        else setTimeout(encolar, Number(error.nextRetryDelay), tarea);
      }
    };
    const sondear = async () => {
      for (;;) {
        const permit = await lugares.reserveSlot({} as SlotReserveContext, new AbortController().signal);
        const tarea = await new Promise<Tarea>((resolve) => {
          sondeos.push(resolve);
          entregar();
        });
        lugares.markSlotUsed({ permit, slotInfo: { type: 'activity', activityType: 'x' } });
        void atender(tarea).finally(() => {
          lugares.releaseSlot({ permit });
        });
      }
    };
    for (let i = 0; i < SONDEOS_A_LA_VEZ; i++) void sondear();
  };
  for (let i = 0; i < trabajadores; i++) empezarTrabajador();

  return {
    ...{ llamadas, rechazos },
    hechas: () => hechas,
    acabadas: () => acabadas,
    fueraDeLaRampa: () => fueraDeLaRampa,
    llegar(cuantas, porSegundo, codigo = 'SOL-1') {
      const llegada = setInterval(() => {
        encolar({ codigo, intento: 1, heartbeatDetails: undefined });
        if (--cuantas === 0) clearInterval(llegada);
      }, 1_000 / porSegundo);
    },
    caer(como) {
      caida = como;
    },
    async avanzar(ms, hastaQue = () => false) {
      await asentar();
      const fin = jest.now() + ms;
      // The clock comes to the end itself.
      setTimeout(() => undefined, ms);
      while (jest.now() < fin && !hastaQue()) {
        jest.advanceTimersToNextTimer();
        await asentar();
      }
    },
  };
}

/** An attempt of a PKI activity under test: its register and its gateway are told what to answer, what happens is kept. */
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { Registry } from 'prom-client';
import { procedenciaDe } from '../../../../activities/emision/entrada-propia.ts';
import { createActividadesPki } from '../../../../activities/emision/pki/actividades-pki.ts';
import { createCircuitosPki } from '../../../../activities/emision/pki/circuito-pki.ts';
import { createMetricasPki } from '../../../../activities/emision/pki/metricas-pki.ts';
import {
  PkiFallo,
  type DatosDePkiFallo,
  type LlamadaALaPki,
  type PkiGateway,
} from '../../../../activities/emision/pki/pki-gateway.ts';
import type {
  Paso,
  ReferenciaEmision,
  RespuestaPaso1,
  RespuestaPaso2,
} from '../../../../shared/emision/contrato.ts';
import type { CertezaDeEnvio, TipoFallo } from '../../../../shared/emision/fallos.ts';
import type { Registro } from '../../../../shared/registro/emision/registro.ts';
import { createFakeRegistro, PASO_1, PASO_2 } from '../../../support/registro/fake-registro.ts';
import { CALLADO } from '../../../support/temporal/sdk-callado.ts';

export const REFERENCIA: ReferenciaEmision = {
  codigoSolicitudTramite: 'SOL-1',
  generacion: 1,
  huellaSolicitud: 'H',
};
/** The answer as Temporal is told it: with the work that it is of. */
export const RESPONDIDA = {
  1: { ...PASO_1, procedencia: procedenciaDe(REFERENCIA, 1) },
  2: { ...PASO_2, procedencia: procedenciaDe(REFERENCIA, 2) },
};
export const RUN_ID = 'run-de-prueba';
/** The send of an attempt. */
export const ENVIADO = { runId: RUN_ID, marca: expect.stringMatching(`^${RUN_ID}#`) as string };
/** What a failure says of whose it is; the SDK's mock environment names no activity. */
export const DE_ESTE_RUN = { runId: RUN_ID, actividad: 'unknown' };
export const VENTANA_MS = 900_000;

export interface Caso {
  attempt?: number;
  /** What the attempts before used up of the retry window, as their last beat told. */
  gastadoMs?: number;
  /** A clock of the activities; it stands still by default. */
  ahoraMs?: () => number;
  lasSondasCuentan?: boolean;
  /** Details of the last beat of the attempts before. */
  heartbeatDetails?: unknown;
  pki?: Partial<PkiGateway>;
  registro?: Partial<Registro>;
  adaptadorIdempotente?: boolean;
  /** Whose attempt it is: by default of REFERENCIA and RUN_ID. */
  referencia?: ReferenciaEmision;
  runId?: string;
  /** How Temporal takes a beat that is waited for; it is sealed for the place in the options. */
  latir?: (detalles: unknown, opciones?: unknown) => Promise<void>;
  /** Of the run that scheduled it. */
  workflowId?: string;
}

export function preparar({
  attempt = 1,
  gastadoMs,
  ahoraMs = () => 0,
  lasSondasCuentan = false,
  heartbeatDetails = gastadoMs === undefined ? undefined : { gastados: 0, envioSinAclarar: false, gastadoMs },
  pki = {},
  registro = {},
  adaptadorIdempotente = true,
  referencia = REFERENCIA,
  runId = RUN_ID,
  latir = () => Promise.resolve(),
  workflowId = 'emision/SOL-1',
}: Caso = {}) {
  const coleccionDeMetricas = new Registry();
  const metricas = createMetricasPki(coleccionDeMetricas);
  /** Operations on the register and sends, as they came. */
  const orden: string[] = [];
  const enviados: LlamadaALaPki[] = [];
  const fakeRegistro = createFakeRegistro(registro, orden);
  const anotar = (envio: LlamadaALaPki) => {
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
    circuitos: createCircuitosPki({ metricas, log: { info: () => undefined, warn: () => undefined } }),
    adaptadorIdempotente,
    ventanaReintentoMs: VENTANA_MS,
    lasSondasCuentan,
    ahoraMs,
    pki: {
      generarNumerosSolicitud: (envio) => puerto.generarNumerosSolicitud(anotar(envio)),
      generarCertificadoDigitalDniE: (envio) => puerto.generarCertificadoDigitalDniE(anotar(envio)),
    },
  });
  const entorno = new MockActivityEnvironment(
    {
      attempt,
      heartbeatDetails,
      workflowExecution: { workflowId, runId },
    },
    {
      logger: CALLADO,
      client: {
        withAbortSignal: (_corte: AbortSignal, llamada: () => Promise<unknown>) => llamada(),
        withDeadline: (_limite: number, llamada: () => Promise<unknown>) => llamada(),
        activity: {
          heartbeat: (_token: Uint8Array, detalles: unknown, opciones: unknown) => {
            orden.push('ANUNCIO');
            return latir(detalles, opciones);
          },
        },
      } as unknown as Client,
    },
  );
  const latidos: unknown[] = [];
  entorno.on('heartbeat', (detalles) => latidos.push(detalles));
  const ejecutar = (paso: Paso): Promise<RespuestaPaso1 | RespuestaPaso2> =>
    entorno.run((): Promise<RespuestaPaso1 | RespuestaPaso2> =>
      paso === 1
        ? actividades.generarNumerosSolicitud(referencia)
        : actividades.generarCertificadoDigitalDniE(referencia),
    );
  return {
    orden,
    enviados,
    entorno,
    latidos,
    registro: fakeRegistro,
    metricas: () => coleccionDeMetricas.metrics(),
    ejecutar,
    fallar: async (paso: Paso): Promise<ApplicationFailure> => {
      const error: unknown = await ejecutar(paso).catch((motivo: unknown) => motivo);
      if (error instanceof ApplicationFailure) return error;
      throw new Error('the activity did not end in an ApplicationFailure', { cause: error });
    },
  };
}

/** Both steps of the gateway end so. */
export function pkiQueFalla(error: Error): Partial<PkiGateway> {
  const fallar = () => Promise.reject(error);
  return { generarNumerosSolicitud: fallar, generarCertificadoDigitalDniE: fallar };
}

export function pkiFallo(
  tipo: TipoFallo,
  certeza: CertezaDeEnvio,
  otros: Partial<DatosDePkiFallo> = {},
): PkiFallo {
  return new PkiFallo({ tipo, certeza, veredicto: 'FALLA', detalles: ['María Elena no figura.'], ...otros });
}

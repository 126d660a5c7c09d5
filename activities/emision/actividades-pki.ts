/** The two steps at the PKI as activities: take the turn's last check, call once, translate the answer. */
import { ApplicationFailure, Context, sleep } from '@temporalio/activity';
import type { ActividadesPki, Paso, ReferenciaEmision } from '../../shared/emision/contrato.ts';
import { FALLOS, type TipoFallo } from '../../shared/emision/fallos.ts';
import {
  ESPERA_REGISTRO_INICIAL_MS,
  esperaTrasIntentoMs,
  INTENTOS_POCOS,
  LATIDO_MS,
  MARGEN_INTENTO_MS,
} from '../../shared/emision/plazos.ts';
import { TurnoNegado, type Envio, type Registro } from '../../shared/registro/registro.ts';
import type { MetricasDePki } from './metricas-pki.ts';
import { PkiFallo, type PkiGateway } from './pki-gateway.ts';

export interface DependenciasDePki {
  pki: PkiGateway;
  registro: Registro;
  metricas: MetricasDePki;
  /** Where false, a step 2 whose outcome is unclear is never sent again. */
  adaptadorIdempotente: boolean;
}

export function createActividadesPki(dependencias: DependenciasDePki): ActividadesPki {
  const { pki } = dependencias;
  return {
    generarNumerosSolicitud: (referencia) =>
      llamar(dependencias, referencia, 1, (envio) => pki.generarNumerosSolicitud(envio)),
    generarCertificadoDigitalDniE: (referencia) =>
      llamar(dependencias, referencia, 2, (envio) => pki.generarCertificadoDigitalDniE(envio)),
  };
}

async function llamar<T>(
  { registro, metricas, adaptadorIdempotente }: DependenciasDePki,
  referencia: ReferenciaEmision,
  paso: Paso,
  llamada: (envio: Envio) => Promise<T>,
): Promise<T> {
  const contexto = Context.current();
  const { attempt } = contexto.info;
  const runId = runDe(contexto);
  const latido = setInterval(() => {
    contexto.heartbeat();
  }, LATIDO_MS / 3);
  try {
    const envio = await conRegistro(() => registro.marcarEnvio(referencia, runId, paso), attempt);
    const terminar = metricas.llamada(paso);
    try {
      const respuesta = await llamada(envio);
      terminar('COMPLETADO');
      return respuesta;
    } catch (error) {
      const fallo = error instanceof PkiFallo ? error : inesperado(error);
      terminar(fallo.tipo);
      if (fallo.certeza !== 'DESCONOCIDO')
        await conRegistro(
          () =>
            insistir(() => registro.aclararEnvio(referencia, runId, paso, fallo.certeza === 'DEFINITIVO')),
          attempt,
        );
      const quedaIncierto = paso === 2 && fallo.certeza === 'DESCONOCIDO' && !adaptadorIdempotente;
      throw fallida(fallo, attempt, quedaIncierto);
    }
  } finally {
    clearInterval(latido);
  }
}

/** The PKI's clear answer is known to this attempt alone: a register that is down gets some seconds to hear of it. */
async function insistir(escritura: () => Promise<void>): Promise<void> {
  const limite = Date.now() + MARGEN_INTENTO_MS / 2;
  for (;;) {
    try {
      await escritura();
      return;
    } catch (error) {
      if (error instanceof TurnoNegado || Date.now() > limite) throw error;
      await sleep(ESPERA_REGISTRO_INICIAL_MS);
    }
  }
}

/** A mark in the register; one that is down is waited for, as the PKI is. */
async function conRegistro<T>(marca: () => Promise<T>, attempt: number): Promise<T> {
  try {
    return await marca();
  } catch (error) {
    if (error instanceof TurnoNegado) throw negado(error);
    throw sinTrazas(
      ApplicationFailure.create({
        type: 'SERVICIO_NO_DISPONIBLE',
        message: FALLOS.SERVICIO_NO_DISPONIBLE.titulo,
        details: [['El registro de emisiones no respondió.']],
        nextRetryDelay: esperaTrasIntentoMs(attempt, Math.random()),
        ...(error instanceof Error && { cause: error }),
      }),
    );
  }
}

/** No failure of the PKI but a fault of ours: it would come again, and what became of the call is unknown. */
function inesperado(cause: unknown): PkiFallo {
  const detalles = ['Error interno; el detalle está en el registro de eventos del worker.'];
  return new PkiFallo('ERROR_INTERNO', 'DESCONOCIDO', detalles, null, { cause });
}

function fallida(error: PkiFallo, attempt: number, quedaIncierto: boolean): ApplicationFailure {
  const fallo = ApplicationFailure.create({
    type: error.tipo,
    // Messages are logged; what the adapter said of the citizen is not.
    message: FALLOS[error.tipo].titulo,
    details: [error.detalles],
    nonRetryable: quedaIncierto || !valeOtroIntento(error.tipo, attempt),
    nextRetryDelay: Math.max(esperaTrasIntentoMs(attempt, Math.random()), error.reintentarEnMs ?? 0),
    cause: error,
  });
  return error.tipo === 'ERROR_INTERNO' ? fallo : sinTrazas(fallo);
}

/**
 * Temporal keeps 4 kB of the failure of an activity that waits for its next attempt, and of a greater one not even the
 * type; where an expected failure was made says nothing.
 */
function sinTrazas<E extends Error>(error: E): E {
  error.stack = `${error.name}: ${error.message}`;
  if (error.cause instanceof Error) sinTrazas(error.cause);
  return error;
}

function valeOtroIntento(tipo: TipoFallo, attempt: number): boolean {
  switch (FALLOS[tipo].reintento) {
    case 'SIEMPRE':
      return true;
    case 'POCOS':
      return attempt < INTENTOS_POCOS;
    case 'NUNCA':
      return false;
  }
}

/** The run that scheduled an activity: the owner of the turn, as the register names it. */
export function runDe({ info }: Context): string {
  if (!info.workflowExecution) throw new Error('this activity belongs to a workflow');
  return info.workflowExecution.runId;
}

/** The register refused the turn: this run has nothing more to do here. */
export function negado(error: TurnoNegado): ApplicationFailure {
  return ApplicationFailure.create({
    type: error.fallo,
    message: error.message,
    details: [[error.message]],
    nonRetryable: true,
  });
}

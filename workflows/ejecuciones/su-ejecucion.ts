/**
 * Which answers a run of maintenance believes of its activities, and how it answers itself: each answer names its run
 * (ADR 44).
 */
import { patched, workflowInfo } from '@temporalio/workflow';
import {
  nombraSuEjecucion,
  leerRespuestaDeEjecucion,
  type RespuestaDeEjecucion,
} from '../../shared/nucleo/ejecuciones/orden.ts';
import { falloAjeno } from './ajeno.ts';

type Actividad = (...argumentos: unknown[]) => Promise<unknown>;

/**
 * Activities whose answers must be of this very run: one that was sealed for an earlier run of the same id would say that
 * everything is done.
 */
export function soloDeEstaEjecucion<A extends object>(actividades: A): A {
  return new Proxy(actividades, {
    get:
      (todas, nombre: string) =>
      async (...argumentos: unknown[]) =>
        propia(await (Reflect.get(todas, nombre) as Actividad)(...argumentos), nombre),
  });
}

function propia(contestado: unknown, actividad: string): unknown {
  // Answered under an earlier version, which named no run.
  if (!nombraSuEjecucion(contestado) && !patched('respuestas-de-su-ejecucion')) return contestado;
  const leida = leerRespuestaDeEjecucion(contestado, workflowInfo().runId, actividad);
  if (!leida) throw falloAjeno('RESULTADO_AJENO');
  return leida.respuesta;
}

/** The result of this run, which whoever ordered it recognises. */
export function resultadoDeEstaEjecucion<T>(respuesta: T): RespuestaDeEjecucion<T> {
  const { runId, workflowType } = workflowInfo();
  return { runId, de: workflowType, respuesta };
}

/** What a worker does for the audit log when it is asked to: verify it, open an epoch of it, note what a person decided. */
import { readFile } from 'node:fs/promises';
import { ApplicationFailure, Context } from '@temporalio/activity';
import { z } from 'zod';
import { adoptarEntradas } from '../../shared/bitacora/secuencia/adopcion.ts';
import { leerUltimoPunto } from '../../shared/bitacora/arbol/arbol-guardado.ts';
import {
  WORKFLOW_ANOTACION,
  WORKFLOW_NUEVA_EPOCA,
  type ActividadesDeBitacora,
  type OrdenDeAnotacion,
} from '../../shared/bitacora/contrato.ts';
import type { MetricasDeBitacora } from '../../shared/bitacora/metricas.ts';
import {
  reconocerEpoca,
  ReconocimientoNegado,
} from '../../shared/bitacora/secuencia/reconocimiento-de-epoca.ts';
import { abrirEpoca, type DependenciasDeSecuencia } from '../../shared/bitacora/secuencia/secuenciador.ts';
import {
  verificarBitacora,
  type OpcionesDeVerificacion,
} from '../../shared/bitacora/verificacion/verificacion.ts';
import { workflowIdDeOrden } from '../../shared/nucleo/ejecuciones/orden.ts';
import { actividadAjena } from '../ejecuciones/actividades-ajenas.ts';

export interface DependenciasDeBitacora extends DependenciasDeSecuencia {
  /** The file of the worker's own witness. */
  archivoDeTestigo: string | null;
  metricas: MetricasDeBitacora;
  deDominios: NonNullable<OpcionesDeVerificacion['deDominios']>;
}

const motivoDado = z.string().trim().min(1);
const quienLaDa = z.string().trim().min(1).optional();
const notasDadas = z.array(z.string());
const ordenDeAnotacion = z.discriminatedUnion('tipo', [
  z.object({
    tipo: z.literal('RECONOCER_EPOCA'),
    epoca: z.int().min(1),
    motivo: motivoDado,
    quien: quienLaDa,
  }),
  z.object({ tipo: z.literal('ADOPTAR_ENTRADAS'), motivo: motivoDado, quien: quienLaDa }),
]) satisfies z.ZodType<OrdenDeAnotacion>;

export function createActividadesDeBitacora(dependencias: DependenciasDeBitacora): ActividadesDeBitacora {
  const { db, claves, verificadores, archivoDeTestigo, metricas, deDominios } = dependencias;
  return {
    async verificar(dadas) {
      const notas = leida(notasDadas, dadas);
      const contexto = Context.current();
      const propia = archivoDeTestigo === null ? null : await leerSiEsta(archivoDeTestigo);
      const informe = await verificarBitacora({
        db,
        claves,
        verificadores,
        deDominios,
        // An empty file waits for its first checkpoint.
        notasDeTestigos: propia ? [...notas, propia] : notas,
        avanzar: () => {
          contexto.cancellationSignal.throwIfAborted();
          contexto.heartbeat();
        },
      });
      metricas.hallazgos.set(informe.hallados);
      metricas.verificada.setToCurrentTime();
      return informe;
    },

    async abrirEpoca(dado, quienDado) {
      exigirOrdenDe(WORKFLOW_NUEVA_EPOCA);
      const motivo = leida(motivoDado, dado);
      const quien = leida(quienLaDa, quienDado);
      const ultimo = await leerUltimoPunto(db);
      if (!ultimo) throw new Error('the audit log has no epoch yet: it opens its first one by itself');
      return (await abrirEpoca(dependencias, ultimo.epoca, { causa: 'ORDEN', motivo }, quien))?.epoca ?? null;
    },

    async anotar(dada) {
      exigirOrdenDe(WORKFLOW_ANOTACION);
      const orden = leida(ordenDeAnotacion, dada);
      switch (orden.tipo) {
        case 'RECONOCER_EPOCA':
          await reconocerEpoca(dependencias, orden.epoca, orden).catch(negarDelTodo);
          return 1;
        case 'ADOPTAR_ENTRADAS':
          return adoptarEntradas(dependencias, { causa: 'ORDEN', motivo: orden.motivo }, orden.quien);
      }
    },
  };
}

/** What is refused once would be refused again: the order ends, and says why. */
function negarDelTodo(error: unknown): never {
  if (!(error instanceof ReconocimientoNegado)) throw error;
  throw ApplicationFailure.nonRetryable(error.message, error.name);
}

/** The log says it for good, so only what a person really ordered may be written. */
function leida<T>(esquema: z.ZodType<T>, dada: unknown): T {
  const { data, success } = esquema.safeParse(dada);
  if (!success) throw actividadAjena();
  return data;
}

/**
 * A seal binds what was sealed to the id of its workflow only: a text that another order carried, such as a key's id,
 * would pass for a reason here.
 */
function exigirOrdenDe(workflow: string): void {
  const { workflowId = '' } = Context.current().info.workflowExecution ?? {};
  const suya = workflowIdDeOrden(workflow);
  if (workflowId !== suya && !workflowId.startsWith(`${suya}/`)) throw actividadAjena();
}

async function leerSiEsta(ruta: string): Promise<string | null> {
  return readFile(ruta, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
}

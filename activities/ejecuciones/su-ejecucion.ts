/** The answers of maintenance name the run that they are of: its workflow believes no other (workflows/ejecuciones/su-ejecucion.ts). */
import { Context } from '@temporalio/activity';
import type { RespuestaDeEjecucion } from '../../shared/nucleo/ejecuciones/orden.ts';

type Actividad = (...argumentos: unknown[]) => Promise<unknown>;

export function conSuEjecucion(actividades: object): object {
  return Object.fromEntries(
    Object.entries(actividades).map(([nombre, actividad]: [string, Actividad]) => [
      nombre,
      async (...argumentos: unknown[]): Promise<RespuestaDeEjecucion<unknown>> => {
        const respuesta = await actividad(...argumentos);
        return { runId: Context.current().info.workflowExecution?.runId ?? '', de: nombre, respuesta };
      },
    ]),
  );
}

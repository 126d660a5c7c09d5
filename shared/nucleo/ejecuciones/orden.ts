/**
 * Orders of maintenance, of any domain: under which id one runs, and how its answers name the run that they are of. A
 * seal binds a payload to a workflow id only, and the runs of an order follow one another under the same one.
 */

/** The run that a command starts: of two commands at once the second follows the first's. */
export function workflowIdDeOrden(workflow: string): string {
  return `mantenimiento/${workflow}`;
}

/** What a run, or an activity of it, answered. */
export interface RespuestaDeEjecucion<T> {
  runId: string;
  /** Name of the workflow, or of the activity. */
  de: string;
  respuesta: T;
}

/** @returns null where it is the answer of another run, of something else, or names neither */
export function leerRespuestaDeEjecucion(
  valor: unknown,
  runId: string,
  de: string,
): Pick<RespuestaDeEjecucion<unknown>, 'respuesta'> | null {
  if (!nombraSuEjecucion(valor)) return null;
  return valor.runId === runId && valor.de === de ? { respuesta: valor.respuesta } : null;
}

/** False for what earlier versions answered. */
export function nombraSuEjecucion(valor: unknown): valor is RespuestaDeEjecucion<unknown> {
  return typeof valor === 'object' && valor !== null && 'runId' in valor && 'de' in valor;
}

/** The codigo that an execution works for, as each domain reads it off its workflow id. */
export type LectorDeCodigo = (workflowId: string) => string | null;

/** @returns the codigo that the first of them reads; null where none does */
export function createLectorDeCodigo(lectores: readonly LectorDeCodigo[]): LectorDeCodigo {
  return (workflowId) => lectores.map((leer) => leer(workflowId)).find((codigo) => codigo !== null) ?? null;
}

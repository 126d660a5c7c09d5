/** The gate's form of what takes minutes: some of the cases of each kind (`FORMA_CORTA=true`, as .ci/run sets it). */
const CORTA = process.env.FORMA_CORTA === 'true';

/** @returns as much as told, or in the short form as little */
export function largoOCorto(largo: number, corto: number): number {
  return CORTA ? corto : largo;
}

/** @returns all of them; in the short form as many of the first as told */
export function enCorto<T>(todos: readonly T[], cuantos: number): readonly T[] {
  return CORTA ? todos.slice(0, cuantos) : todos;
}

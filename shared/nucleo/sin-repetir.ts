/** What several domains bring together under names: two of one name are a mistake that must not be silent. */

/** @throws Error that says of which kind, and which name */
export function exigirDistintos(clase: string, nombres: readonly string[]): void {
  const repetido = nombres.find((nombre, i) => nombres.indexOf(nombre) < i);
  if (repetido !== undefined) throw new Error(`two ${clase} are called ${repetido}`);
}

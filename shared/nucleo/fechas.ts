/** A moment as the contract writes it: ISO 8601, UTC, without fraction. */
export function fechaIso(momento: Date): string {
  return `${momento.toISOString().slice(0, 19)}Z`;
}

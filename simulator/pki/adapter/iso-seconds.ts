/** ISO 8601 UTC without fraction, the only form of a moment on the wire: `2026-11-22T10:00:00Z`. */
export function isoSeconds(moment: Date): string {
  return `${moment.toISOString().slice(0, 19)}Z`;
}

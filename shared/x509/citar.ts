const LONGITUD_MAXIMA = 200;

/** Quotes a value in a fault: on one line, cut, and with nothing in it that could forge the reader's screen. */
export function citar(valor: string): string {
  const letras = Array.from(valor);
  const texto = letras.length > LONGITUD_MAXIMA ? `${letras.slice(0, LONGITUD_MAXIMA).join('')}…` : valor;
  return `«${texto.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '\u{FFFD}')}»`;
}

/** "a, b y c", or "nada". */
export function enumerar(valores: readonly string[]): string {
  const [ultimo, ...anteriores] = [...valores].reverse();
  if (ultimo === undefined) return 'nada';
  return anteriores.length === 0 ? ultimo : `${anteriores.reverse().join(', ')} y ${ultimo}`;
}

/** ISO 8601 UTC without fraction, as everything that the API tells; any instant that a Date can hold. */
export function escribirFecha(fecha: Date): string {
  return Number.isNaN(fecha.getTime()) ? 'una fecha ilegible' : fecha.toISOString().replace(/\.\d{3}Z$/, 'Z');
}

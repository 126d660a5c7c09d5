/** Tables as text/csv (RFC 4180), safe to be opened in a spreadsheet. */

/** What spreadsheets take for a formula, full-width forms included; a tab or a return before one hides it. */
const FORMULA = /^[\s\u0000]*[=+\-@＝＋－＠]|^[\t\r]/;

/** @param filas the first one holds the columns' names */
export function escribirCsv(filas: readonly (readonly (string | number | null)[])[]): string {
  return filas.map((fila) => `${fila.map(celda).join(',')}\r\n`).join('');
}

/** An apostrophe keeps a text from being read as a formula (OWASP, CSV Injection). */
function celda(valor: string | number | null): string {
  const texto = typeof valor === 'string' && FORMULA.test(valor) ? `'${valor}` : String(valor ?? '');
  return `"${texto.replaceAll('"', '""')}"`;
}

/**
 * The one text of a JSON value: RFC 8785, by which leaves of the audit log and keyed hashes of requests are made. It is
 * total, since what it is given may have been written by the database's owner: what the RFC knows no text for (half of a
 * surrogate pair, a number that no double holds) is written as JSON.stringify does, and what is nested too deep is cut.
 */

/** Deeper than anything of the service. What its owner nested deeper in the database has the text of nothing of ours. */
const HONDURA_MAXIMA = 64;
const DEMASIADO_HONDO = '…';

/** Members that are undefined are none. */
export function jsonCanonico(valor: unknown, hondura = 0): string {
  if (hondura > HONDURA_MAXIMA) return DEMASIADO_HONDO;
  if (Array.isArray(valor)) return `[${valor.map((uno) => jsonCanonico(uno, hondura + 1)).join(',')}]`;
  if (valor === null || typeof valor !== 'object') return JSON.stringify(valor);
  const miembros = Object.entries(valor)
    .filter(([, miembro]) => miembro !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([nombre, miembro]) => `${JSON.stringify(nombre)}:${jsonCanonico(miembro, hondura + 1)}`);
  return `{${miembros.join(',')}}`;
}

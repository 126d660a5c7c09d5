/** The README's guarantee, as what must hold of every state of the model. */
import { CODIGOS, tieneElCandado, type Mundo } from './mundo.ts';
import type { Reglas } from './reglas.ts';

/** What a state, or the step to it, breaks, in words; none where all holds. */
export function faltasDe(antes: Mundo, mundo: Mundo, reglas: Reglas): string[] {
  return [
    ...issuedOnce(mundo),
    ...neverLost(mundo),
    ...oneAtATime(mundo, reglas),
    ...released(mundo),
    ...ofTheOpenRun(antes, mundo),
  ];
}

/** No key issues twice, and no codigo has two sets that nobody is to revoke. */
function* issuedOnce({ emitidos, porRevocar }: Mundo): Generator<string> {
  for (const [clave, conjuntos] of Object.entries(emitidos))
    if (conjuntos.length > 1) yield `doubled: ${clave} was issued ${conjuntos.length} times`;
  for (const codigo of CODIGOS) {
    const vivas = Object.keys(emitidos).filter(
      (clave) => clave.startsWith(codigo) && !porRevocar.includes(clave),
    );
    if (vivas.length > 1) yield `doubled: ${vivas.join(' and ')} stand side by side`;
  }
}

/** Whatever the PKI issued is released, kept, marked as unclear, or on the to-revoke list. */
function* neverLost({ emitidos, filas, entregados, porRevocar }: Mundo): Generator<string> {
  for (const codigo of CODIGOS)
    for (const clave of Object.keys(emitidos).filter((una) => una.startsWith(codigo))) {
      const fila = filas[codigo];
      const esLaSuya = fila !== null && clave === `${codigo}${fila.generacion}`;
      const seSabe =
        porRevocar.includes(clave) ||
        (esLaSuya && (fila.respuesta !== null || fila.marcas[2].length > 0 || entregados[codigo] !== null));
      if (!seSabe) yield `lost: nobody knows of what ${clave} was issued`;
    }
}

/** One issuance of a citizen at a time; and what may still issue holds the citizen, until support has discarded it. */
function* oneAtATime(mundo: Mundo, reglas: Reglas): Generator<string> {
  const { filas, intentos, porRevocar, rechazados, emitidos } = mundo;
  if (CODIGOS.every((codigo) => tieneElCandado(filas[codigo], reglas)))
    yield 'lock: both codigos of the citizen are in process or uncertain';
  for (const { codigo, generacion, paso, en, envio } of intentos) {
    if (paso !== 2 || en !== 'SALIR') continue;
    const clave = `${codigo}${generacion}`;
    const seRechaza = (envio?.orden ?? 0) < (rechazados[`${clave}/2`] ?? 0);
    const seRepite = mundo.idempotente && (emitidos[clave] ?? []).length > 0;
    const seSabe = porRevocar.includes(clave) || filas[codigo]?.estado === 'COMPLETADO';
    if (!seRechaza && !seRepite && !seSabe && !tieneElCandado(filas[codigo], reglas))
      yield `lock: ${codigo} may still be issued, and holds its citizen no more`;
  }
}

/** What was released is what the PKI issued for the generation that the row is of. */
function* released({ entregados, filas, emitidos, porRevocar }: Mundo): Generator<string> {
  for (const codigo of CODIGOS) {
    const conjunto = entregados[codigo];
    if (conjunto === null) continue;
    const clave = `${codigo}${filas[codigo]?.generacion ?? 0}`;
    if (!(emitidos[clave] ?? []).includes(conjunto)) yield `released: ${conjunto} is not of ${clave}`;
    if (porRevocar.includes(clave)) yield `released: ${clave} is on the to-revoke list`;
  }
}

/** Nobody takes a codigo from the run that Temporal calls open, and what was completed stays as it was. */
function* ofTheOpenRun(antes: Mundo, { filas, entregados }: Mundo): Generator<string> {
  for (const codigo of CODIGOS) {
    const tenia = antes.filas[codigo]?.runId;
    if (tenia !== undefined && tenia === antes.abiertas[codigo]?.id && filas[codigo]?.runId !== tenia)
      yield `turn: ${codigo} was taken from its open run`;
    if (antes.entregados[codigo] !== null && entregados[codigo] !== antes.entregados[codigo])
      yield `released: ${codigo} was released twice`;
  }
}

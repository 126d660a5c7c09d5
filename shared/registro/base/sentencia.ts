/** What a statement does, read off its text: what metrics count it as and what a trace calls it. Never a value of it. */

/** As metrics count it. */
export type Operacion = 'leer' | 'insertar' | 'cambiar' | 'borrar' | 'otra';

export interface Sentencia {
  /** Its first word, in capitals; '' where it has none. */
  verbo: string;
  /** By that word: one that begins with `with` is `otra`, whatever it does in the end. */
  operacion: Operacion;
  /** The first that it names. */
  tabla: string | undefined;
}

const OPERACIONES: Partial<Record<string, Operacion>> = {
  SELECT: 'leer',
  INSERT: 'insertar',
  UPDATE: 'cambiar',
  DELETE: 'borrar',
};

export function leerSentencia(texto: string): Sentencia {
  const verbo = (/^\s*([a-z]+)/i.exec(texto)?.[1] ?? '').toUpperCase();
  const [, tabla] = /\b(?:from|into|update)\s+"?([a-z_]+)"?/i.exec(texto) ?? [];
  return { verbo, operacion: OPERACIONES[verbo] ?? 'otra', tabla };
}

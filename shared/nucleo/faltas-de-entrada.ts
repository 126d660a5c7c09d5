/** Reads input of unknown shape by its schema: every fault at once, in Spanish, each beginning with its path. */
import type { z } from 'zod';

export type Lectura<T> = { valida: true; valor: T } | { valida: false; faltas: string[] };

/** @param textoPropio words for what the schema's own rules do not name, where the general ones do not fit */
export function leerConEsquema<T>(
  esquema: z.ZodType<T>,
  entrada: unknown,
  textoPropio: (falta: z.core.$ZodRawIssue) => string = () => 'no es válido',
): Lectura<T> {
  const lectura = esquema.safeParse(entrada, { error: (falta) => textoDeFalta(falta) ?? textoPropio(falta) });
  return lectura.success
    ? { valida: true, valor: lectura.data }
    : { valida: false, faltas: lectura.error.issues.flatMap(faltasConRuta) };
}

/** Quotes a name that came from outside, with any characters and of any length: enough of it to be found. */
export function citarNombre(nombre: string): string {
  return /^[\p{L}\p{N}_$-]{1,60}$/u.test(nombre)
    ? nombre
    : JSON.stringify(Array.from(nombre).slice(0, 60).join(''));
}

function faltasConRuta(falta: z.core.$ZodIssue): string[] {
  if (falta.code === 'unrecognized_keys')
    return falta.keys.map((campo) => `${ruta([...falta.path, campo])}: no es un campo conocido`);
  return [`${ruta(falta.path)}: ${falta.message}`];
}

function ruta(partes: PropertyKey[]): string {
  const texto = partes.map((parte) =>
    typeof parte === 'number' ? `[${parte}]` : `.${citarNombre(String(parte))}`,
  );
  return texto.length === 0 ? 'cuerpo' : texto.join('').slice(1);
}

const TIPOS_JSON: Record<string, string> = {
  string: 'un texto',
  number: 'un número entero',
  int: 'un número entero',
  boolean: 'true o false',
  array: 'una lista',
  object: 'un objeto JSON',
};

/** Words for what zod itself checks of any field. */
function textoDeFalta(falta: z.core.$ZodRawIssue): string | null {
  if (falta.input === undefined) return 'es obligatorio';
  if (falta.input === null) return 'no puede ser null';
  if (falta.code === 'invalid_type') return `debe ser ${TIPOS_JSON[falta.expected] ?? 'de otro tipo'}`;
  if (falta.code === 'invalid_value') return `debe ser uno de ${falta.values.join(', ')}`;
  return null;
}

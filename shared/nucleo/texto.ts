/** What a text may hold that is kept and shown. Lengths of a request's are Unicode code points, as JSON Schema counts them. */
import { z } from 'zod';

/**
 * Controls (Cc), line and paragraph separators, and what reorders the text around it (UAX #9: marks, embeddings,
 * overrides, isolates): none of them is part of a name, and each can make a screen show another text than is stored.
 */
const NO_IMPRIMIBLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** The same as a whole text's pattern for JSON Schema: in ranges, since its readers differ in the \p{…} that they know. */
export const PATRON_IMPRIMIBLE =
  '^[^\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]*$';

/** Anything a reader sees: not white space, not default-ignorable (zero width), not the blank Braille cell. */
const VISIBLE = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\u2800]/u;

const BLANCOS = new RegExp(`(?:\\s|${NO_IMPRIMIBLE.source})+`, 'gu');

/**
 * A text that somebody else wrote, as any screen and the register may hold it: on one line, well formed, without what
 * a request may not hold, at most `max` UTF-16 units and never half a character. Empty where nothing is left to see.
 */
export function textoLegible(valor: string, max: number): string {
  const limpio = valor.toWellFormed().replace(BLANCOS, ' ').trim();
  const corte = limpio.slice(0, max);
  const entero = (corte.isWellFormed() ? corte : corte.slice(0, -1)).trimEnd();
  return VISIBLE.test(entero) ? entero : '';
}

/** Says, in Spanish, what the text breaks; null where it is well formed. */
export type ReglaDeTexto = (valor: string) => string | null;

/** Every fault of a text of `min` to `max` code points; empty where it has none. */
export function faltasDeTexto(valor: string, min: number, max: number): string[] {
  const largo = Array.from(valor).length;
  const faltas: string[] = [];
  if (largo < min || largo > max) faltas.push(textoDeLargo(min, max, 'carácter', 'caracteres'));
  if (!valor.isWellFormed()) faltas.push('no es Unicode bien formado');
  if (NO_IMPRIMIBLE.test(valor)) faltas.push('contiene caracteres de control o de dirección de escritura');
  else if (largo > 0 && !VISIBLE.test(valor)) faltas.push('no puede estar en blanco');
  return faltas;
}

export function textoDeLargo(min: number, max: number, singular: string, plural: string): string {
  return min === max
    ? `debe tener ${min} ${max === 1 ? singular : plural}`
    : `debe tener entre ${min} y ${max} ${plural}`;
}

/**
 * Schema of a text, which it reads in the normal form C: the same text comes decomposed from other systems (N + ◌̃ for Ñ), and is
 * as long as it looks in either. `regla` adds what a field asks beyond its length.
 */
export function texto(min: number, max: number, regla: ReglaDeTexto = () => null) {
  return z
    .string()
    .normalize('NFC')
    .superRefine((valor, contexto) => {
      const faltas = [...faltasDeTexto(valor, min, max), regla(valor)];
      for (const message of faltas) if (message !== null) contexto.addIssue({ code: 'custom', message });
    })
    .meta({ minLength: min, maxLength: max, pattern: PATRON_IMPRIMIBLE });
}

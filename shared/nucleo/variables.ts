/**
 * Variables of the environment by their form, and the sections that their owners make of them. They are read by
 * shared/runtime/config.ts, which tells in words what is wrong.
 */
import { z } from 'zod';

/** What one part of the system is configured by. */
export interface Seccion<T = unknown> {
  /** By their names; a process that reads this section needs no others. */
  variables: z.ZodRawShape;
  esquema: z.ZodType<T>;
}

/** @param ajustar what must hold of several variables together, or is made of them */
export function seccion<S extends z.ZodRawShape>(variables: S): Seccion<z.infer<z.ZodObject<S>>>;
export function seccion<S extends z.ZodRawShape, T>(
  variables: S,
  ajustar: (objeto: z.ZodObject<S>) => z.ZodType<T>,
): Seccion<T>;
export function seccion<S extends z.ZodRawShape>(
  variables: S,
  ajustar: (objeto: z.ZodObject<S>) => z.ZodType = (objeto) => objeto,
): Seccion {
  return { variables, esquema: ajustar(z.object(variables)) };
}

/** What may be shown of a bad value; a value that could hold a secret is never shown. */
const recibido = (input: unknown) => `; received ${JSON.stringify(String(input).slice(0, 40))}`;

/** @param minimo the least value that is allowed; `maximo` the greatest */
export function numero(minimo: number, maximo = Infinity, entero = true) {
  const forma = [
    entero ? 'must be a whole number' : 'must be a number',
    maximo === Infinity ? `of ${minimo} or more` : `from ${minimo} to ${maximo}`,
  ].join(' ');
  const cabe = (texto: string) => {
    const valor = texto.trim() === '' ? NaN : Number(texto);
    return (
      valor >= minimo && valor <= maximo && (entero ? Number.isSafeInteger(valor) : Number.isFinite(valor))
    );
  };
  return z
    .string()
    .refine(cabe, { error: ({ input }) => `${forma}${recibido(input)}` })
    .transform(Number);
}

export function unoDe<const V extends readonly string[]>(valores: V) {
  return z.enum(valores, {
    error: ({ input }) => `must be ${valores.join(', ').replace(/, (?!.*, )/, ' or ')}${recibido(input)}`,
  });
}

const FALTA = 'is missing';

export const puerto = (porDefecto: number) => numero(0, 65_535).default(porDefecto);
export const entero = (porDefecto: number) => numero(1).default(porDefecto);
/** Named by the unit that the variable's name ends with. */
export const milisegundos = (porDefecto: number) => entero(porDefecto);
export const texto = z.string(FALTA).min(1);
export const booleano = unoDe(['true', 'false']).transform((valor) => valor === 'true');
export const urlHttp = z
  .url({
    protocol: /^https?$/,
    error: ({ input }) =>
      input === undefined ? FALTA : 'must be an address: http://host:port or https://host',
  })
  .transform((valor) => valor.replace(/\/+$/, ''));

export const urlDePostgres = z.string().refine(esUrlDePostgres, {
  error:
    'must be postgres://user:password@host:5432/database; in user and password each of % / ? # @ : and blanks as %25 %2F %3F %23 %40 %3A %20',
});

/** As PostgreSQL's driver reads it, which also takes a socket: its folder as `?host=`, `socket:` or a path. */
function esUrlDePostgres(valor: string): boolean {
  if (/^(socket:|\/)/.test(valor)) return true;
  return (
    /^postgres(ql)?:\/\//.test(valor) &&
    URL.canParse(valor.replace(/^(\w+:\/\/)([^/?#]*@)?(?=[/?]|$)/, '$1$2localhost'))
  );
}

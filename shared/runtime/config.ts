/** The only reader of process.env. Each process reads its sections once, at start; every bad variable is named. */
import type { Seccion } from '../nucleo/variables.ts';
import { BASE_DE_DATOS } from './secciones.ts';

export type Entorno = Record<string, string | undefined>;

/** What a process says in words, without a stack, where it ends before it began to work. */
export class NoPuedeArrancar extends Error {}

/** One error that names every variable at fault, with what is expected of it. */
export class ConfiguracionInvalida extends NoPuedeArrancar {
  readonly faltas: readonly string[];

  constructor(faltas: readonly string[], opciones?: ErrorOptions) {
    super(`Configuration is not valid:\n${faltas.map((falta) => `  - ${falta}`).join('\n')}`, opciones);
    this.name = 'ConfiguracionInvalida';
    this.faltas = faltas;
  }
}

type Leidas<L> = { [K in keyof L]: L[K] extends () => infer R ? R : never };

/**
 * Reads them all, so that every fault is told at one start, and not one at each.
 * @throws ConfiguracionInvalida with the faults of all; any other error goes through
 */
export function reunirFaltas<L extends Record<string, () => unknown> | readonly (() => unknown)[]>(
  lecturas: L,
): Leidas<L> {
  const faltas: string[] = [];
  const leidas = Object.entries(lecturas).map(([nombre, leer]) => {
    try {
      return [nombre, leer()];
    } catch (error) {
      if (!(error instanceof ConfiguracionInvalida)) throw error;
      faltas.push(...error.faltas);
      return [nombre, undefined];
    }
  });
  if (faltas.length > 0) throw new ConfiguracionInvalida([...new Set(faltas)]);
  return Object.fromEntries(leidas) as Leidas<L>;
}

/** Reads a variable; what its reader finds wrong is told with the variable's name. @throws ConfiguracionInvalida */
export function leerVariable<T>(variable: string, leer: () => T): T {
  try {
    return leer();
  } catch (cause) {
    throw new ConfiguracionInvalida([`${variable}: ${(cause as Error).message}`], { cause });
  }
}

/** What sections read as, each under its name. */
export type Configuracion<S extends Record<string, Seccion>> = {
  [K in keyof S]: S[K] extends Seccion<infer T> ? T : never;
};

/**
 * Reads sections from the environment. An empty variable counts as absent.
 * @throws ConfiguracionInvalida with one line per variable at fault
 */
export function leerConfiguracion<S extends Record<string, Seccion>>(
  secciones: S,
  entorno: Entorno = process.env,
): Configuracion<S> {
  const presentes = Object.fromEntries(Object.entries(entorno).filter(([, valor]) => valor !== ''));
  const faltas: string[] = [];
  const leidas: Record<string, unknown> = {};
  for (const [nombre, { esquema }] of Object.entries(secciones)) {
    const leida = esquema.safeParse(presentes);
    if (leida.success) leidas[nombre] = leida.data;
    else faltas.push(...leida.error.issues.map((falta) => `${falta.path.join('.')}: ${falta.message}`));
  }
  if (faltas.length > 0) throw new ConfiguracionInvalida([...new Set(faltas)]);
  return leidas as Configuracion<S>;
}

/**
 * A process that runs alone shares its register with others: PGlite's folder belongs to one process.
 * @throws ConfiguracionInvalida
 */
export function exigirBaseCompartida(entorno?: Entorno): void {
  if (leerConfiguracion({ baseDeDatos: BASE_DE_DATOS }, entorno).baseDeDatos.DATABASE_URL) return;
  throw new ConfiguracionInvalida([
    'DATABASE_URL: is missing. The API and the worker, run alone, share a PostgreSQL: postgres://user:password@host:5432/database',
  ]);
}

/** What any program needs of its surroundings: its tools, its folders, its language. Nothing secret. */
const DE_TODO_PROGRAMA = /^(PATH|HOME|USER|LOGNAME|SHELL|TERM|TMPDIR|LANG|LANGUAGE|LC_\w+|TZ)$/;

/** What a program needs that goes out to the network: proxies, which may hold a password, and authorities. */
export const PARA_SALIR_A_LA_RED =
  /^(SSL_CERT_(FILE|DIR)|(no|no_grpc|http|https|grpc|all)_proxy|NODE_USE_ENV_PROXY|NODE_USE_SYSTEM_CA|NODE_EXTRA_CA_CERTS)$/i;

export interface NecesidadesDeUnHijo {
  /** Sections that it reads. */
  secciones?: readonly Seccion[];
  /** Variables that are not the configuration's: those of a library or a tool. */
  otras?: readonly RegExp[];
  cambios?: Record<string, string | undefined>;
}

/** Environment of a child process: what it needs, by name, and nothing else that lies in ours. */
export function entornoPara({
  secciones = [],
  otras = [],
  cambios = {},
}: NecesidadesDeUnHijo): NodeJS.ProcessEnv {
  const suyas = new Set(secciones.flatMap(({ variables }) => Object.keys(variables)));
  const dadas = Object.entries(process.env).filter(
    ([nombre]) =>
      suyas.has(nombre) || DE_TODO_PROGRAMA.test(nombre) || otras.some((forma) => forma.test(nombre)),
  );
  return { ...Object.fromEntries(dadas), ...cambios };
}

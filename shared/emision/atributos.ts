/**
 * What an issuance's run is found by in Temporal: typed search attributes. Temporal keeps them in clear and indexes them, so they
 * hold where a request came from and what became of it, and nothing of a citizen. Which exist is told to Temporal before the first
 * run has them (`npm start`; deploy/temporal/namespace.sh); where it was not, runs begin without any.
 */
import type { EntradaEmision, Paso } from './contrato.ts';
import { FALLOS, type TipoFallo } from './fallos.ts';

/** By its name, as queries write it. A type never changes: Temporal refuses the other one. */
export const ATRIBUTOS = {
  /** X-Office-Code. */
  Oficina: 'KEYWORD',
  /** X-Channel. */
  Canal: 'KEYWORD',
  Generacion: 'INT',
  /** The bulk re-run that began it; absent: none. */
  Reejecucion: 'KEYWORD',
  /** The step that fails, or at which it failed; absent while nothing does. */
  Paso: 'INT',
  /** `error.tipo` of the last attempt while it fails, or of the failed issuance; absent while nothing does. */
  TipoError: 'KEYWORD',
  /** Of a failed one: whether nobody knows what the PKI issued. What support decides later is the register's. */
  Incierto: 'BOOL',
} as const;

type Atributos = typeof ATRIBUTOS;
type Nombre = keyof Atributos;
interface Valores {
  KEYWORD: string;
  INT: number;
  BOOL: boolean;
}
type DeTipo<T extends keyof Valores, V> = { key: { name: string; type: T }; value: V };

/** As the SDK takes them. */
export type Atributo = { [T in keyof Valores]: DeTipo<T, Valores[T]> }[keyof Valores];
/** Null takes it away. */
export type CambioDeAtributo = { [T in keyof Valores]: DeTipo<T, Valores[T] | null> }[keyof Valores];

function atributo<N extends Nombre, V extends Valores[Atributos[N]] | null>(
  name: N,
  value: V,
): DeTipo<Atributos[N], V> {
  return { key: { name, type: ATRIBUTOS[name] }, value };
}

/** Of a run that begins. */
export function atributosDeInicio({ contexto, generacion, reejecucion }: EntradaEmision): Atributo[] {
  const { oficinaEjecucion, canal } = contexto;
  const reejecucionId = reejecucion?.reejecucionId;
  return [
    atributo('Oficina', oficinaEjecucion),
    atributo('Canal', canal),
    atributo('Generacion', generacion),
    ...(reejecucionId ? [atributo('Reejecucion', reejecucionId)] : []),
  ];
}

/** Of a bulk re-run itself: those that it begins have the same one. */
export function atributosDeReejecucion(reejecucionId: string): Atributo[] {
  return [atributo('Reejecucion', reejecucionId)];
}

/** Of a run whose last attempt failed. @param tipoError `error.tipo`; @param paso null: at neither step */
export function atributosDeFallo(tipoError: string, paso: Paso | null): CambioDeAtributo[] {
  return [atributo('TipoError', tipoError), atributo('Paso', paso)];
}

/** Of a run whose step went well after all. */
export const SIN_FALLO: CambioDeAtributo[] = [atributo('TipoError', null), atributo('Paso', null)];

/** Of a run that ends as failed. */
export function atributosDeCierre(
  tipo: TipoFallo,
  paso: Paso | null,
  resultadoIncierto: boolean,
): CambioDeAtributo[] {
  return [...atributosDeFallo(FALLOS[tipo].tipo, paso), atributo('Incierto', resultadoIncierto)];
}

/** The domains of the register: one entry each. */
import type { Kysely } from 'kysely';
import type { Hallazgo } from '../bitacora/contrato.ts';
import { exigirDistintos } from '../nucleo/sin-repetir.ts';
import type { Claves } from '../runtime/claves/claves.ts';
import { abrirBaseDeDatos, type OrigenDeDatos } from './base/base-de-datos.ts';
import { REGISTRO } from './base/dominio-base.ts';
import type { DominioDelRegistro } from './base/dominio.ts';
import type { MetricasDeLaBase } from './base/metricas-de-la-base.ts';
import { BITACORA } from './bitacora/dominio.ts';
import { EMISION } from './emision/dominio.ts';
import type { EsquemaDeEmision } from './emision/filas/esquema.ts';

export const DOMINIOS: readonly DominioDelRegistro[] = [EMISION, BITACORA, REGISTRO];
exigirDistintos(
  'domains of the register',
  DOMINIOS.map(({ nombre }) => nombre),
);

/** The tables of all of them. */
export type Esquema = EsquemaDeEmision;
export type BaseDeDatos = Kysely<Esquema>;

/** As abrirBaseDeDatos, with the tables of all of them. */
export function abrirRegistro(
  origen: OrigenDeDatos,
  comprobar?: (db: BaseDeDatos) => Promise<void>,
  metricas?: MetricasDeLaBase,
): Promise<BaseDeDatos> {
  return abrirBaseDeDatos<Esquema>(origen, DOMINIOS, comprobar, metricas);
}

/**
 * Compares every domain's rows with its entries of the audit log.
 * @param claves null leaves unread what is encrypted or keyed
 */
export function compararDominios(
  db: BaseDeDatos,
  claves: Claves | null,
): ((avanzar: () => void) => AsyncIterable<Hallazgo>)[] {
  return DOMINIOS.map(
    (dominio) =>
      async function* (avanzar) {
        if (dominio.compararConBitacora) yield* dominio.compararConBitacora(db, claves, avanzar);
      },
  );
}

/** Which of these codigos, in the entries of a domain, a client (keyed hash) sent. */
export type EnviadasPor = (
  dominio: string,
  cliente: string,
  codigos: readonly string[],
) => Promise<Set<string>>;

export function leerEnviadasPor(db: BaseDeDatos): EnviadasPor {
  return async (dominio, cliente, codigos) => {
    const suyo = DOMINIOS.find(({ nombre }) => nombre === dominio);
    return (await suyo?.leerEnviadasPor?.(db, cliente, codigos)) ?? new Set();
  };
}

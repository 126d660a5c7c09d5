/**
 * How the circuits of the PKI stand in each worker that runs: for the other workers, which share the probing, and for the
 * APIs, which tell clients that their step is held back. All times are the database's own.
 */
import { sql } from 'kysely';
import { PASOS, type Paso } from '../../emision/contrato.ts';
import {
  CIRCUITOS_ABIERTOS_CADA_MS,
  CIRCUITOS_CONOCIDOS_MS,
  CIRCUITOS_RECIENTES_MS,
} from '../../emision/plazos.ts';
import type { EstadoDeCircuito } from '../../nucleo/circuito.ts';
import type { Db, Lector } from './filas/esquema.ts';

export interface CircuitoDeTrabajador {
  trabajador: string;
  paso: Paso;
  estado: EstadoDeCircuito;
  /** Milliseconds in which it will ask nothing of the endpoint. */
  restoMs: number;
  /** The codigo whose call probes the endpoint; null where none does. */
  aPruebaCon: string | null;
}

/** What no worker asks the PKI for now. */
export interface PasosEnDescanso {
  /** Each such step, with how long that stays so at least, in milliseconds. */
  restos: ReadonlyMap<Paso, number>;
  /** The codigos that probe: they alone are not held. */
  aPrueba: ReadonlySet<string>;
}

/** Writes those of one worker over what it wrote before; forgets the workers that are gone. */
export async function anotarCircuitos(db: Db, circuitos: readonly CircuitoDeTrabajador[]): Promise<void> {
  await db
    .insertInto('circuitos')
    .values(
      circuitos.map(({ trabajador, paso, estado, restoMs, aPruebaCon }) => ({
        trabajador,
        paso,
        estado,
        descansa_hasta: dentroDe(restoMs),
        visto_en: dentroDe(0),
        a_prueba_con: aPruebaCon,
      })),
    )
    .onConflict((fila) =>
      fila.columns(['trabajador', 'paso']).doUpdateSet((eb) => ({
        estado: eb.ref('excluded.estado'),
        descansa_hasta: eb.ref('excluded.descansa_hasta'),
        visto_en: eb.ref('excluded.visto_en'),
        a_prueba_con: eb.ref('excluded.a_prueba_con'),
      })),
    )
    .execute();
  await db.deleteFrom('circuitos').where('visto_en', '<', dentroDe(-CIRCUITOS_CONOCIDOS_MS)).execute();
}

/** What a worker told counts no more from now on; the next to start still learns of it. */
export async function retirarCircuitos(db: Db, trabajador: string): Promise<void> {
  await db
    .updateTable('circuitos')
    .set({ visto_en: dentroDe(-CIRCUITOS_RECIENTES_MS) })
    .where('trabajador', '=', trabajador)
    .execute();
}

/** Of the workers that have told lately. */
export async function leerCircuitos(
  db: Lector,
  desdeHaceMs = CIRCUITOS_RECIENTES_MS,
): Promise<CircuitoDeTrabajador[]> {
  const filas = await db
    .selectFrom('circuitos')
    .select([
      'trabajador',
      'paso',
      'estado',
      'a_prueba_con as aPruebaCon',
      sql<number>`greatest(0, extract(epoch from descansa_hasta - now()) * 1000)::float8`.as('restoMs'),
    ])
    .where('visto_en', '>', dentroDe(-desdeHaceMs))
    .execute();
  return filas;
}

/** The steps of which none tells that the PKI answers, each with the least that is left of their rests, in milliseconds. */
export function pasosSinRespuesta(circuitos: readonly CircuitoDeTrabajador[]): Map<Paso, number> {
  return new Map(
    [...Map.groupBy(circuitos, ({ paso }) => paso)]
      .filter(([, suyos]) => suyos.every(({ estado }) => estado !== 'CERRADO'))
      .map(([paso, suyos]) => [paso, Math.min(...suyos.map(({ restoMs }) => restoMs))]),
  );
}

/** A moment by the database's clock; one of the past where it is negative. */
function dentroDe(ms: number) {
  return sql<Date>`now() + make_interval(secs => ${ms / 1000})`;
}

/**
 * Also while workers probe, which may take a call's whole time: all that is not the probe waits. One that is about to probe
 * lets in whoever comes.
 */
export function pasosEnDescanso(circuitos: readonly CircuitoDeTrabajador[]): PasosEnDescanso {
  const restos = PASOS.flatMap((paso) => {
    const suyos = circuitos.filter((circuito) => circuito.paso === paso);
    const restoMs = Math.min(...suyos.map(restoDe));
    return suyos.length > 0 && restoMs > 0 ? [[paso, restoMs] as const] : [];
  });
  return {
    restos: new Map(restos),
    aPrueba: new Set(circuitos.flatMap(({ aPruebaCon }) => aPruebaCon ?? [])),
  };
}

function restoDe({ estado, restoMs }: CircuitoDeTrabajador): number {
  if (estado === 'CERRADO') return 0;
  // As long as it is told again.
  return estado === 'A_PRUEBA' ? Math.max(restoMs, 2 * CIRCUITOS_ABIERTOS_CADA_MS) : restoMs;
}

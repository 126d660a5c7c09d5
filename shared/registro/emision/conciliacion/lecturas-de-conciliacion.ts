/** What a pass of reconciliation reads: a few columns in clear of the rows that are open or uncertain, page by page. */
import { sql } from 'kysely';
import type { EstadoEmision } from '../../../emision/emision.ts';
import { fechaIso } from '../../../nucleo/fechas.ts';
import type { Candados } from '../../../emision/mantenimiento.ts';
import { DIFERENCIAS_MAX } from '../../../nucleo/plazos.ts';
import type { Posicion } from '../../../emision/soporte.ts';
import type { Db } from '../filas/esquema.ts';

/** The rows that are EN_PROCESO, from the oldest acceptance on, behind `despuesDe`. */
export async function leerEnProceso(db: Db, despuesDe: Posicion | null, limite: number): Promise<Posicion[]> {
  let consulta = db
    .selectFrom('solicitudes')
    .select(['codigo', 'aceptada_en'])
    .where('estado', '=', 'EN_PROCESO')
    .orderBy('aceptada_en')
    .orderBy('codigo')
    .limit(limite);
  if (despuesDe)
    consulta = consulta.where((eb) =>
      eb(eb.refTuple('aceptada_en', 'codigo'), '>', eb.tuple(despuesDe.aceptadaEn, despuesDe.codigo)),
    );
  const filas = await consulta.execute();
  return filas.map(({ codigo, aceptada_en }) => ({ codigo, aceptadaEn: aceptada_en }));
}

/** Who owns a row and how it stands. */
export interface Dueno {
  runId: string;
  estado: EstadoEmision;
}

/** By codigo, for those that the register knows. */
export async function leerDuenos(db: Db, codigos: string[]): Promise<Map<string, Dueno>> {
  if (codigos.length === 0) return new Map();
  const filas = await db
    .selectFrom('solicitudes')
    .select(['codigo', 'run_id', 'estado'])
    .where('codigo', 'in', codigos)
    .execute();
  return new Map(filas.map(({ codigo, run_id, estado }) => [codigo, { runId: run_id, estado }]));
}

export async function leerCandados(db: Db): Promise<Candados> {
  const { inciertas, mas_antigua } = await db
    .selectFrom('solicitudes')
    .select(({ fn }) => [
      sql<number>`${fn.countAll()}::integer`.as('inciertas'),
      fn.min('fecha_fin').as('mas_antigua'),
    ])
    .where('resultado_incierto', '=', true)
    .executeTakeFirstOrThrow();
  const { candados, desde } = await db
    .selectFrom('solicitudes')
    .select(({ fn }) => [
      sql<number>`${fn.countAll()}::integer`.as('candados'),
      fn.min<Date | null>('fecha_inicio').as('desde'),
    ])
    .where((eb) => eb.or([eb('estado', '=', 'EN_PROCESO'), eb('resultado_incierto', '=', true)]))
    .executeTakeFirstOrThrow();
  const sinRazon = await db
    .selectFrom('solicitudes')
    .innerJoin('pasos', (join) =>
      join
        .onRef('pasos.codigo', '=', 'solicitudes.codigo')
        .onRef('pasos.generacion', '=', 'solicitudes.generacion')
        .on('pasos.paso', '=', 2),
    )
    .select('solicitudes.codigo')
    .where('resultado_incierto', '=', true)
    .where(sql<boolean>`jsonb_array_length(envios_sin_aclarar) = 0`)
    .limit(DIFERENCIAS_MAX)
    .execute();
  return {
    candados,
    candadoMasAntiguo: desde && fechaIso(desde),
    inciertas,
    inciertaMasAntigua: mas_antigua && fechaIso(mas_antigua),
    sinRazon: sinRazon.map(({ codigo }) => ({
      codigoSolicitudTramite: codigo,
      motivo: 'Figura como incierta y ningún envío quedó sin aclarar: regístrele una resolución.',
    })),
  };
}

/** The last entry of the audit log that has its place in the tree; null where there is none. */
export async function leerUltimaEntrada(db: Db): Promise<string | null> {
  const fila = await db
    .selectFrom('bitacora')
    .select('id')
    .where('indice', 'is not', null)
    .orderBy('epoca', 'desc')
    .orderBy('indice', 'desc')
    .limit(1)
    .executeTakeFirst();
  return fila?.id ?? null;
}

export async function tieneEntrada(db: Db, id: string): Promise<boolean> {
  return (await db.selectFrom('bitacora').select('id').where('id', '=', id).executeTakeFirst()) !== undefined;
}

/** The record of a bulk re-run: what was ordered, and how each codigo of it stands. */
import type { Transaction } from 'kysely';
import { anotarEntrada } from '../bitacora/entrada.ts';
import type { EntradaReejecucion } from '../emision/reejecucion.ts';
import type { TipoFallo } from '../emision/fallos.ts';
import { fechaIso } from '../emision/fechas.ts';
import type { AvanceDeReejecucion, EstadoDeReejecucion } from '../emision/soporte.ts';
import type { Claves } from '../runtime/claves.ts';
import type { BaseDeDatos } from './base-de-datos.ts';
import type { Esquema } from './esquema.ts';
import { cerrar } from './filas.ts';

export interface Reejecuciones {
  /** The bulk re-run and a line for each codigo, PENDIENTE; nothing where it is registered already. */
  registrarReejecucion(entrada: EntradaReejecucion): Promise<void>;
  anotarLinea(
    reejecucionId: string,
    codigo: string,
    linea: { estado: Exclude<EstadoDeReejecucion, 'PENDIENTE'>; fallo: TipoFallo | null },
  ): Promise<void>;
  registrarFinDeReejecucion(reejecucionId: string): Promise<void>;
  leerReejecucion(reejecucionId: string): Promise<AvanceDeReejecucion | null>;
}

/** Whose entries these are; each is about a bulk re-run, by its id. */
export const DOMINIO_DE_REEJECUCIONES = 'reejecucion';
export const REEJECUCION_ORDENADA = 'REEJECUCION_ORDENADA';
/** Retention took away why and by whom it was ordered. */
export const ORDEN_RETIRADA = 'ORDEN_RETIRADA';

export function anotarReejecucion(
  tx: Transaction<Esquema>,
  claves: Claves,
  id: string,
  evento: typeof REEJECUCION_ORDENADA | typeof ORDEN_RETIRADA,
): Promise<string> {
  const deElla = { dominio: DOMINIO_DE_REEJECUCIONES, codigo: id, generacion: null, runId: null };
  return anotarEntrada(tx, claves, { ...deElla, evento, contenido: {} });
}

export function createReejecuciones(db: BaseDeDatos, claves: Claves): Reejecuciones {
  return {
    registrarReejecucion: ({ reejecucionId, codigos, motivo, solicitante, solicitadaEn }) =>
      db.transaction().execute(async (tx) => {
        const orden: Pick<EntradaReejecucion, 'motivo' | 'solicitante'> = { motivo, solicitante };
        const { numInsertedOrUpdatedRows } = await tx
          .insertInto('reejecuciones')
          .values({
            id: reejecucionId,
            orden: cerrar(claves.cifrado, orden, 'reejecuciones.orden', reejecucionId),
            creada_en: new Date(solicitadaEn),
            terminada_en: null,
          })
          .onConflict((conflicto) => conflicto.doNothing())
          .executeTakeFirst();
        if (numInsertedOrUpdatedRows === 1n)
          await anotarReejecucion(tx, claves, reejecucionId, REEJECUCION_ORDENADA);
        await tx
          .insertInto('reejecuciones_lineas')
          .values(
            codigos.map((codigo, posicion) => ({
              reejecucion_id: reejecucionId,
              posicion,
              codigo,
              estado: 'PENDIENTE' as const,
              fallo: null,
            })),
          )
          .onConflict((conflicto) => conflicto.doNothing())
          .execute();
      }),

    async anotarLinea(reejecucionId, codigo, { estado, fallo }) {
      await db
        .updateTable('reejecuciones_lineas')
        .set({ estado, fallo })
        .where('reejecucion_id', '=', reejecucionId)
        .where('codigo', '=', codigo)
        .execute();
    },

    async registrarFinDeReejecucion(reejecucionId) {
      await db
        .updateTable('reejecuciones')
        .set({ terminada_en: new Date() })
        .where('id', '=', reejecucionId)
        .where('terminada_en', 'is', null)
        .execute();
    },

    async leerReejecucion(reejecucionId) {
      const reejecucion = await db
        .selectFrom('reejecuciones')
        .select(['creada_en', 'terminada_en'])
        .where('id', '=', reejecucionId)
        .executeTakeFirst();
      if (!reejecucion) return null;
      const lineas = await db
        .selectFrom('reejecuciones_lineas')
        .select(['codigo', 'estado', 'fallo'])
        .where('reejecucion_id', '=', reejecucionId)
        .orderBy('posicion')
        .execute();
      const { creada_en, terminada_en } = reejecucion;
      return {
        reejecucionId,
        estado: terminada_en ? 'TERMINADA' : 'EN_PROCESO',
        fechaInicio: fechaIso(creada_en),
        fechaFin: terminada_en && fechaIso(terminada_en),
        solicitudes: lineas.map(({ codigo, estado, fallo }) => ({
          codigoSolicitudTramite: codigo,
          estado,
          fallo,
        })),
      };
    },
  };
}

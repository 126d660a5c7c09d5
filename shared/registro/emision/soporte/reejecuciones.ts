/** The record of a bulk re-run: what was ordered, and how each codigo of it stands. */
import type { EntradaReejecucion } from '../../../emision/reejecucion.ts';
import type { TipoFallo } from '../../../emision/fallos.ts';
import { fechaIso } from '../../../nucleo/fechas.ts';
import type { AvanceDeReejecucion, EstadoDeReejecucion } from '../../../emision/soporte.ts';
import { anotarReejecucion, REEJECUCION_ORDENADA } from '../filas/anotaciones-de-reejecuciones.ts';
import { cifrarColumna } from '../filas/columnas-cifradas.ts';
import type { Tx } from '../filas/esquema.ts';
import type { DependenciasDeTurno } from '../turno/propiedad.ts';

export interface ReejecucionesRegistradas {
  /** Writes the bulk re-run and a line for each codigo, PENDIENTE; nothing where it is registered already. */
  registrarReejecucion(entrada: EntradaReejecucion): Promise<void>;
  anotarLinea(
    reejecucionId: string,
    codigo: string,
    linea: { estado: Exclude<EstadoDeReejecucion, 'PENDIENTE'>; fallo: TipoFallo | null },
  ): Promise<void>;
  registrarFinDeReejecucion(reejecucionId: string): Promise<void>;
  leerReejecucion(reejecucionId: string): Promise<AvanceDeReejecucion | null>;
}

export function createReejecucionesRegistradas({
  db,
  claves,
  guarda,
}: Pick<DependenciasDeTurno, 'db' | 'claves' | 'guarda'>): ReejecucionesRegistradas {
  /** What a bulk re-run writes, as far as it runs in the register's own Temporal. */
  const escribir = (trabajo: (tx: Tx) => Promise<unknown>) =>
    db.transaction().execute(async (tx) => {
      await guarda.exigirVigente(tx);
      await trabajo(tx);
    });

  return {
    registrarReejecucion: ({ reejecucionId, codigos, motivo, solicitante, solicitadaEn }) =>
      escribir(async (tx) => {
        const orden: Pick<EntradaReejecucion, 'motivo' | 'solicitante'> = { motivo, solicitante };
        const { numInsertedOrUpdatedRows } = await tx
          .insertInto('reejecuciones')
          .values({
            id: reejecucionId,
            orden: cifrarColumna(claves.cifrado, orden, 'reejecuciones.orden', reejecucionId),
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

    anotarLinea: (reejecucionId, codigo, { estado, fallo }) =>
      escribir((tx) =>
        tx
          .updateTable('reejecuciones_lineas')
          .set({ estado, fallo })
          .where('reejecucion_id', '=', reejecucionId)
          .where('codigo', '=', codigo)
          .execute(),
      ),

    registrarFinDeReejecucion: (reejecucionId) =>
      escribir((tx) =>
        tx
          .updateTable('reejecuciones')
          .set({ terminada_en: new Date() })
          .where('id', '=', reejecucionId)
          .where('terminada_en', 'is', null)
          .execute(),
      ),

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

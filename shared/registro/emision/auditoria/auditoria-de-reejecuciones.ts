/**
 * Compares the bulk re-runs with the audit log: each that was ordered is there, and says why until retention took that
 * away.
 */
import { COLUMNAS_DE_HOJA, REGISTRADA } from '../../../bitacora/entrada.ts';
import { esDelServicio } from '../../../bitacora/verificacion/verificacion-de-datos.ts';
import type { Claves } from '../../../runtime/claves/claves.ts';
import type { Falta } from './auditoria-de-lo-emitido.ts';
import { descifrarColumna } from '../filas/columnas-cifradas.ts';
import {
  DOMINIO_DE_REEJECUCIONES,
  ORDEN_RETIRADA,
  REEJECUCION_ORDENADA,
} from '../filas/anotaciones-de-reejecuciones.ts';
import type { Lector } from '../filas/esquema.ts';

/**
 * One that an earlier version ordered has no entry: it is only checked that its order opens.
 * @param claves null: what is encrypted or keyed stays unread
 */
export async function faltasDeReejecuciones(db: Lector, claves: Claves | null): Promise<Falta[]> {
  // They are few: support orders them by hand.
  const entradas = await db
    .selectFrom('bitacora')
    .select([...COLUMNAS_DE_HOJA, REGISTRADA, 'indice', 'sello'])
    .where('dominio', '=', DOMINIO_DE_REEJECUCIONES)
    .execute();
  const filas = await db.selectFrom('reejecuciones').select(['id', 'orden']).execute();
  const con = (evento: string) =>
    new Map(
      entradas
        .filter((entrada) => entrada.evento === evento && esDelServicio(claves, entrada))
        .map(({ codigo, id }) => [codigo, id]),
    );
  const [ordenadas, retiradas] = [con(REEJECUCION_ORDENADA), con(ORDEN_RETIRADA)];
  const existentes = new Set(filas.map(({ id }) => id));
  return [
    ...[...ordenadas]
      .filter(([codigo]) => !existentes.has(codigo))
      .map(([codigo, id]) => ({
        id,
        falta: `Falta la reejecución masiva ${codigo}, de la que la bitácora tiene entradas: fue borrada.`,
      })),
    ...filas
      .filter(({ id, orden }) =>
        orden === null ? ordenadas.has(id) && !retiradas.has(id) : !seAbre(claves, id, orden),
      )
      .map(({ id }) => ({
        falta: `La orden de la reejecución masiva ${id} no es la suya, falta o no se abre.`,
      })),
  ];
}

function seAbre(claves: Claves | null, id: string, orden: Uint8Array): boolean {
  if (claves === null) return true;
  try {
    descifrarColumna(claves.cifrado, orden, 'reejecuciones.orden', id);
    return true;
  } catch {
    return false;
  }
}

/** The entries that have no place in the tree yet, oldest first, page by page. */
import { sql } from 'kysely';
import { porPaginas } from '../../nucleo/paginas.ts';
import type { Huella } from '../../runtime/claves/cifrado.ts';
import { COLUMNAS_DE_HOJA, hojaDe, REGISTRADA, type FilaDeHoja } from '../entrada.ts';
import type { BaseDeBitacora, TransaccionDeBitacora } from '../esquema.ts';
import { juzgarSello } from '../sello.ts';

/** A worker gives an entry its place within seconds. Where one waits so long, no worker runs, or the log is stopped. */
export const SIN_LUGAR_MAXIMO_MS = 600_000;

/** Entries that are held in memory at once. */
const PAGINA = 1_000;

export type FilaEnEspera = FilaDeHoja & {
  sello: string | null;
  sal: Uint8Array | null;
  datos: Uint8Array | null;
};

export function leerEnEspera(db: BaseDeBitacora | TransaccionDeBitacora): AsyncGenerator<FilaEnEspera[]> {
  return porPaginas(PAGINA, (ultima) => {
    let consulta = db
      .selectFrom('bitacora')
      .select([...COLUMNAS_DE_HOJA, REGISTRADA, 'sello', 'sal', 'datos'])
      .where('indice', 'is', null)
      .orderBy('registrada_en')
      .orderBy('id')
      .limit(PAGINA);
    if (ultima)
      consulta = consulta.where(
        sql<boolean>`(registrada_en, id) > (${ultima.registrada}::timestamptz, ${ultima.id}::uuid)`,
      );
    return consulta.execute();
  });
}

/** The waiting entries that bear the service's seal, at most `limite`. */
export async function leerSelladas(
  tx: TransaccionDeBitacora,
  huella: Huella,
  limite: number,
): Promise<FilaEnEspera[]> {
  const selladas: FilaEnEspera[] = [];
  for await (const pagina of leerEnEspera(tx)) {
    selladas.push(...pagina.filter((fila) => juzgarSello(huella, hojaDe(fila), fila.sello) === 'BUENO'));
    if (selladas.length >= limite) break;
  }
  return selladas.slice(0, limite);
}

export interface EsperaDeEntradas {
  pendientes: number;
  /** Of those, without any seal. */
  sinSello: number;
  /** Age of the oldest, in milliseconds; 0 where nothing waits. */
  edadMs: number;
}

export async function medirEspera(db: BaseDeBitacora): Promise<EsperaDeEntradas> {
  const { pendientes, sellados, desde } = await db
    .selectFrom('bitacora')
    .select(({ fn }) => [
      fn.countAll().as('pendientes'),
      fn.count('sello').as('sellados'),
      // An infinite moment, which the database's owner may have written, has no age.
      sql<Date | null>`min(registrada_en) filter (where isfinite(registrada_en))`.as('desde'),
    ])
    .where('indice', 'is', null)
    .executeTakeFirstOrThrow();
  const edadMs = desde === null ? 0 : Math.max(0, Date.now() - desde.getTime());
  return { pendientes: Number(pendientes), sinSello: Number(pendientes) - Number(sellados), edadMs };
}

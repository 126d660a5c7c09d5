/** Compares the entries between two checkpoints with the tree as it is stored and as it was signed. */
import { sql } from 'kysely';
import { esIgual, resumenDeHoja, type Resumen } from '../arbol/arbol.ts';
import { leerNodosCompletados } from '../arbol/arbol-guardado.ts';
import { hojaDe, type FilaDeHoja } from '../entrada.ts';
import type { BaseDeBitacora } from '../esquema.ts';
import { leerBordeFirmado } from '../punto-de-control/firmado.ts';
import type { Hallar } from './hallazgos.ts';
import { juzgarTramo, type Alteracion } from '../arbol/tramo.ts';

const FALTAS: Record<Alteracion, string> = {
  ALTERADA: 'La entrada fue alterada después de firmarse.',
  BORRADA: 'Falta la entrada: fue borrada.',
  INSERTADA: 'La entrada no es de este lugar: fue insertada.',
  MOVIDA: 'La entrada es de otro lugar: fue movida.',
};

interface TramoLeido {
  epoca: number;
  desde: number;
  hasta: number;
  borde: readonly Resumen[] | null;
  raiz: Resumen | null;
  filas: (FilaDeHoja & { indice: string | number | null })[];
}

/** @returns the right edge of the tree behind this stretch, null where it is lost; and the places that have a finding */
export async function verificarTramo(
  db: BaseDeBitacora,
  { epoca, desde, hasta, borde, raiz, filas }: TramoLeido,
  hallar: Hallar,
): Promise<{ borde: readonly Resumen[] | null; alteradas: ReadonlySet<number> }> {
  const porLugar = new Map(filas.map((fila) => [Number(fila.indice), fila]));
  const guardados = await leerNodosCompletados(db, epoca, desde, hasta);
  const lugares = Array.from({ length: hasta - desde }, (_, i) => desde + i);
  const juicio = juzgarTramo({
    desde,
    borde,
    deEntradas: lugares.map((lugar) => {
      const fila = porLugar.get(lugar);
      return fila ? resumenDeHoja(hojaDe(fila)) : null;
    }),
    guardadas: lugares.map((lugar) => guardados.get(`0/${lugar}`) ?? null),
    raiz,
  });
  const alteradas = new Set(juicio.alteradas.keys());
  for (const [indice, alteracion] of juicio.alteradas)
    hallar(FALTAS[alteracion], { epoca, indice, id: porLugar.get(indice)?.id ?? null });
  if (juicio.arbol) {
    for (const { nivel, posicion, resumen } of juicio.nodos) {
      const guardado = guardados.get(`${nivel}/${posicion}`);
      if (!guardado || !esIgual(guardado, resumen))
        hallar(
          `El nodo ${nivel}/${posicion} del árbol guardado fue alterado o falta; las entradas están bien.`,
          {
            epoca,
          },
        );
    }
    return { borde: juicio.arbol.borde, alteradas };
  }
  if (raiz && borde && juicio.alteradas.size === 0)
    hallar(`Las entradas ${desde} a ${hasta - 1} no son las que se firmaron.`, { epoca });
  // The stored edge serves to go on behind the damage, where it is the one that was signed.
  return { borde: raiz && (await leerBordeFirmado(db, epoca, hasta, raiz)), alteradas };
}

/** Whether every place has its leaf, or every place its entry: a size that nobody signed may be any number. */
export async function estanTodas(
  db: BaseDeBitacora,
  epoca: number,
  desde: number,
  hasta: number,
): Promise<boolean> {
  const { rows } = await sql<{ hojas: number; entradas: number }>`select
    (select count(*)::float8 from bitacora_nodos where epoca = ${epoca} and nivel = 0
      and posicion >= ${desde} and posicion < ${hasta}) as hojas,
    (select count(*)::float8 from bitacora where epoca = ${epoca}
      and indice >= ${desde} and indice < ${hasta}) as entradas`.execute(db);
  return rows.some(({ hojas, entradas }) => Math.max(hojas, entradas) === hasta - desde);
}

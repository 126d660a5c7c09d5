/** The tree as the database holds it: the complete subtrees of each epoch, and the checkpoints that were signed. */
import { sql } from 'kysely';
import { porPaginas } from '../../nucleo/paginas.ts';
import { nodosDe, resumenDe, type LeerNodo, type Nodo, type Rango, type Resumen } from './arbol.ts';
import type { BaseDeBitacora, TransaccionDeBitacora } from '../esquema.ts';

type Lector = BaseDeBitacora | TransaccionDeBitacora;

export interface PuntoGuardado {
  epoca: number;
  tamano: number;
  nota: string;
}

/** The newest checkpoint of an epoch, of the newest one where none is named; null where there is none yet. */
export async function leerUltimoPunto(db: Lector, epoca?: number): Promise<PuntoGuardado | null> {
  let consulta = db.selectFrom('bitacora_puntos').selectAll();
  if (epoca !== undefined) consulta = consulta.where('epoca', '=', epoca);
  const fila = await consulta.orderBy('epoca', 'desc').orderBy('tamano', 'desc').limit(1).executeTakeFirst();
  return fila ? { ...fila, tamano: Number(fila.tamano) } : null;
}

/** Every epoch of which anything tells, from the smallest on; whether it has its own row. */
export async function leerEpocas(db: Lector): Promise<{ epoca: number; tieneFila: boolean }[]> {
  const filas = await db.selectFrom('bitacora_epocas').select('epoca').execute();
  const conPuntos = await db.selectFrom('bitacora_puntos').select('epoca').distinct().execute();
  const conFila = new Set(filas.map(({ epoca }) => epoca));
  return [...new Set([...conFila, ...conPuntos.map(({ epoca }) => epoca)])]
    .sort((a, b) => a - b)
    .map((epoca) => ({ epoca, tieneFila: conFila.has(epoca) }));
}

/** Checkpoints of a log are many: page by page. */
const PUNTOS_POR_PAGINA = 1_000;

/** The checkpoints of an epoch up to a size, from the smallest on. */
export async function* leerPuntos(db: Lector, epoca: number, hasta: number): AsyncGenerator<PuntoGuardado> {
  const paginas = porPaginas<PuntoGuardado>(PUNTOS_POR_PAGINA, async (ultimo) => {
    const filas = await db
      .selectFrom('bitacora_puntos')
      .selectAll()
      .where('epoca', '=', epoca)
      .where('tamano', '>', ultimo?.tamano ?? Number.MIN_SAFE_INTEGER)
      .where('tamano', '<=', hasta)
      .orderBy('tamano')
      .limit(PUNTOS_POR_PAGINA)
      .execute();
    return filas.map((fila) => ({ ...fila, tamano: Number(fila.tamano) }));
  });
  for await (const pagina of paginas) yield* pagina;
}

/** The newest checkpoints of an epoch, newest first. */
export async function leerUltimosPuntos(db: Lector, epoca: number): Promise<PuntoGuardado[]> {
  const filas = await db
    .selectFrom('bitacora_puntos')
    .selectAll()
    .where('epoca', '=', epoca)
    .orderBy('tamano', 'desc')
    .limit(PUNTOS_POR_PAGINA)
    .execute();
  return filas.map((fila) => ({ ...fila, tamano: Number(fila.tamano) }));
}

/** @returns gives a node's hash; null where the node is not there */
export async function buscarNodos(
  db: Lector,
  epoca: number,
  nodos: readonly Nodo[],
): Promise<(nodo: Nodo) => Resumen | null> {
  const leidos = new Map<string, Resumen>();
  if (nodos.length > 0) {
    const filas = await db
      .selectFrom('bitacora_nodos')
      .select(['nivel', 'posicion', 'resumen'])
      .where('epoca', '=', epoca)
      .where((eb) =>
        eb(
          eb.refTuple('nivel', 'posicion'),
          'in',
          nodos.map(({ nivel, posicion }) => eb.tuple(nivel, posicion)),
        ),
      )
      .execute();
    for (const { nivel, posicion, resumen } of filas)
      leidos.set(`${nivel}/${posicion}`, Buffer.from(resumen));
  }
  return ({ nivel, posicion }) => leidos.get(`${nivel}/${posicion}`) ?? null;
}

/** @throws Error where a node is missing: the tree in the database is damaged */
async function leerNodos(db: Lector, epoca: number, nodos: readonly Nodo[]): Promise<LeerNodo> {
  const leer = await buscarNodos(db, epoca, nodos);
  return (nodo) => {
    const resumen = leer(nodo);
    if (resumen) return resumen;
    throw new Error(`the audit log lacks node ${nodo.nivel}/${nodo.posicion} of epoch ${epoca}`);
  };
}

/** The stored subtrees that the leaves from `desde` up to `hasta` complete, by "nivel/posicion". */
export async function leerNodosCompletados(
  db: Lector,
  epoca: number,
  desde: number,
  hasta: number,
): Promise<Map<string, Resumen>> {
  const niveles = Array.from({ length: Math.floor(Math.log2(hasta)) + 1 }, (_, nivel) => nivel);
  const filas = await db
    .selectFrom('bitacora_nodos')
    .select(['nivel', 'posicion', 'resumen'])
    .where('epoca', '=', epoca)
    .where((eb) =>
      eb.or(
        niveles.map((nivel) =>
          eb.and([
            eb('nivel', '=', nivel),
            eb('posicion', '>=', Math.floor(desde / 2 ** nivel)),
            eb('posicion', '<', Math.floor(hasta / 2 ** nivel)),
          ]),
        ),
      ),
    )
    .execute();
  return new Map(filas.map(({ nivel, posicion, resumen }) => [`${nivel}/${posicion}`, Buffer.from(resumen)]));
}

/** Hashes of ranges, as proofs list them. */
export async function leerResumenes(db: Lector, epoca: number, rangos: readonly Rango[]): Promise<Resumen[]> {
  const leer = await leerNodos(db, epoca, rangos.flatMap(nodosDe));
  return rangos.map((rango) => resumenDe(rango, leer));
}

export async function leerRaiz(db: Lector, epoca: number, tamano: number): Promise<Resumen> {
  const [raiz] = await leerResumenes(db, epoca, [{ desde: 0, hasta: tamano }]);
  if (!raiz) throw new Error('unreachable: one range has one hash');
  return raiz;
}

/** Rows of one statement: PostgreSQL takes 65,535 parameters. */
const FILAS_POR_SENTENCIA = 5_000;

export async function guardarNodos(
  tx: TransaccionDeBitacora,
  epoca: number,
  nodos: readonly (Nodo & { resumen: Resumen })[],
): Promise<void> {
  for (let i = 0; i < nodos.length; i += FILAS_POR_SENTENCIA)
    await tx
      .insertInto('bitacora_nodos')
      .values(nodos.slice(i, i + FILAS_POR_SENTENCIA).map((nodo) => ({ epoca, ...nodo })))
      .execute();
}

/** Gives the entries their places, in this order, from `desde`. */
export async function asignarLugares(
  tx: TransaccionDeBitacora,
  epoca: number,
  desde: number,
  ids: readonly string[],
): Promise<void> {
  await sql`
    update bitacora set epoca = ${epoca}, indice = ${desde}::bigint + lugar.orden - 1
    from unnest(${sql.val(ids)}::uuid[]) with ordinality as lugar (id, orden)
    where bitacora.id = lugar.id`.execute(tx);
}

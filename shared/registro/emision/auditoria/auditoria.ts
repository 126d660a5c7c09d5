/**
 * Compares the register with its audit log, both ways: every row is as the entries of its codigo tell, and every codigo
 * that the log knows has its row. Both are read page by page in the order of the codigos, each page at one moment, while
 * others write.
 */
import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import { HALLAZGOS_MAX, type Hallazgo } from '../../../bitacora/contrato.ts';
import { REGISTRADA } from '../../../bitacora/entrada.ts';
import { finDePagina } from '../../../nucleo/paginas.ts';
import type { Claves } from '../../../runtime/claves/claves.ts';
import { compararCodigo } from './auditoria-de-codigo.ts';
import { faltasDeReejecuciones } from './auditoria-de-reejecuciones.ts';
import type { Falta, FilasDeCodigo } from './auditoria-de-lo-emitido.ts';
import { DOMINIO_DE_EMISION } from '../filas/anotaciones.ts';
import { historiaVacia, incorporar, type Entrada, type Historia } from './historia-de-codigo.ts';
import type { Db, Lector, Tx } from '../filas/esquema.ts';

/** Entries that are held in memory at once. */
const ENTRADAS_POR_PAGINA = 2_000;

/** A codigo that no request may have: it is empty. */
const CODIGO_IMPOSIBLE = '';

/** @param claves null leaves unread what is encrypted or keyed */
export async function* compararConBitacora(
  db: Db,
  claves: Claves | null,
  avanzar: () => void,
): AsyncGenerator<Hallazgo> {
  let cursor: Entrada | null = null;
  let abierta: Historia | null = null;
  do {
    avanzar();
    // PGlite answers within the same turn of the event loop: this gives a turn to the other work of the process.
    await setImmediate();
    const pagina: Pagina = await leerPagina(db, cursor, abierta);
    ({ cursor, abierta } = pagina);
    for (const [historia, filas] of pagina.terminadas)
      yield* hallazgosDe(compararCodigo(historia, filas, claves));
  } while (cursor);
  yield* hallazgosDe(await sinEntradas(db));
  yield* hallazgosDe(await enUnInstante(db, (tx) => faltasDeReejecuciones(tx, claves)));
}

function* hallazgosDe(faltas: readonly Falta[]): Generator<Hallazgo> {
  for (const { falta, id = null } of faltas) yield { epoca: null, indice: null, id, falta };
}

function enUnInstante<T>(db: Db, lectura: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(lectura);
}

interface Pagina {
  /** Codigos of which all entries were read, with their rows at the same moment. */
  terminadas: [Historia, FilasDeCodigo][];
  /** The codigo whose entries may go on in the next page. */
  abierta: Historia | null;
  /** The last entry; null where this page was the last. */
  cursor: Entrada | null;
}

async function leerPagina(db: Db, despuesDe: Entrada | null, abierta: Historia | null): Promise<Pagina> {
  return enUnInstante(db, async (tx) => {
    const entradas = await leerEntradas(tx, despuesDe);
    const historias: Historia[] = abierta ? [abierta] : [];
    for (const entrada of entradas) {
      if (historias.at(-1)?.codigo !== entrada.codigo) historias.push(historiaVacia(entrada.codigo));
      const historia = historias.at(-1);
      if (historia) incorporar(historia, entrada);
    }
    const cursor = finDePagina(entradas, ENTRADAS_POR_PAGINA);
    const queda = cursor && (historias.pop() ?? null);
    const filas = await leerFilas(
      tx,
      historias.map(({ codigo }) => codigo),
    );
    return {
      terminadas: historias.map((historia) => [historia, filas(historia.codigo)]),
      abierta: queda,
      cursor,
    };
  });
}

function leerEntradas(tx: Lector, despuesDe: Entrada | null): Promise<Entrada[]> {
  let consulta = tx
    .selectFrom('bitacora')
    .select(['id', 'codigo', 'generacion', 'run_id', 'evento', 'contenido'])
    .select(REGISTRADA)
    .where('dominio', '=', DOMINIO_DE_EMISION)
    .orderBy('codigo')
    .orderBy('registrada_en')
    .orderBy('id')
    .limit(ENTRADAS_POR_PAGINA);
  if (despuesDe)
    consulta = consulta.where(
      sql<boolean>`(codigo, registrada_en, id)
        > (${despuesDe.codigo}, ${despuesDe.registrada}::timestamptz, ${despuesDe.id}::uuid)`,
    );
  return consulta.execute();
}

/** @returns the rows of each of these codigos */
async function leerFilas(tx: Lector, codigos: string[]): Promise<(codigo: string) => FilasDeCodigo> {
  // Never an empty list: "in ()" would be a syntax error.
  const de = codigos.length > 0 ? codigos : [CODIGO_IMPOSIBLE];
  const solicitudes = porCodigo(
    await tx.selectFrom('solicitudes').selectAll().where('codigo', 'in', de).execute(),
  );
  const pasos = porCodigo(await tx.selectFrom('pasos').selectAll().where('codigo', 'in', de).execute());
  const certificados = porCodigo(
    await tx.selectFrom('certificados').selectAll().where('codigo', 'in', de).execute(),
  );
  const recibidos = porCodigo(
    await tx.selectFrom('recibidos').selectAll().where('codigo', 'in', de).execute(),
  );
  const porRevocar = porCodigo(
    await tx.selectFrom('por_revocar').selectAll().where('codigo', 'in', de).execute(),
  );
  const lineas = porCodigo(
    await tx
      .selectFrom('reejecuciones_lineas')
      .select(['codigo', 'reejecucion_id'])
      .where('codigo', 'in', de)
      .execute(),
  );
  return (codigo) => ({
    solicitud: solicitudes.get(codigo)?.[0] ?? null,
    pasos: pasos.get(codigo) ?? [],
    certificados: certificados.get(codigo) ?? [],
    recibidos: recibidos.get(codigo) ?? [],
    porRevocar: porRevocar.get(codigo) ?? [],
    reejecuciones: (lineas.get(codigo) ?? []).map(({ reejecucion_id: id }) => id),
  });
}

function porCodigo<F extends { codigo: string }>(filas: readonly F[]): Map<string, F[]> {
  return Map.groupBy(filas, ({ codigo }) => codigo);
}

/** Tables whose every row belongs to an issuance that the log knows. */
const DE_UNA_SOLICITUD = ['pasos', 'recibidos', 'certificados', 'por_revocar'] as const;

/** Rows of which the log knows nothing at all. */
async function sinEntradas(db: Db): Promise<Falta[]> {
  const sinAnotar = (tabla: 'solicitudes' | 'reejecuciones_lineas' | (typeof DE_UNA_SOLICITUD)[number]) =>
    sql<boolean>`not exists (select from bitacora where bitacora.codigo = ${sql.ref(`${tabla}.codigo`)}
      and bitacora.dominio = ${DOMINIO_DE_EMISION})`;
  const solicitudes = await db
    .selectFrom('solicitudes')
    .select(['codigo', 'registro_auditoria_id as id'])
    .where(sinAnotar('solicitudes'))
    .limit(HALLAZGOS_MAX)
    .execute();
  const faltas: Falta[] = solicitudes.map(({ codigo, id }) => ({
    id,
    falta: `Falta la entrada que nombra la solicitud ${codigo}.`,
  }));
  for (const tabla of DE_UNA_SOLICITUD) {
    const filas = await db
      .selectFrom(tabla)
      .select('codigo')
      .distinct()
      .where(sinAnotar(tabla))
      .limit(HALLAZGOS_MAX)
      .execute();
    faltas.push(...filas.map(({ codigo }) => desconocida(codigo, tabla)));
  }
  // Support may order the re-run of an unknown codigo, which leaves no entry: only lines that ran are looked at.
  const lineas = await db
    .selectFrom('reejecuciones_lineas')
    .select('codigo')
    .distinct()
    .where('estado', 'in', ['EN_PROCESO', 'COMPLETADO', 'FALLIDO'])
    .where(sinAnotar('reejecuciones_lineas'))
    .limit(HALLAZGOS_MAX)
    .execute();
  faltas.push(...lineas.map(({ codigo }) => desconocida(codigo, 'reejecuciones_lineas')));
  return faltas;
}

function desconocida(codigo: string, tabla: string): Falta {
  return { falta: `La bitácora no sabe nada de la solicitud ${codigo}, que tiene filas en ${tabla}.` };
}

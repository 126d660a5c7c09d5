/**
 * An entry and its leaf in the tree. The leaf is the entry as canonical JSON (RFC 8785) without what may change: its
 * personal data stand encrypted beside it, and the leaf only commits to them by a salted keyed hash.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { sql, type Selectable } from 'kysely';
import { jsonCanonico } from '../nucleo/json-canonico.ts';
import type { Claves } from '../runtime/claves/claves.ts';
import type { TablaBitacora, TransaccionDeBitacora } from './esquema.ts';
import { selloDe } from './sello.ts';

export interface Anotacion {
  dominio: string;
  /** What it is about. */
  codigo: string;
  generacion: number | null;
  runId: string | null;
  evento: string;
  /** Facts without personal data. */
  contenido: Record<string, unknown>;
  /** Who did it and why: the leaf commits to it, and it is kept encrypted. */
  personal?: object | undefined;
}

/** Writes the entry, in the transaction of what it records. @returns the entry's id */
export async function anotarEntrada(
  tx: TransaccionDeBitacora,
  { cifrado, huella }: Claves,
  { runId, contenido, personal, ...resto }: Anotacion,
): Promise<string> {
  const id = randomUUID();
  const sal = personal ? randomBytes(16) : null;
  const datos = personal ? JSON.stringify(personal) : null;
  const guardado = JSON.stringify(contenido);
  const registradaEn = await siguienteMomento(tx, resto.codigo);
  const deLaHoja = {
    id,
    ...resto,
    run_id: runId,
    compromiso: sal && datos ? compromisoDe(huella, sal, datos) : null,
  };
  const hoja = hojaDe({
    ...deLaHoja,
    contenido: JSON.parse(guardado) as Record<string, unknown>,
    registrada: alMicrosegundo(registradaEn),
  });
  await tx
    .insertInto('bitacora')
    .values({
      ...deLaHoja,
      contenido: guardado,
      sal,
      datos: datos ? cifrado.cifrar(Buffer.from(datos), contextoDeDatos(id)) : null,
      registrada_en: registradaEn,
      sello: selloDe(huella, hoja),
    })
    .execute();
  return id;
}

/**
 * A moment behind the last entry of the same codigo, whatever this clock says. Whoever writes about a codigo holds its
 * row, so its entries stand in the order in which they were written.
 */
async function siguienteMomento(tx: TransaccionDeBitacora, codigo: string): Promise<Date> {
  const { ultima } = await tx
    .selectFrom('bitacora')
    .select(({ fn }) => fn.max('registrada_en').as('ultima'))
    .where('codigo', '=', codigo)
    .executeTakeFirstOrThrow();
  // Null where there is none, which the type of an aggregate does not tell.
  const anterior = (ultima as Date | null)?.getTime() ?? 0;
  return new Date(Math.max(Date.now(), anterior + 1));
}

/** A moment in the form in which REGISTRADA reads it. */
function alMicrosegundo(momento: Date): string {
  return `${momento.toISOString().slice(0, -1)}000Z`;
}

/** What an encrypted column of an entry is bound to. */
export function contextoDeDatos(id: string): string {
  return `bitacora.datos:${id}`;
}

export function compromisoDe(huella: Claves['huella'], sal: Uint8Array, datos: string): string {
  return huella('bitacora', `${Buffer.from(sal).toString('hex')}:${datos}`);
}

/** What a leaf is made of, from its row. */
export type FilaDeHoja = Pick<
  Selectable<TablaBitacora>,
  'id' | 'dominio' | 'codigo' | 'generacion' | 'run_id' | 'evento' | 'contenido' | 'compromiso'
> & { registrada: string };

/** The moment to the microsecond, as the database keeps it: a Date would hide the last three digits. */
export const REGISTRADA =
  sql<string>`to_char(registrada_en at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`.as('registrada');

export const COLUMNAS_DE_HOJA = [
  'id',
  'dominio',
  'codigo',
  'generacion',
  'run_id',
  'evento',
  'contenido',
  'compromiso',
] as const;

export function hojaDe(fila: FilaDeHoja): Buffer {
  const { id, dominio, codigo, generacion, run_id: runId, evento, contenido, compromiso, registrada } = fila;
  const entrada = { id, dominio, codigo, generacion, runId, evento, contenido, compromiso };
  return Buffer.from(jsonCanonico({ version: 1, ...entrada, registradaEn: registrada }));
}

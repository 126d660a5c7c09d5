/** The audit entries of the issuance, each written in the transaction of what it records. */
import { anotarEntrada } from '../../../bitacora/entrada.ts';
import type { Claves } from '../../../runtime/claves/claves.ts';
import type { ContextoDePeticion, Reejecucion } from '../../../emision/contrato.ts';
import type { Evento } from '../../../emision/soporte.ts';
import type { Db, Tx } from './esquema.ts';

/** The domain, in the register and in the log: who may read an entry is asked of the part of the register that it names. */
export const DOMINIO_DE_EMISION = 'emision';

export interface AnotacionDeEmision {
  codigo: string;
  generacion: number;
  runId: string;
  evento: Evento;
  /** Facts without personal data. */
  contenido: Record<string, unknown>;
  /** Who sent it, or who in support ordered it and why: the entry commits to it, and it is kept encrypted. */
  personal?: Remitente | Ordenante;
}

export type Remitente = Pick<ContextoDePeticion, 'dispositivo' | 'canal'> & { usuarioRegistrador: string };
export type Ordenante = Pick<Reejecucion, 'solicitadaPor' | 'motivo'>;

/**
 * Keyed hash of the citizen's lock and the X-Request-ID of a codigo: an entry commits to it, so that the row cannot be
 * given others. The codigo is part of it, so that it does not show which issuances are of one citizen.
 */
export function candadoDe(
  { huella }: Pick<Claves, 'huella'>,
  { codigo, huellaCiudadano, requestId }: { codigo: string; huellaCiudadano: string; requestId: string },
): string {
  return huella('candado', JSON.stringify([codigo, huellaCiudadano, requestId]));
}

/**
 * Keyed hash by which the entry of a failure commits to its details: those of an earlier failure, put back into the row,
 * differ.
 */
export function huellaDeDetalles(
  { huella }: Pick<Claves, 'huella'>,
  codigo: string,
  detalles: readonly string[],
): string {
  return huella('fallo', JSON.stringify([codigo, detalles]));
}

/** Whether a run ever wrote to the row of its codigo. */
export async function haAnotado(db: Db, codigo: string, runId: string): Promise<boolean> {
  const anotacion = await db
    .selectFrom('bitacora')
    .select('id')
    .where('dominio', '=', DOMINIO_DE_EMISION)
    .where('codigo', '=', codigo)
    .where('run_id', '=', runId)
    .executeTakeFirst();
  return anotacion !== undefined;
}

/** @returns the entry's id: registroAuditoriaId of the envelope */
export function anotar(
  tx: Tx,
  claves: Claves,
  { codigo, generacion, runId, evento, contenido, personal }: AnotacionDeEmision,
): Promise<string> {
  const entrada = { dominio: DOMINIO_DE_EMISION, codigo, generacion, runId, evento, contenido, personal };
  return anotarEntrada(tx, claves, entrada);
}

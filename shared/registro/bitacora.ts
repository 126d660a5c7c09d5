/**
 * The audit entries. Each is written in the transaction of what it records. Personal data stand encrypted beside the
 * entry, which only commits to them by a salted keyed hash: keys can rotate and data can go, and the entry stays.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Claves } from '../runtime/claves.ts';
import type { ContextoDePeticion, Reejecucion } from '../emision/contrato.ts';
import { contextoDe } from './columnas-cifradas.ts';
import type { Esquema } from './esquema.ts';

export const EVENTOS = [
  'SOLICITUD_ACEPTADA',
  'SOLICITUD_REABIERTA',
  'SOLICITUD_REEJECUTADA',
  'NUEVA_EMISION',
  'TURNO_TRASPASADO',
  'NUMEROS_GENERADOS',
  'EMISION_COMPLETADA',
  'EMISION_FALLIDA',
  'RESULTADO_ACLARADO',
  'RESULTADO_RESUELTO',
  'RESPUESTA_TARDIA',
  'DATOS_RETIRADOS',
] as const;
export type Evento = (typeof EVENTOS)[number];

export interface Anotacion {
  codigo: string;
  generacion: number;
  runId: string;
  evento: Evento;
  /** Facts without personal data. */
  contenido: Record<string, unknown>;
  /** Who sent it, or who of support ordered it and why: committed to, and kept encrypted. */
  personal?: Remitente | Ordenante;
}

export type Remitente = Pick<ContextoDePeticion, 'dispositivo' | 'canal'> & { usuarioRegistrador: string };
export type Ordenante = Pick<Reejecucion, 'solicitadaPor' | 'motivo'>;

/** @returns the entry's id: registroAuditoriaId of the envelope */
export async function anotar(
  tx: Transaction<Esquema>,
  { cifrado, huella }: Claves,
  { codigo, generacion, runId, evento, contenido, personal }: Anotacion,
): Promise<string> {
  const id = randomUUID();
  const sal = personal ? randomBytes(16) : null;
  const datos = personal ? JSON.stringify(personal) : null;
  await tx
    .insertInto('bitacora')
    .values({
      id,
      codigo,
      generacion,
      run_id: runId,
      evento,
      contenido: JSON.stringify(contenido),
      sal,
      compromiso: sal && datos ? huella('bitacora', `${sal.toString('hex')}:${datos}`) : null,
      datos: datos ? cifrado.cifrar(Buffer.from(datos), contextoDe('bitacora.datos', id)) : null,
      registrada_en: new Date(),
    })
    .execute();
  return id;
}

/** Names that are computed, not stored twice: the same codigo, step and generation give the same key for ever. */
import { v5 } from 'uuid';
import type { Paso } from '../../../emision/contrato.ts';

/** Namespace of this system's UUIDv5 names. Changing it would make the PKI see new work in every re-run. */
const ESPACIO = '3f1c9f1e-8f57-4d0a-9c55-0a7f6f2f8b61';

/** The Idempotency-Key under which MsAdaptadorPKI does a step once. */
export function claveDeIdempotencia(codigo: string, paso: Paso, generacion: number): string {
  return v5(JSON.stringify(['paso', codigo, paso, generacion]), ESPACIO);
}

/** The envelope's transaccionId: one for all runs of a codigo and generation. */
export function transaccionId(codigo: string, generacion: number): string {
  return v5(JSON.stringify(['transaccion', codigo, generacion]), ESPACIO);
}

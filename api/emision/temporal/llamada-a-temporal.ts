/** A call to Temporal that the API waits for: it has a deadline, and what its failure is, its status tells. */
import type { Client } from '@temporalio/client';
import { LLAMADA_TEMPORAL_MS } from '../../../shared/nucleo/plazos.ts';
import { esCaida } from '../../../shared/nucleo/servicio-no-disponible.ts';
import { falloDeParte } from '../../../shared/runtime/temporal/estados-grpc.ts';
import { createGuardaDeParte, type PedirAParte } from '../../http/carga/parte-caida.ts';

/** @throws ServicioNoDisponible where Temporal does not answer in time, or takes no more for now */
export async function llamarATemporal<T>(client: Client, llamada: () => Promise<T>): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + LLAMADA_TEMPORAL_MS, llamada);
  } catch (error) {
    throw falloDeParte('Temporal', error);
  }
}

/**
 * Makes the calls of one kind, each within the deadline. While they fail they are refused, and those of another kind go on:
 * starts are not refused because the runs of clients that wait cannot be described (ADR 26).
 */
export function createClaseDeLlamadas(client: Client): PedirAParte {
  const pedir = createGuardaDeParte({ parte: 'Temporal', noResponde: esCaida });
  return (llamada) => pedir(() => llamarATemporal(client, llamada));
}

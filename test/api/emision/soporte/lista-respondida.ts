/** A list as support is answered it; which of these members it has, its route says. */
import type { Respuesta } from '../../../support/api/api-de-prueba.ts';

interface Lista {
  solicitudes: Record<string, unknown>[];
  porRevocar: Record<string, unknown>[];
  siguiente: string | null;
  fallidas: unknown;
}

export function datosDe({ estadoHttp, sobre }: Respuesta): Lista {
  expect(estadoHttp).toBe(200);
  return sobre.data as unknown as Lista;
}

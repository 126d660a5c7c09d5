/**
 * Which client an issuance belongs to. A client that may not read all of them reads only what it sent itself (ADR 43).
 */

/** Its client; absent or null where it was accepted before the register kept that. */
interface Enviada {
  cliente?: string | null;
}

/** @param lector keyed hash of the client that reads; undefined where it may read all */
export function puedeLeer(lector: string | undefined, { cliente }: Enviada): boolean {
  return lector === undefined || cliente === lector;
}

/** Whether another client sent the codigo. Where no client is known, whoever knows the whole request may repeat it. */
export function esDeOtroCliente(lector: string | undefined, { cliente }: Enviada): boolean {
  return lector !== undefined && cliente !== undefined && cliente !== null && cliente !== lector;
}

/** Whether the codigo still holds this very request of this very client. */
export function esSuSolicitud(
  { huella, lector }: { huella: string; lector: string | undefined },
  emision: Enviada & { huellaSolicitud: string },
): boolean {
  return emision.huellaSolicitud === huella && !esDeOtroCliente(lector, emision);
}

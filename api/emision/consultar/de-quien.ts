/** Whose an issuance is: a client that may not read all reads what it sent, and of the rest nothing (ADR 43). */

/** Absent where it was accepted before that was kept. */
interface Enviada {
  cliente?: string | null;
}

/** @param lector the client's keyed hash; undefined: it may read all */
export function puedeLeer(lector: string | undefined, { cliente }: Enviada): boolean {
  return lector === undefined || cliente === lector;
}

/** Whether the codigo is another client's. What nobody is known to have sent is repeated by whoever knows all of it. */
export function esDeOtroCliente(lector: string | undefined, { cliente }: Enviada): boolean {
  return lector !== undefined && cliente !== undefined && cliente !== null && cliente !== lector;
}

/** Whether what stands there now is this very request, of this client. */
export function esLaSuya(
  { huella, lector }: { huella: string; lector: string | undefined },
  emision: Enviada & { huellaSolicitud: string },
): boolean {
  return emision.huellaSolicitud === huella && !esDeOtroCliente(lector, emision);
}

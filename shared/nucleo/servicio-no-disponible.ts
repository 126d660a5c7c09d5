/** Raised where a part of the service (register, Temporal, issuer) does not answer: 503, never 500. */
export class ServicioNoDisponible extends Error {
  constructor(parte: string, options?: ErrorOptions) {
    super(`no answer from ${parte}`, options);
    this.name = 'ServicioNoDisponible';
  }
}

/** Raised where the part answers that it takes no more for now: 503 as well, but the part is not down. */
export class ServicioSaturado extends ServicioNoDisponible {
  constructor(parte: string, options?: ErrorOptions) {
    super(parte, options);
    this.name = 'ServicioSaturado';
    this.message = `${parte} takes no more for now`;
  }
}

/** Whether an error tells of a part that is down, and not only of one that is busy. */
export function esCaida(error: unknown): boolean {
  return error instanceof ServicioNoDisponible && !(error instanceof ServicioSaturado);
}

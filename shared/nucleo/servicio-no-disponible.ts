/** Raised where a part of the service (register, Temporal, issuer) does not serve: 503, never 500. By itself: it does not answer. */
export class ServicioNoDisponible extends Error {
  constructor(parte: string, options?: ErrorOptions, mensaje = `no answer from ${parte}`) {
    super(mensaje, options);
    this.name = 'ServicioNoDisponible';
  }
}

/** Raised where the part answers that it takes no more for now: 503 as well, but the part is not down. */
export class ServicioSaturado extends ServicioNoDisponible {
  constructor(parte: string, options?: ErrorOptions) {
    super(parte, options, `${parte} takes no more for now`);
    this.name = 'ServicioSaturado';
  }
}

/** Raised where something else answers in the part's place: whatever it says, an operator must look. */
export class ParteAjena extends ServicioNoDisponible {
  constructor(parte: string, options?: ErrorOptions) {
    super(parte, options, `something else answers in the place of ${parte}`);
    this.name = 'ParteAjena';
  }
}

/** Whether an error tells of a part that is down, and not only of one that is busy. */
export function esCaida(error: unknown): boolean {
  return error instanceof ServicioNoDisponible && !(error instanceof ServicioSaturado);
}

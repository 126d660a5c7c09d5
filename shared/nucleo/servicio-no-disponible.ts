/** Raised where a part of the service (register, Temporal, issuer) does not answer: 503, never 500. */
export class ServicioNoDisponible extends Error {
  constructor(parte: string, options?: ErrorOptions) {
    super(`no answer from ${parte}`, options);
    this.name = 'ServicioNoDisponible';
  }
}

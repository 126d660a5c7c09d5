/** PLAZO: it was silent for as long as it may be. CONEXION: there is none to it, or it broke. */
type Motivo = 'PLAZO' | 'CONEXION';

/**
 * Raised where a connection to the database is opened or used and nothing came back, whatever the driver calls it: what
 * the database answers, if only to refuse, is an error of its own with a code.
 */
export class BaseSinRespuesta extends Error {
  readonly motivo: Motivo;

  constructor(motivo: Motivo, options?: ErrorOptions) {
    super(
      motivo === 'PLAZO' ? 'the database did not answer in time' : 'no connection to the database',
      options,
    );
    this.name = 'BaseSinRespuesta';
    this.motivo = motivo;
  }
}

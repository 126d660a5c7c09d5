/** A failure on its way to the error handler, which alone makes HTTP of it. */
import { FALLOS_HTTP, type Fallo } from '../../../shared/nucleo/fallos.ts';

interface Extras {
  /** Data of the envelope: the transaction that the failure belongs to. */
  data?: unknown;
  cabeceras?: Record<string, string>;
}

export class FalloHttp extends Error {
  readonly fallo: Fallo;
  /** In Spanish, for the client. */
  readonly detalles: readonly string[];
  readonly data: unknown;
  readonly cabeceras: Record<string, string>;

  constructor(fallo: Fallo, detalles: readonly string[] = [], { data = null, cabeceras = {} }: Extras = {}) {
    super(fallo.titulo);
    this.name = 'FalloHttp';
    this.fallo = fallo;
    this.detalles = detalles;
    this.data = data;
    this.cabeceras = cabeceras;
  }
}

/** A body may break its rules ten thousand times; who reads the answer needs the first ones. */
const DETALLES_MAX = 100;

/** @throws FalloHttp VALIDACION where there is any fault */
export function exigirSinFaltas(faltas: readonly string[]): void {
  if (faltas.length === 0) return;
  const resto = faltas.length - DETALLES_MAX;
  throw new FalloHttp(
    FALLOS_HTTP.VALIDACION,
    resto > 0 ? [...faltas.slice(0, DETALLES_MAX), `cuerpo: tiene ${resto} faltas más`] : faltas,
  );
}

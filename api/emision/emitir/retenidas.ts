/** Issuances in process whose step is left in peace by every worker: what is asked of them costs Temporal nothing. */
import { pasoEnCurso, PASOS } from '../../../shared/emision/contrato.ts';
import type { EmisionRegistrada } from '../../../shared/registro/emision/registro.ts';
import type { LecturasDeRegistro } from '../lecturas.ts';
import type { CircuitosEnDescanso } from './circuitos-en-descanso.ts';

export interface Retenida {
  /** Its row. */
  emision: EmisionRegistrada;
  /** So long, at least, nothing is sent for it, in ms. */
  descansoMs: number;
}

/** @returns null where no open circuit holds the codigo's step back. The row is read only where some step rests */
export type LectorDeRetenida = (codigo: string) => Promise<Retenida | null>;

export function createLectorDeRetenida(
  registro: Pick<LecturasDeRegistro, 'leer'>,
  circuitos: () => Promise<CircuitosEnDescanso>,
): LectorDeRetenida {
  return async (codigo) => {
    const { descansoMs: descansoDe, esLaSonda } = await circuitos();
    if (!PASOS.some((paso) => descansoDe(paso) > 0) || esLaSonda(codigo)) return null;
    const emision = await registro.leer(codigo);
    if (emision?.estado !== 'EN_PROCESO') return null;
    const descansoMs = descansoDe(pasoEnCurso(emision.pasos[1]));
    return descansoMs > 0 ? { emision, descansoMs } : null;
  };
}

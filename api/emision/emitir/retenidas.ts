/** Issuances in process whose step is left in peace by every worker: what is asked of them costs Temporal nothing. */
import { pasoEnCurso, PASOS } from '../../../shared/emision/contrato.ts';
import type { EmisionRegistrada } from '../../../shared/registro/emision/registro.ts';
import type { LecturasDeRegistro } from '../lecturas.ts';
import type { CircuitosEnDescanso } from './circuitos-en-descanso.ts';

/** @returns the codigo's row where an open circuit holds its step back; else null. It is read only where some step rests */
export type LectorDeRetenida = (codigo: string) => Promise<EmisionRegistrada | null>;

export function createLectorDeRetenida(
  registro: Pick<LecturasDeRegistro, 'leer'>,
  circuitos: () => Promise<CircuitosEnDescanso>,
): LectorDeRetenida {
  return async (codigo) => {
    const { descansoMs, esLaSonda } = await circuitos();
    if (!PASOS.some((paso) => descansoMs(paso) > 0) || esLaSonda(codigo)) return null;
    const emision = await registro.leer(codigo);
    if (emision?.estado !== 'EN_PROCESO') return null;
    return descansoMs(pasoEnCurso(emision.pasos[1])) > 0 ? emision : null;
  };
}

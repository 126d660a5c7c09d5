/**
 * The marks of a step: each send of which nobody knows what became, in the order in which they were to leave. Made just
 * before a send, cleared only by what says clearly how it ended. Pure, as decision.ts; envios.ts carries it out.
 */
import type { Paso } from '../../../emision/contrato.ts';
import type { Impedimento } from './decision.ts';

export type Marcas = readonly string[];

/** Which send something is known of. */
export interface Enviado {
  runId: string;
  /** Its mark; null where only its run is known. */
  marca: string | null;
}

/** @param intento of the step, over all its runs, from 1 */
export function marcaDe(runId: string, intento: number): string {
  return `${runId}#${intento}`;
}

/** What the register holds of the PKI's answer to a step: the answer itself, or that there was one. */
export type RespuestaGuardada = 'NINGUNA' | 'GUARDADA' | 'RETIRADA';

export type DecisionDeEnvio =
  | { tipo: 'MARCAR_Y_ENVIAR'; marcas: Marcas }
  /** An earlier attempt has brought the answer: nothing is sent. */
  | { tipo: 'DAR_LA_GUARDADA' }
  | ({ tipo: 'NEGAR' } & Impedimento);

/** Whether an attempt of the row's owner may leave now. */
export function decidirEnvio(
  paso: Paso,
  marca: string,
  marcas: Marcas,
  respuesta: RespuestaGuardada,
  adaptadorIdempotente: boolean,
): DecisionDeEnvio {
  if (respuesta === 'GUARDADA') return { tipo: 'DAR_LA_GUARDADA' };
  if (paso === 2 && !adaptadorIdempotente) {
    if (marcas.length > 0) return { tipo: 'NEGAR', ...PUEDE_ESTAR_HECHO };
    if (respuesta === 'RETIRADA') return { tipo: 'NEGAR', ...RESPUESTA_RETIRADA };
  }
  return { tipo: 'MARCAR_Y_ENVIAR', marcas: [...marcas, marca] };
}

/**
 * The marks that stay once something clear is known of a send. Those behind it stay: they may be worked on later.
 * @param definitivo true: the answer settles this send and all before it under the key. False: this send only.
 */
export function marcasTras(marcas: Marcas, { runId, marca }: Enviado, definitivo: boolean): Marcas {
  const lugar = marca === null ? -1 : marcas.indexOf(marca);
  if (lugar >= 0) return definitivo ? marcas.slice(lugar + 1) : marcas.filter((_, i) => i !== lugar);
  const suyas = (una: string) => una === runId || (marca === null && una.startsWith(`${runId}#`));
  if (definitivo) return marcas.filter((una) => !suyas(una));
  // Of a version that marked by the run alone.
  const ultima = marcas.findLastIndex(suyas);
  return marcas.filter((_, i) => i !== ultima);
}

const PUEDE_ESTAR_HECHO: Impedimento = {
  fallo: 'RESULTADO_INCIERTO',
  motivo:
    'Un envío anterior del paso 2 quedó sin respuesta clara y el adaptador no admite repetirlo; no se envió otra vez.',
};

const RESPUESTA_RETIRADA: Impedimento = {
  fallo: 'SOLICITUD_NO_REEJECUTABLE',
  motivo:
    'La PKI ya respondió al paso 2, el adaptador no admite repetirlo y lo recibido se retiró al vencer su plazo de conservación: sólo una nueva emisión, ordenada por soporte, ejecuta de nuevo esta solicitud.',
};

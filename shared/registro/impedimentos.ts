/** Whether a failed issuance may run again, and why not (docs/rules.md: Uncertain, Resolution, Corrections, New issuance). */
import type { EntradaEmision } from '../emision/contrato.ts';
import type { TipoFallo } from '../emision/fallos.ts';
import { esCorreccionAdmitida } from '../emision/misma-solicitud.ts';
import { estaSinAclarar, type EmisionRegistrada } from './filas.ts';

/** `motivo` tells the caller what to do. */
export interface Impedimento {
  fallo: TipoFallo;
  motivo: string;
}

const CORREGIDA: Impedimento = {
  fallo: 'SOLICITUD_NO_REEJECUTABLE',
  motivo: 'La solicitud fue corregida después de esta orden: revísela y ordene su ejecución de nuevo.',
};

const DE_OTRO_CLIENTE: Impedimento = {
  fallo: 'CODIGO_REUTILIZADO',
  motivo: 'El codigoSolicitudTramite pertenece a una solicitud que envió otro cliente.',
};

/** @returns null where it may run again for this request, else the conflict and its reason */
export function impedimentoParaReabrir(
  emision: EmisionRegistrada,
  entrada: Pick<EntradaEmision, 'solicitud' | 'contexto' | 'huellaSolicitud' | 'reejecucion'>,
  adaptadorIdempotente: boolean,
): Impedimento | null {
  // Whoever may go on with what another sent brings that one's hash. The version before names nobody.
  const { cliente } = entrada.contexto;
  if (cliente !== undefined && emision.cliente !== null && cliente !== emision.cliente)
    return DE_OTRO_CLIENTE;
  const esLaMisma = emision.huellaSolicitud === entrada.huellaSolicitud;
  if (!esLaMisma && entrada.reejecucion) return CORREGIDA;
  if (estaSinAclarar(emision)) return impedimentoPorIncierta(esLaMisma, adaptadorIdempotente);
  return (
    (esLaMisma ? null : impedimentoParaCorregir(emision, entrada)) ??
    (emision.resolucion === 'EMITIDO_DESCARTADO' ? DESCARTADA : null)
  );
}

const DESCARTADA: Impedimento = {
  fallo: 'SOLICITUD_NO_REEJECUTABLE',
  motivo:
    'Soporte descartó lo que la PKI pudo haber emitido: sólo una nueva emisión, ordenada por soporte, ejecuta de nuevo esta solicitud.',
};

function impedimentoPorIncierta(esLaMisma: boolean, adaptadorIdempotente: boolean): Impedimento | null {
  if (!esLaMisma)
    return {
      fallo: 'CODIGO_REUTILIZADO',
      motivo:
        'El resultado de la emisión anterior es incierto: hasta aclararlo sólo se admite la misma solicitud, sin correcciones.',
    };
  if (adaptadorIdempotente) return null;
  return {
    fallo: 'SOLICITUD_NO_REEJECUTABLE',
    motivo:
      'El resultado de la emisión anterior es incierto y el adaptador de la PKI no admite repetirla: soporte debe resolverla.',
  };
}

function impedimentoParaCorregir(
  emision: EmisionRegistrada,
  { solicitud }: Pick<EntradaEmision, 'solicitud'>,
): Impedimento | null {
  if (!emision.peticion) return SIN_CON_QUE_COMPARAR;
  const { envios_sin_aclarar, estado } = emision.pasos[1];
  const paso1SinRastro = estado !== 'COMPLETADO' && envios_sin_aclarar.length === 0;
  if (esCorreccionAdmitida(emision.peticion.solicitud, solicitud, paso1SinRastro)) return null;
  return {
    fallo: 'CODIGO_REUTILIZADO',
    motivo: paso1SinRastro
      ? 'El codigoSolicitudTramite pertenece a una solicitud anterior; tras un fallo sólo pueden corregirse los datos del ciudadano y su documento.'
      : 'El codigoSolicitudTramite pertenece a una solicitud anterior; tras un fallo sólo pueden corregirse los datos del ciudadano.',
  };
}

const SIN_CON_QUE_COMPARAR: Impedimento = {
  fallo: 'CODIGO_REUTILIZADO',
  motivo:
    'El codigoSolicitudTramite pertenece a una solicitud anterior cuyos datos ya se retiraron: sólo se admite la misma, sin correcciones; para corregirla use un código nuevo.',
};

/** Whether a failed issuance may give way to one of the next generation. @returns null where it may */
export function impedimentoParaNuevaEmision(
  emision: EmisionRegistrada,
  { generacion, huellaSolicitud, reejecucion }: EntradaEmision,
): Impedimento | null {
  // Only an order of support raises it. A gap is of a register that was restored: what it skips goes on the to-revoke list.
  if (!reejecucion || generacion <= emision.generacion)
    return {
      fallo: 'TURNO_PERDIDO',
      motivo: 'Esta ejecución es de una emisión que soporte no ha ordenado, o cuya orden ya se perdió.',
    };
  if (huellaSolicitud !== emision.huellaSolicitud) return CORREGIDA;
  if (!estaSinAclarar(emision)) return null;
  return {
    fallo: 'SOLICITUD_NO_REEJECUTABLE',
    motivo:
      'El resultado de la emisión anterior es incierto: soporte debe resolverlo antes de ordenar una nueva emisión.',
  };
}

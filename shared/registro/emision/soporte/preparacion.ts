/** The input with which support has a failed issuance run again. */
import type { EntradaEmision } from '../../../emision/contrato.ts';
import type { OrdenDeReejecucion } from '../../../emision/reejecucion.ts';
import type { Conciliar } from '../conciliacion/conciliacion.ts';
import type { EmisionRegistrada, PeticionGuardada } from '../filas/filas.ts';
import { impedimentoParaOrdenar } from '../turno/decision.ts';
import type { Impedimento } from '../turno/impedimentos.ts';
import { filaDelCodigo, impedimentoPara } from '../turno/pretension.ts';
import { exigirPeticion } from '../turno/turno-negado.ts';

export type ReejecucionPreparada =
  { tipo: 'LISTA'; entrada: EntradaEmision } | ({ tipo: 'IMPEDIDA' } & Impedimento);

/** Reconciles first and writes nothing; whether the run may go on is decided again when it takes its turn. */
export async function prepararReejecucion(
  { conciliar, adaptadorIdempotente }: { conciliar: Conciliar; adaptadorIdempotente: boolean },
  codigo: string,
  orden: OrdenDeReejecucion,
  reejecucionId: string | null,
): Promise<ReejecucionPreparada> {
  const emision = await conciliar(codigo);
  if (!emision)
    return {
      tipo: 'IMPEDIDA',
      fallo: 'SOLICITUD_NO_ENCONTRADA',
      motivo: 'No hay solicitud con ese código: revíselo.',
    };
  const impedimentoDeSuEstado = impedimentoParaOrdenar(filaDelCodigo(emision));
  if (impedimentoDeSuEstado) return { tipo: 'IMPEDIDA', ...impedimentoDeSuEstado };
  const entrada = entradaDe(emision, exigirPeticion(emision), orden, reejecucionId);
  const impedimento = impedimentoPara(emision, entrada, adaptadorIdempotente);
  return impedimento ? { tipo: 'IMPEDIDA', ...impedimento } : { tipo: 'LISTA', entrada };
}

/** The stored request, in the name of who asks for it now. */
function entradaDe(
  emision: EmisionRegistrada,
  { solicitud, contexto }: PeticionGuardada,
  { motivo, nuevaEmision, solicitante }: OrdenDeReejecucion,
  reejecucionId: string | null,
): EntradaEmision {
  const { usuarioEjecutor, ipCliente, correlationId } = solicitante;
  return {
    solicitud,
    contexto: { ...contexto, usuarioEjecutor, ipCliente, correlationId },
    huellaSolicitud: emision.huellaSolicitud,
    huellaCiudadano: emision.huellaCiudadano,
    generacion: emision.generacion + (nuevaEmision ? 1 : 0),
    solicitudPkiId: nuevaEmision ? null : emision.pasos[1].solicitud_pki_id,
    aceptadaEn: emision.aceptadaEn.toISOString(),
    reejecucion: { reejecucionId, motivo, solicitadaPor: usuarioEjecutor },
  };
}

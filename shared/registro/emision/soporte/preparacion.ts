/** The input with which support has a failed issuance run again. */
import type { EntradaEmision } from '../../../emision/contrato.ts';
import type { TipoFallo } from '../../../emision/fallos.ts';
import type { OrdenDeReejecucion } from '../../../emision/reejecucion.ts';
import type { Conciliar } from '../conciliacion/conciliacion.ts';
import type { EmisionRegistrada, PeticionGuardada } from '../filas/filas.ts';
import { impedimentoPara } from '../turno/pretension.ts';

export type ReejecucionPreparada =
  { tipo: 'LISTA'; entrada: EntradaEmision } | { tipo: 'IMPEDIDA'; fallo: TipoFallo; motivo: string };

/** Reconciles first and writes nothing; whether the run may go on is decided again when it takes its turn. */
export async function prepararReejecucion(
  { conciliar, adaptadorIdempotente }: { conciliar: Conciliar; adaptadorIdempotente: boolean },
  codigo: string,
  orden: OrdenDeReejecucion,
  reejecucionId: string | null,
): Promise<ReejecucionPreparada> {
  const emision = await conciliar(codigo);
  switch (emision?.estado) {
    case undefined:
      return impedida('SOLICITUD_NO_ENCONTRADA', 'No hay solicitud con ese código: revíselo.');
    case 'EN_PROCESO':
      return impedida(
        'SOLICITUD_EN_PROCESO',
        'La solicitud está en proceso: espere su resultado; si falla, ordene su ejecución de nuevo.',
      );
    case 'COMPLETADO':
      return impedida(
        'SOLICITUD_NO_REEJECUTABLE',
        'La solicitud está COMPLETADO y no se ejecuta de nuevo: sus certificados se consultan con un GET.',
      );
    case 'FALLIDO': {
      if (!emision.peticion)
        return impedida(
          'SOLICITUD_NO_REEJECUTABLE',
          'Los datos de la solicitud se retiraron al vencer su plazo de conservación y ya no puede ejecutarse desde aquí: quien la envió puede enviarla de nuevo, sin correcciones, o con un código nuevo.',
        );
      const entrada = entradaDe(emision, emision.peticion, orden, reejecucionId);
      const impedimento = impedimentoPara(emision, entrada, adaptadorIdempotente);
      return impedimento ? { tipo: 'IMPEDIDA', ...impedimento } : { tipo: 'LISTA', entrada };
    }
  }
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

function impedida(fallo: TipoFallo, motivo: string): ReejecucionPreparada {
  return { tipo: 'IMPEDIDA', fallo, motivo };
}

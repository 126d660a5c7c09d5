/** Support settles an uncertain outcome without a re-run: the lock is freed, and what may run then follows from it. */
import type { OrdenDeReejecucion } from '../emision/servicio-emision.ts';
import type { Decision } from '../emision/soporte.ts';
import type { Claves } from '../runtime/claves.ts';
import type { BaseDeDatos } from './base-de-datos.ts';
import { anotar } from './bitacora.ts';
import type { Conciliar } from './conciliacion.ts';
import { actualizarPaso, SIN_MARCAS } from './desenlace.ts';
import { estaSinAclarar, leerEmision } from './filas.ts';
import { descartarGeneracion } from './por-revocar.ts';
import { TurnoNegado } from './turno.ts';

export interface Resolucion {
  decision: Decision;
  motivo: string;
  solicitante: OrdenDeReejecucion['solicitante'];
}

/**
 * @returns false where the register does not know the codigo
 * @throws TurnoNegado where it is running, or not uncertain
 */
export async function resolver(
  { db, claves, conciliar }: { db: BaseDeDatos; claves: Claves; conciliar: Conciliar },
  codigo: string,
  { decision, motivo, solicitante }: Resolucion,
): Promise<boolean> {
  if (!(await conciliar(codigo))) return false;
  return db.transaction().execute(async (tx) => {
    const emision = await leerEmision(tx, claves.cifrado, codigo, true);
    if (!emision) return false;
    if (emision.estado === 'EN_PROCESO')
      throw new TurnoNegado(
        'SOLICITUD_EN_PROCESO',
        'La solicitud está en proceso: espere su resultado; si queda incierto, resuélvalo entonces.',
      );
    if (!estaSinAclarar(emision))
      throw new TurnoNegado(
        'SOLICITUD_NO_REEJECUTABLE',
        'El resultado de la solicitud no es incierto: no hay nada que resolver; consulte su estado.',
      );
    if (decision === 'EMITIDO_DESCARTADO')
      await descartarGeneracion(tx, claves, emision, 'EMITIDO_DESCARTADO');
    await actualizarPaso(tx, emision, 2, { envios_sin_aclarar: SIN_MARCAS });
    await tx
      .updateTable('solicitudes')
      .set({ resultado_incierto: false, resolucion: decision })
      .where('codigo', '=', codigo)
      .execute();
    await anotar(tx, claves, {
      ...emision,
      evento: 'RESULTADO_RESUELTO',
      contenido: { decision, correlationId: solicitante.correlationId },
      personal: { solicitadaPor: solicitante.usuarioEjecutor, motivo },
    });
    return true;
  });
}

/** Support settles an uncertain outcome without a re-run: the lock is freed, and what may run then follows from it. */
import type { OrdenDeReejecucion } from '../../../emision/reejecucion.ts';
import type { Decision } from '../../../emision/soporte.ts';
import type { Claves } from '../../../runtime/claves/claves.ts';
import { anotar } from '../filas/anotaciones.ts';
import type { Conciliar } from '../conciliacion/conciliacion.ts';
import { actualizarSolicitud, escribirMarcas } from '../filas/escritura.ts';
import { estaSinAclarar, leerEmision } from '../filas/filas.ts';
import { descartarGeneracion } from '../filas/por-revocar.ts';
import { TurnoNegado } from '../turno/turno-negado.ts';
import type { Db } from '../filas/esquema.ts';

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
  { db, claves, conciliar }: { db: Db; claves: Claves; conciliar: Conciliar },
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
    await escribirMarcas(tx, emision, 2, []);
    await actualizarSolicitud(tx, codigo, { resolucion: decision });
    await anotar(tx, claves, {
      ...emision,
      evento: 'RESULTADO_RESUELTO',
      contenido: { decision, correlationId: solicitante.correlationId },
      personal: { solicitadaPor: solicitante.usuarioEjecutor, motivo },
    });
    return true;
  });
}

/** GET ~/solicitudes/{codigoSolicitudTramite}: how the issuance of one codigo stands. */
import type { Request, Response } from 'express';
import type { EstadoEmision } from '../../shared/emision/emision.ts';
import type { ServicioEmision } from '../../shared/emision/servicio-emision.ts';
import { codigoSolicitudTramite } from '../../shared/emision/solicitud.ts';
import { exigirSinFaltas, FalloHttp } from '../http/fallo-http.ts';
import { responder } from '../http/peticion.ts';
import { CONSULTADO } from '../http/sobre.ts';
import { datosDe, errorDeEmision } from './datos-emision.ts';

const MENSAJES: Record<EstadoEmision, string> = {
  EN_PROCESO: 'La solicitud está en proceso',
  COMPLETADO: 'Los certificados están emitidos',
  FALLIDO: 'La emisión falló',
};

export function consultarSolicitud(servicio: ServicioEmision) {
  return async (req: Request, res: Response): Promise<void> => {
    const codigo = leerCodigo(req);
    const vista = await servicio.consultar(codigo);
    if (vista === null) throw new FalloHttp('SOLICITUD_NO_ENCONTRADA');
    const error = errorDeEmision(vista);
    responder(res, CONSULTADO, {
      // The reading worked, whatever it tells of the issuance.
      success: true,
      message: MENSAJES[vista.estado],
      data: datosDe(vista),
      ...(error && { error }),
    });
  };
}

/** The path's segment, already percent-decoded. A codigo that no request may have is told so, not sought. */
function leerCodigo(req: Request): string {
  const lectura = codigoSolicitudTramite.safeParse(req.params.codigoSolicitudTramite);
  exigirSinFaltas(lectura.error?.issues.map(({ message }) => `codigoSolicitudTramite: ${message}`) ?? []);
  return lectura.data ?? '';
}

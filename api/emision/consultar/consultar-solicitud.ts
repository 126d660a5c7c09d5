/** GET ~/solicitudes/{codigoSolicitudTramite}: how the issuance of one codigo stands. */
import { FALLOS } from '../../../shared/emision/fallos.ts';
import type { Request, Response } from 'express';
import type { EstadoEmision } from '../../../shared/emision/emision.ts';
import type { ServicioEmision, VistaEmision } from '../servicio-emision.ts';
import type { Huella } from '../../../shared/runtime/claves/cifrado.ts';
import { exigirSinFaltas, FalloHttp } from '../../http/peticion/fallo-http.ts';
import { peticionDe, responder } from '../../http/peticion/peticion.ts';
import { EXITOS } from '../../../shared/nucleo/fallos.ts';
import type { Identidad } from '../../http/acceso/token.ts';
import { clienteLegible } from '../../http/acceso/clientes.ts';
import { anotarCodigo } from '../codigo-en-curso.ts';
import { leerCodigo } from './codigo-en-path.ts';
import { consultarDeNuevoEnS, datosDeEmision, errorDeEmision } from './datos-emision.ts';

const MENSAJES: Record<EstadoEmision, string> = {
  EN_PROCESO: 'La solicitud está en proceso',
  COMPLETADO: 'Los certificados están emitidos',
  FALLIDO: 'La emisión falló',
};

export function consultarSolicitud({ servicio, huella }: { servicio: ServicioEmision; huella: Huella }) {
  return async (req: Request, res: Response, quien: Identidad): Promise<void> => {
    const faltas: string[] = [];
    const codigo = leerCodigo(req, faltas);
    exigirSinFaltas(faltas);
    const vista = await servicio.consultar(codigo, clienteLegible(huella, quien, 'certificados:consultar'));
    if (vista === null) throw new FalloHttp(FALLOS.SOLICITUD_NO_ENCONTRADA);
    anotarCodigo(codigo);
    responderVista(res, vista, MENSAJES[vista.estado]);
  };
}

/** What was asked worked, whatever the issuance came to: `error` tells of that. */
export function responderVista(res: Response, vista: VistaEmision, message: string): void {
  const error = errorDeEmision(vista);
  responder(
    res,
    EXITOS.CONSULTADO,
    { success: true, message, data: datosDeEmision(vista), ...(error && { error }) },
    vista.estado === 'EN_PROCESO'
      ? { 'Retry-After': String(consultarDeNuevoEnS(vista.pendiente, peticionDe(res).reloj())) }
      : {},
  );
}

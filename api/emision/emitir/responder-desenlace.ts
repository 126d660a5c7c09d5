/** How long a client wants to wait for an issuance, and what it is answered when the wait is over. */
import type { Request, Response } from 'express';
import { FALLOS } from '../../../shared/emision/fallos.ts';
import { EXITOS } from '../../../shared/nucleo/fallos.ts';
import { CONSULTAR_DE_NUEVO_S } from '../../../shared/nucleo/plazos.ts';
import type { Desenlace, Espera, VistaEmision } from '../servicio-emision.ts';
import { FalloHttp } from '../../http/peticion/fallo-http.ts';
import { responder } from '../../http/peticion/peticion.ts';
import { leerPreferencias } from '../../http/peticion/preferencias.ts';
import { pathDeSolicitud } from '../enlaces.ts';
import { avisosDeEmision, datosDeEmision } from '../consultar/datos-emision.ts';

/** RFC 7240, section 3. */
const APLICADA = 'Preference-Applied';

/** What an issuance that went well answers. */
export const EXITOS_DE_EMISION = {
  YA_EMITIDO: EXITOS.CONSULTADO,
  EMITIDO: EXITOS.INICIADO,
  ACEPTADA: EXITOS.ACEPTADO,
} as const;

const MENSAJES = {
  EMITIDO: 'Certificados emitidos exitosamente',
  YA_EMITIDO: 'Certificados obtenidos exitosamente: ya estaban emitidos',
  ACEPTADA: 'Solicitud aceptada: la emisión está en proceso',
} as const;

/** What the client prefers (RFC 7240), and a signal that it hung up. Called once the request has no fault. */
export function leerEspera(req: Request, res: Response): Espera {
  const { asincrona, esperaS } = leerPreferencias(req);
  // An upper bound: an answer that comes sooner honours it too.
  if (esperaS !== null) res.append(APLICADA, `wait=${esperaS}`);
  return {
    maximoMs: esperaS === null ? (asincrona ? 0 : null) : esperaS * 1000,
    asincrona,
    abandono: senalDeAbandono(res),
  };
}

export function responderDesenlace(res: Response, desenlace: Desenlace): void {
  switch (desenlace.tipo) {
    case 'EMITIDO':
    case 'YA_EMITIDO':
      responder(res, EXITOS_DE_EMISION[desenlace.tipo], {
        success: true,
        message: MENSAJES[desenlace.tipo],
        data: datosDeEmision(desenlace.vista),
      });
      return;
    case 'ACEPTADA': {
      const { vista, reintentarEnS } = desenlace;
      res.append(APLICADA, 'respond-async');
      responder(
        res,
        EXITOS_DE_EMISION.ACEPTADA,
        { success: true, message: MENSAJES.ACEPTADA, data: datosDeEmision(vista) },
        cabecerasDeEspera(vista, reintentarEnS),
      );
      return;
    }
    case 'FALLO': {
      const { fallo, detalles, vista, reintentarEnS } = desenlace;
      throw new FalloHttp(FALLOS[fallo], [...new Set([...detalles, ...avisosDeEmision(vista)])], {
        data: vista && datosDeEmision(vista),
        cabeceras: cabecerasDeEspera(vista, reintentarEnS),
      });
    }
  }
}

/** Where and when to ask again, while the work goes on. */
function cabecerasDeEspera(
  vista: VistaEmision | null,
  reintentarEnS: number | undefined,
): Record<string, string> {
  const sigue = vista?.estado === 'EN_PROCESO' ? vista : null;
  const segundos = reintentarEnS ?? (sigue && CONSULTAR_DE_NUEVO_S);
  return {
    ...(sigue && { Location: pathDeSolicitud(sigue.codigoSolicitudTramite) }),
    ...(segundos !== null && { 'Retry-After': String(Math.max(1, Math.ceil(segundos))) }),
  };
}

function senalDeAbandono(res: Response): AbortSignal {
  const abandono = new AbortController();
  const colgar = () => {
    if (!res.writableFinished) abandono.abort();
  };
  if (res.closed) colgar();
  else res.once('close', colgar);
  return abandono.signal;
}

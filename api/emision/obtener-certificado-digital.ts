/** POST ~/obtener-certificado-digital: issues the certificates of a citizen, or tells how their issuance stands. */
import type { Request, Response } from 'express';
import type { ContextoDePeticion } from '../../shared/emision/contrato.ts';
import { EXITOS } from '../../shared/emision/fallos.ts';
import {
  diaEnPeru,
  reglasIncumplidas,
  type DocumentosAdmitidos,
} from '../../shared/emision/reglas-emision.ts';
import type { Desenlace, ServicioEmision, VistaEmision } from '../../shared/emision/servicio-emision.ts';
import { leerSolicitud, type SolicitudCertificado } from '../../shared/emision/solicitud.ts';
import { leerCabeceras } from '../http/cabeceras.ts';
import { leerCuerpoJson } from '../http/cuerpo.ts';
import { exigirSinFaltas, FalloHttp } from '../http/fallo-http.ts';
import { peticionDe, responder } from '../http/peticion.ts';
import type { Identidad } from '../http/token.ts';
import { pathDeSolicitud } from './base.ts';
import { avisosDe, datosDe } from './datos-emision.ts';

export interface EmisionDeps {
  servicio: ServicioEmision;
  documentosAdmitidos: DocumentosAdmitidos;
  reloj: () => Date;
}

const MENSAJES = {
  EMITIDO: 'Certificados emitidos exitosamente',
  YA_EMITIDO: 'Certificados obtenidos exitosamente: ya estaban emitidos',
} as const;

/** Most issuances end within seconds of the answer that left them running. */
const CONSULTAR_EN_S = 5;

export function obtenerCertificadoDigital({ servicio, documentosAdmitidos, reloj }: EmisionDeps) {
  return async (req: Request, res: Response, quien: Identidad): Promise<void> => {
    const hoy = diaEnPeru(reloj());
    const { solicitud, contexto } = await leerPeticion(req, res, quien, hoy);
    exigirReglas(solicitud, hoy, documentosAdmitidos);
    responderDesenlace(res, await servicio.emitir(solicitud, contexto));
  };
}

/** Headers and body, with every fault of both in one answer. */
async function leerPeticion(
  req: Request,
  res: Response,
  { sujeto }: Identidad,
  hoy: string,
): Promise<{ solicitud: SolicitudCertificado; contexto: ContextoDePeticion }> {
  const faltas: string[] = [];
  const { correlationId, requestId, oficina, dispositivo, canal } = leerCabeceras(req, faltas);
  const cuerpo = await leerCuerpoJson(req, faltas);
  const lectura = cuerpo === undefined ? null : leerSolicitud(cuerpo, hoy);
  if (lectura?.valida === false) faltas.push(...lectura.faltas);
  exigirSinFaltas(faltas);
  if (!lectura?.valida) throw new Error('a body without faults was not read');
  const { solicitud } = lectura;
  return {
    solicitud,
    contexto: {
      usuarioEjecutor: sujeto,
      oficinaEjecucion: oficina,
      ipCliente: solicitud.metadatos.ipOrigen ?? peticionDe(res).ip,
      dispositivo,
      canal,
      correlationId,
      requestId,
    },
  };
}

function exigirReglas(solicitud: SolicitudCertificado, hoy: string, admitidos: DocumentosAdmitidos): void {
  const incumplidas = reglasIncumplidas(solicitud, hoy, admitidos);
  if (incumplidas.length === 0) return;
  throw new FalloHttp(
    'CIUDADANO_NO_CUMPLE_REQUISITOS',
    incumplidas.map(({ detalle }) => detalle),
  );
}

function responderDesenlace(res: Response, desenlace: Desenlace): void {
  switch (desenlace.tipo) {
    case 'EMITIDO':
    case 'YA_EMITIDO':
      responder(res, EXITOS[desenlace.tipo], {
        success: true,
        message: MENSAJES[desenlace.tipo],
        data: datosDe(desenlace.vista),
      });
      return;
    case 'FALLO': {
      const { fallo, detalles, vista, reintentarEnS } = desenlace;
      throw new FalloHttp(fallo, [...detalles, ...avisosDe(vista)], {
        data: vista && datosDe(vista),
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
  const segundos = reintentarEnS ?? (sigue && CONSULTAR_EN_S);
  return {
    ...(sigue && { Location: pathDeSolicitud(sigue.codigoSolicitudTramite) }),
    ...(segundos !== null && { 'Retry-After': String(Math.max(1, Math.ceil(segundos))) }),
  };
}

/** POST ~/obtener-certificado-digital: issues the certificates of a citizen, or tells how their issuance stands. */
import { FALLOS } from '../../../shared/emision/fallos.ts';
import type { Request, Response } from 'express';
import type { ContextoDePeticion } from '../../../shared/emision/contrato.ts';
import { diaEnPeru, reglasIncumplidas, type ReglasEnVigor } from '../../../shared/emision/reglas-emision.ts';
import type { ServicioEmision } from '../servicio-emision.ts';
import { leerSolicitud, type SolicitudCertificado } from '../../../shared/emision/solicitud.ts';
import type { Huella } from '../../../shared/runtime/claves/cifrado.ts';
import { leerCabeceras } from './cabeceras-de-emision.ts';
import { leerCuerpoJson } from '../../http/peticion/cuerpo.ts';
import { exigirSinFaltas, FalloHttp } from '../../http/peticion/fallo-http.ts';
import { anotarCodigo } from '../codigo-en-curso.ts';
import { peticionDe } from '../../http/peticion/peticion.ts';
import type { Acceso } from '../../http/peticion/ruta.ts';
import type { Identidad } from '../../http/acceso/token.ts';
import { clienteDe, clienteLegible } from '../../http/acceso/clientes.ts';
import { leerEspera, responderDesenlace } from './responder-desenlace.ts';

export interface DependenciasDeObtencion {
  servicio: ServicioEmision;
  huella: Huella;
  acceso: Pick<Acceso, 'limitarPeticion'>;
  reglas: ReglasEnVigor;
  reloj: () => Date;
}

export function obtenerCertificadoDigital({
  servicio,
  huella,
  acceso,
  reglas,
  reloj,
}: DependenciasDeObtencion) {
  return async (req: Request, res: Response, quien: Identidad): Promise<void> => {
    const aceptada = reloj();
    const leida = await leerPeticion(req, res, quien, diaEnPeru(aceptada));
    const { solicitud } = leida;
    const contexto = { ...leida.contexto, cliente: clienteDe(huella, quien) };
    // Only once the request is known to have no fault: a faulty one uses up nothing of its office's limit.
    await acceso.limitarPeticion(res, quien, contexto.oficinaEjecucion);
    const incumplidas = reglasIncumplidas(solicitud, aceptada, reglas);
    if (incumplidas.length > 0 && !(await servicio.esRepeticion(solicitud)))
      throw new FalloHttp(FALLOS.CIUDADANO_NO_CUMPLE_REQUISITOS, incumplidas);
    const lector = clienteLegible(huella, quien, 'certificados:consultar');
    responderDesenlace(res, await servicio.emitir(solicitud, contexto, leerEspera(req, res), lector));
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
  const solicitud = lectura.valor;
  anotarCodigo(solicitud.solicitud.codigoSolicitudTramite);
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

/** POST ~/solicitudes/{codigoSolicitudTramite}/resolucion: support settles an uncertain outcome without a re-run. */
import { FALLOS } from '../../../shared/emision/fallos.ts';
import type { Request, Response } from 'express';
import { z } from 'zod';
import type { ServicioEmision } from '../servicio-emision.ts';
import { TurnoNegado } from '../../../shared/registro/emision/registro.ts';
import type { RegistroDeSoporte } from '../../../shared/registro/emision/registro-de-soporte.ts';
import { leerCuerpo } from '../../http/peticion/cuerpo.ts';
import { FalloHttp } from '../../http/peticion/fallo-http.ts';
import { respuestasDeFallos } from '../../http/documento/operacion-documentada.ts';
import type { Ruta } from '../../http/peticion/ruta.ts';
import { EXITOS } from '../../../shared/nucleo/fallos.ts';
import type { Identidad } from '../../http/acceso/token.ts';
import { PREFIJO } from '../../prefijo.ts';
import { anotarCodigo } from '../codigo-en-curso.ts';
import { CODIGO_EN_PATH, leerCodigo } from '../consultar/codigo-en-path.ts';
import { responderVista } from '../consultar/consultar-solicitud.ts';
import { datosDeEmision } from '../consultar/datos-emision.ts';
import { CORRELACION, respuestaDeExito, FALLOS_COMUNES } from '../../http/documento/respuestas-comunes.ts';
import { ETIQUETA_DE_SOPORTE, ejemploDeSobreFallido, RESPUESTA_EMISION } from '../documentacion.ts';
import { decision } from '../campos.ts';
import { motivo, solicitanteDe } from './orden.ts';

interface Deps {
  servicio: ServicioEmision;
  soporte: Pick<RegistroDeSoporte, 'resolver'>;
}

const RESUELTA = 'El resultado incierto quedó resuelto';

const esquema = z.strictObject({ motivo, decision });

function resolverSolicitud({ servicio, soporte }: Deps) {
  return async (req: Request, res: Response, quien: Identidad): Promise<void> => {
    const faltas: string[] = [];
    const codigo = leerCodigo(req, faltas);
    const orden = await leerCuerpo(req, esquema, faltas);
    const resolver = soporte.resolver(codigo, { ...orden, solicitante: solicitanteDe(res, quien) });
    const esConocida = await resolver.catch(async (error: unknown) => {
      if (!(error instanceof TurnoNegado)) throw error;
      const vista = await servicio.consultar(codigo);
      if (vista) anotarCodigo(codigo);
      throw new FalloHttp(FALLOS[error.fallo], [error.message], { data: vista && datosDeEmision(vista) });
    });
    const vista = esConocida ? await servicio.consultar(codigo) : null;
    if (vista === null) throw new FalloHttp(FALLOS.SOLICITUD_NO_ENCONTRADA);
    anotarCodigo(codigo);
    responderVista(res, vista, RESUELTA);
  };
}

export function rutaDeResolverSolicitud(deps: Deps): Ruta {
  return {
    metodo: 'POST',
    path: `${PREFIJO}/solicitudes/{codigoSolicitudTramite}/resolucion`,
    permiso: 'certificados:reejecutar',
    atender: resolverSolicitud(deps),
    documento: {
      operationId: 'resolverSolicitud',
      resumen: 'Resuelve un resultado incierto sin ejecutar de nuevo',
      descripcion:
        'Lo que soporte averiguó en la PKI. La solicitud sigue FALLIDO, deja de ser incierta, y su ciudadano queda libre.',
      etiqueta: ETIQUETA_DE_SOPORTE,
      parametros: [CODIGO_EN_PATH, CORRELACION],
      cuerpo: {
        nombre: 'Resolucion',
        esquema,
        ejemplo: { motivo: 'La PKI confirma que no emitió', decision: 'NO_EMITIDO' },
      },
      respuestas: [
        respuestaDeExito(EXITOS.CONSULTADO, 'Resuelta', RESPUESTA_EMISION, {
          RESUELTA: ejemploDeSobreFallido(RESUELTA),
        }),
        ...respuestasDeFallos(
          [
            ...FALLOS_COMUNES,
            FALLOS.SOLICITUD_NO_ENCONTRADA,
            FALLOS.SOLICITUD_EN_PROCESO,
            FALLOS.SOLICITUD_NO_REEJECUTABLE,
          ],
          RESPUESTA_EMISION,
        ),
      ],
    },
  };
}

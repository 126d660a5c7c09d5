/** POST ~/solicitudes/{codigoSolicitudTramite}/reejecuciones: runs one failed issuance again, and waits for it. */
import type { Request, Response } from 'express';
import { z } from 'zod';
import { FALLOS } from '../../../shared/emision/fallos.ts';
import type { ServicioEmision } from '../servicio-emision.ts';
import { leerCuerpo } from '../../http/peticion/cuerpo.ts';
import { FalloHttp } from '../../http/peticion/fallo-http.ts';
import type { Ruta } from '../../http/peticion/ruta.ts';
import { exigirPermiso, type Identidad } from '../../http/acceso/token.ts';
import { PREFIJO } from '../../prefijo.ts';
import { anotarCodigo } from '../codigo-en-curso.ts';
import { CODIGO_EN_PATH, leerCodigo } from '../consultar/codigo-en-path.ts';
import { CORRELACION } from '../../http/documento/respuestas-comunes.ts';
import { ETIQUETA_DE_SOPORTE, FALLOS_DE_EJECUCION, PREFER, respuestasDeEjecucion } from '../documentacion.ts';
import { leerEspera, responderDesenlace } from '../emitir/responder-desenlace.ts';
import { motivo, solicitanteDe } from './orden.ts';

const esquema = z.strictObject({
  motivo,
  nuevaEmision: z
    .boolean()
    .exactOptional()
    .meta({
      description:
        'true descarta lo que la PKI pudo haber emitido y empieza de nuevo, con otras claves; lo descartado pasa a la lista ' +
        'por revocar. Pide además el permiso `certificados:nueva-emision`',
    }),
});

function reejecutarSolicitud(servicio: ServicioEmision) {
  return async (req: Request, res: Response, quien: Identidad): Promise<void> => {
    const faltas: string[] = [];
    const codigo = leerCodigo(req, faltas);
    const { motivo, nuevaEmision = false } = await leerCuerpo(req, esquema, faltas);
    if (nuevaEmision) exigirPermiso(quien, 'certificados:nueva-emision');
    const orden = { motivo, nuevaEmision, solicitante: solicitanteDe(res, quien) };
    const desenlace = await servicio.reejecutar(codigo, orden, leerEspera(req, res));
    if (desenlace === null) throw new FalloHttp(FALLOS.SOLICITUD_NO_ENCONTRADA);
    anotarCodigo(codigo);
    responderDesenlace(res, desenlace);
  };
}

export function rutaDeReejecutarSolicitud(servicio: ServicioEmision): Ruta {
  return {
    metodo: 'POST',
    path: `${PREFIJO}/solicitudes/{codigoSolicitudTramite}/reejecuciones`,
    permiso: 'certificados:reejecutar',
    atender: reejecutarSolicitud(servicio),
    documento: {
      operationId: 'reejecutarSolicitud',
      resumen: 'Ejecuta de nuevo una solicitud FALLIDO',
      descripcion:
        'Con los datos guardados de la solicitud y las mismas claves ante la PKI: nunca emite dos veces. Espera y responde como ' +
        'la emisión. Un resultado incierto se ejecuta de nuevo sólo si el adaptador de la PKI repite sus respuestas.',
      etiqueta: ETIQUETA_DE_SOPORTE,
      parametros: [CODIGO_EN_PATH, CORRELACION, PREFER],
      cuerpo: { nombre: 'OrdenDeReejecucion', esquema, ejemplo: { motivo: 'La PKI ya responde' } },
      respuestas: respuestasDeEjecucion(FALLOS_DE_EJECUCION),
    },
  };
}

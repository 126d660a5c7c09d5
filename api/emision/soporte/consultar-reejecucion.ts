/** GET ~/reejecuciones/{reejecucionId}: how far a bulk re-run is. */
import type { Request, Response } from 'express';
import { z } from 'zod';
import { esUuid } from '../../http/cabeceras.ts';
import { exigirSinFaltas, FalloHttp } from '../../http/fallo-http.ts';
import { respuestasDeFallos } from '../../http/operacion-documentada.ts';
import { responder } from '../../http/peticion.ts';
import type { Ruta } from '../../http/ruta.ts';
import { CONSULTADO } from '../../http/sobre.ts';
import { BASE } from '../../base.ts';
import { CORRELACION, exito, FALLOS_COMUNES } from '../../http/respuestas-comunes.ts';
import { datosDeAvance, RESPUESTA_DE_AVANCE } from './avance.ts';
import { EJEMPLO_DE_AVANCE } from './ejemplos.ts';
import type { Reejecuciones } from './reejecuciones.ts';

const MENSAJES = {
  EN_PROCESO: 'La reejecución está en proceso',
  TERMINADA: 'La reejecución terminó',
} as const;

function consultarReejecucion(reejecuciones: Reejecuciones) {
  return async (req: Request, res: Response): Promise<void> => {
    const reejecucionId = String(req.params.reejecucionId).toLowerCase();
    exigirSinFaltas(esUuid(reejecucionId) ? [] : ['reejecucionId: debe ser un UUID']);
    const avance = await reejecuciones.consultar(reejecucionId);
    if (avance === null)
      throw new FalloHttp('SOLICITUD_NO_ENCONTRADA', [
        'reejecucionId: no hay reejecución con ese identificador',
      ]);
    responder(res, CONSULTADO, {
      success: true,
      message: MENSAJES[avance.estado],
      data: datosDeAvance(avance),
    });
  };
}

export function rutaDeConsultarReejecucion(reejecuciones: Reejecuciones): Ruta {
  return {
    metodo: 'GET',
    path: `${BASE}/reejecuciones/{reejecucionId}`,
    permiso: 'certificados:consultar',
    atender: consultarReejecucion(reejecuciones),
    documento: {
      operationId: 'consultarReejecucion',
      resumen: 'Dice cómo va una reejecución masiva',
      descripcion: 'TERMINADA no dice que todas se emitieran: cada línea dice cómo quedó la suya.',
      etiqueta: 'Soporte',
      parametros: [
        {
          nombre: 'reejecucionId',
          en: 'path',
          descripcion: 'El que la orden respondió',
          esquema: z.guid(),
          ejemplo: EJEMPLO_DE_AVANCE.reejecucionId,
        },
        CORRELACION,
      ],
      respuestas: [
        exito(CONSULTADO, 'La reejecución existe', RESPUESTA_DE_AVANCE, {
          EN_PROCESO: { message: MENSAJES.EN_PROCESO, data: datosDeAvance(EJEMPLO_DE_AVANCE) },
        }),
        ...respuestasDeFallos([...FALLOS_COMUNES, 'SOLICITUD_NO_ENCONTRADA'], RESPUESTA_DE_AVANCE),
      ],
    },
  };
}

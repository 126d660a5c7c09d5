/** GET ~/reejecuciones/{reejecucionId}: how far a bulk re-run is. */
import type { Request, Response } from 'express';
import { z } from 'zod';
import { esUuid } from '../../../shared/nucleo/uuid.ts';
import { exigirSinFaltas, FalloHttp } from '../../http/peticion/fallo-http.ts';
import { respuestasDeFallos } from '../../http/documento/operacion-documentada.ts';
import { responder } from '../../http/peticion/peticion.ts';
import type { Ruta } from '../../http/peticion/ruta.ts';
import { EXITOS } from '../../../shared/nucleo/fallos.ts';
import { PREFIJO } from '../../prefijo.ts';
import { ETIQUETA_DE_SOPORTE } from '../documentacion.ts';
import { FALLOS } from '../../../shared/emision/fallos.ts';
import type { AvanceDeReejecucion } from '../../../shared/emision/soporte.ts';
import type { RegistroDeSoporte } from '../../../shared/registro/emision/registro-de-soporte.ts';
import type { Huella } from '../../../shared/runtime/claves/cifrado.ts';
import type { Identidad } from '../../http/acceso/token.ts';
import { clienteLegible } from '../../http/acceso/clientes.ts';
import {
  CORRELACION,
  respuestaDeExito,
  FALLOS_COMUNES,
  soloLasPropias,
} from '../../http/documento/respuestas-comunes.ts';
import { datosDeAvance, RESPUESTA_DE_AVANCE } from './avance.ts';
import { EJEMPLO_DE_AVANCE } from './ejemplos.ts';
import type { Reejecuciones } from './reejecuciones.ts';

const NO_HAY = {
  ...FALLOS.SOLICITUD_NO_ENCONTRADA,
  titulo: 'No hay reejecución con ese identificador',
};

const MENSAJES = {
  EN_PROCESO: 'La reejecución está en proceso',
  TERMINADA: 'La reejecución terminó',
} as const;

interface Deps {
  reejecuciones: Reejecuciones;
  soporte: Pick<RegistroDeSoporte, 'enviadasPor'>;
  huella: Huella;
}

function consultarReejecucion({ reejecuciones, soporte, huella }: Deps) {
  return async (req: Request, res: Response, quien: Identidad): Promise<void> => {
    const reejecucionId = String(req.params.reejecucionId).toLowerCase();
    exigirSinFaltas(esUuid(reejecucionId) ? [] : ['reejecucionId: debe ser un UUID']);
    const cliente = clienteLegible(huella, quien, 'certificados:consultar');
    const avance = await legible(await reejecuciones.consultar(reejecucionId), cliente);
    if (avance === null)
      throw new FalloHttp(NO_HAY, ['reejecucionId: no hay reejecución con ese identificador']);
    responder(res, EXITOS.CONSULTADO, {
      success: true,
      message: MENSAJES[avance.estado],
      data: datosDeAvance(avance, cliente),
    });
  };

  /** The part of it that the client may read; null where there is none. */
  async function legible(
    avance: AvanceDeReejecucion | null,
    cliente: string | undefined,
  ): Promise<AvanceDeReejecucion | null> {
    if (avance === null || cliente === undefined) return avance;
    const codigos = avance.solicitudes.map(({ codigoSolicitudTramite }) => codigoSolicitudTramite);
    const suyas = await soporte.enviadasPor(cliente, codigos);
    const solicitudes = avance.solicitudes.filter(({ codigoSolicitudTramite }) =>
      suyas.has(codigoSolicitudTramite),
    );
    return solicitudes.length > 0 ? { ...avance, solicitudes } : null;
  }
}

export function rutaDeConsultarReejecucion(deps: Deps): Ruta {
  return {
    metodo: 'GET',
    path: `${PREFIJO}/reejecuciones/{reejecucionId}`,
    permiso: 'certificados:consultar',
    atender: consultarReejecucion(deps),
    documento: {
      operationId: 'consultarReejecucion',
      resumen: 'Dice cómo va una reejecución masiva',
      descripcion:
        'TERMINADA no dice que todas se emitieran: cada línea dice cómo quedó la suya. ' +
        soloLasPropias('certificados:consultar'),
      etiqueta: ETIQUETA_DE_SOPORTE,
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
        respuestaDeExito(EXITOS.CONSULTADO, 'La reejecución existe', RESPUESTA_DE_AVANCE, {
          EN_PROCESO: { message: MENSAJES.EN_PROCESO, data: datosDeAvance(EJEMPLO_DE_AVANCE) },
        }),
        ...respuestasDeFallos([...FALLOS_COMUNES, NO_HAY], RESPUESTA_DE_AVANCE),
      ],
    },
  };
}

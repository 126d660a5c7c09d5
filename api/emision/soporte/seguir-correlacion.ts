/** GET ~/seguimiento/{correlationId}: what became of a request, and of all that was asked since for the same codigos. */
import type { Request, Response } from 'express';
import { z } from 'zod';
import { HECHOS_POR_SOLICITUD_MAX, SOLICITUDES_SEGUIDAS_MAX } from '../../../shared/emision/plazos.ts';
import { EVENTOS, type SolicitudSeguida } from '../../../shared/emision/soporte.ts';
import { EXITOS } from '../../../shared/nucleo/fallos.ts';
import { esUuid } from '../../../shared/nucleo/uuid.ts';
import type { RegistroDeSoporte } from '../../../shared/registro/emision/registro-de-soporte.ts';
import type { Huella } from '../../../shared/runtime/claves/cifrado.ts';
import { alcance, alcanceDe, clienteLegible } from '../../http/acceso/clientes.ts';
import type { Identidad } from '../../http/acceso/token.ts';
import { respuestasDeFallos } from '../../http/documento/operacion-documentada.ts';
import {
  CORRELACION,
  FALLOS_COMUNES,
  respuestaDeExito,
  soloLasPropias,
} from '../../http/documento/respuestas-comunes.ts';
import { exigirSinFaltas } from '../../http/peticion/fallo-http.ts';
import { responder } from '../../http/peticion/peticion.ts';
import type { Ruta } from '../../http/peticion/ruta.ts';
import { esquemaSobre, fechaHoraDeRespuesta } from '../../http/peticion/sobre.ts';
import { PREFIJO } from '../../prefijo.ts';
import { ETIQUETA_DE_SOPORTE } from '../documentacion.ts';
import { EJEMPLO_DE_RESUMEN } from './ejemplos.ts';
import { camposDeFallo, esquemaDeResumen, falloEnLinea, resumenDe } from './resumen.ts';

interface Deps {
  soporte: Pick<RegistroDeSoporte, 'seguir'>;
  huella: Huella;
}

const SEGUIDAS = 'Solicitudes de esta correlación';

const esquemaDeHecho = z
  .object({
    momento: fechaHoraDeRespuesta.meta({ description: 'Cuándo quedó en la bitácora' }),
    evento: z.enum(EVENTOS).meta({ id: 'Evento', description: 'Qué ocurrió, como lo nombra la bitácora' }),
    generacion: z.int().meta({ description: 'Sube con cada nueva emisión que soporte ordena' }),
    runId: z.string().meta({ description: 'La ejecución de Temporal en que ocurrió' }),
    correlationId: z
      .guid()
      .nullable()
      .meta({ description: 'X-Correlation-ID de la petición que lo ordenó; null si ninguna lo ordenó' }),
    ...camposDeFallo,
  })
  .meta({ id: 'Hecho', description: 'Una entrada de la bitácora, sin datos personales' });

const RESPUESTA = {
  nombre: 'RespuestaSeguimiento',
  esquema: esquemaSobre(
    z
      .object({
        alcance,
        solicitudes: z
          .array(
            z
              .object({
                solicitud: esquemaDeResumen,
                hechos: z
                  .array(esquemaDeHecho)
                  .meta({ description: 'Del más antiguo al más reciente, de todas sus ejecuciones' }),
              })
              .meta({ id: 'SolicitudSeguida', description: 'Una emisión y lo que consta de ella' }),
          )
          .meta({ description: 'De la más reciente a la más antigua' }),
        hayMas: z.boolean().meta({ description: `Son más de ${SOLICITUDES_SEGUIDAS_MAX}` }),
      })
      .meta({ id: 'Seguimiento', description: 'null si la petición falló' }),
  ),
};

function seguirCorrelacion({ soporte, huella }: Deps) {
  return async (req: Request, res: Response, quien: Identidad): Promise<void> => {
    const correlationId = String(req.params.correlationId);
    exigirSinFaltas(esUuid(correlationId) ? [] : ['correlationId: debe ser un UUID']);
    const cliente = clienteLegible(huella, quien, 'certificados:consultar');
    const limite = { solicitudes: SOLICITUDES_SEGUIDAS_MAX, hechos: HECHOS_POR_SOLICITUD_MAX };
    const { solicitudes, hayMas } = await soporte.seguir(correlationId, limite, cliente);
    responder(res, EXITOS.CONSULTADO, {
      success: true,
      message: SEGUIDAS,
      data: { alcance: alcanceDe(cliente), solicitudes: solicitudes.map(seguidaDe), hayMas },
    });
  };
}

function seguidaDe({ resumen, hechos }: SolicitudSeguida) {
  return {
    solicitud: resumenDe(resumen),
    hechos: hechos.map(({ fallo, ...hecho }) => ({ ...hecho, ...falloEnLinea(fallo) })),
  };
}

const EJEMPLO: SolicitudSeguida = {
  resumen: EJEMPLO_DE_RESUMEN,
  hechos: [
    {
      momento: '2026-11-22T10:00:00Z',
      evento: 'SOLICITUD_ACEPTADA',
      generacion: 1,
      runId: '0193529b-3c1e-7d0a-9a57-5d0c5f0a7b11',
      correlationId: '5f0c8b1e-8d0f-4e55-9a3c-2d8a1f3f7c10',
      fallo: null,
    },
  ],
};

export function rutaDeSeguirCorrelacion(deps: Deps): Ruta {
  return {
    metodo: 'GET',
    path: `${PREFIJO}/seguimiento/{correlationId}`,
    permiso: 'certificados:consultar',
    atender: seguirCorrelacion(deps),
    documento: {
      operationId: 'seguirCorrelacion',
      resumen: 'Dice qué fue de una petición',
      descripcion:
        'Las solicitudes que la petición con ese X-Correlation-ID emitió, reejecutó o resolvió, con todo lo que consta de ellas en la ' +
        'bitácora, también por otras peticiones; ninguna si nada se aceptó con él. ' +
        soloLasPropias('certificados:consultar'),
      etiqueta: ETIQUETA_DE_SOPORTE,
      parametros: [
        {
          nombre: 'correlationId',
          en: 'path',
          descripcion: 'X-Correlation-ID que la petición envió o que su respuesta trajo',
          esquema: z.guid(),
          ejemplo: EJEMPLO.hechos[0]?.correlationId ?? '',
        },
        CORRELACION,
      ],
      respuestas: [
        respuestaDeExito(EXITOS.CONSULTADO, 'Las que hay', RESPUESTA, {
          una: {
            message: SEGUIDAS,
            data: { alcance: 'todas', solicitudes: [seguidaDe(EJEMPLO)], hayMas: false },
          },
        }),
        ...respuestasDeFallos(FALLOS_COMUNES, RESPUESTA),
      ],
    },
  };
}

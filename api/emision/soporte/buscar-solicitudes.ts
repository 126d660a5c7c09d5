/** POST ~/solicitudes/busqueda: the issuances of a citizen. The document comes in a body, and is looked up by its keyed hash. */
import type { Request, Response } from 'express';
import { z } from 'zod';
import { documentoNormalizado } from '../../../shared/emision/misma-solicitud.ts';
import { SOLICITUDES_POR_CIUDADANO_MAX } from '../../../shared/emision/plazos.ts';
import { documento } from '../../../shared/emision/solicitud.ts';
import type { RegistroDeSoporte } from '../../../shared/registro/emision/registro-de-soporte.ts';
import type { Huella } from '../../../shared/runtime/claves/cifrado.ts';
import { leerCuerpo } from '../../http/peticion/cuerpo.ts';
import { respuestasDeFallos } from '../../http/documento/operacion-documentada.ts';
import { responder } from '../../http/peticion/peticion.ts';
import type { Ruta } from '../../http/peticion/ruta.ts';
import { EXITOS } from '../../../shared/nucleo/fallos.ts';
import { esquemaSobre } from '../../http/peticion/sobre.ts';
import { PREFIJO } from '../../prefijo.ts';
import { ETIQUETA_DE_SOPORTE } from '../documentacion.ts';
import type { Identidad } from '../../http/acceso/token.ts';
import { alcance, alcanceDe, clienteLegible } from '../../http/acceso/clientes.ts';
import {
  CORRELACION,
  respuestaDeExito,
  FALLOS_COMUNES,
  soloLasPropias,
} from '../../http/documento/respuestas-comunes.ts';
import { EJEMPLO_DE_RESUMEN } from './ejemplos.ts';
import { esquemaDeResumen, resumenDe } from './resumen.ts';

interface Deps {
  soporte: Pick<RegistroDeSoporte, 'buscarPorCiudadano'>;
  huella: Huella;
}

const ENCONTRADAS = 'Solicitudes del ciudadano';

const esquema = z.strictObject(documento);

const RESPUESTA = {
  nombre: 'RespuestaBusqueda',
  esquema: esquemaSobre(
    z
      .object({
        alcance,
        solicitudes: z.array(esquemaDeResumen).meta({ description: 'De la más reciente a la más antigua' }),
        hayMas: z.boolean().meta({ description: `Tiene más de ${SOLICITUDES_POR_CIUDADANO_MAX}` }),
      })
      .meta({ id: 'SolicitudesDelCiudadano', description: 'null si la petición falló' }),
  ),
};

function buscarSolicitudes({ soporte, huella }: Deps) {
  return async (req: Request, res: Response, quien: Identidad): Promise<void> => {
    const buscado = await leerCuerpo(req, esquema);
    const huellaCiudadano = huella('ciudadano', documentoNormalizado({ solicitud: buscado }));
    const cliente = clienteLegible(huella, quien, 'certificados:consultar');
    const lineas = await soporte.buscarPorCiudadano(
      huellaCiudadano,
      SOLICITUDES_POR_CIUDADANO_MAX + 1,
      cliente,
    );
    responder(res, EXITOS.CONSULTADO, {
      success: true,
      message: ENCONTRADAS,
      data: {
        alcance: alcanceDe(cliente),
        solicitudes: lineas.slice(0, SOLICITUDES_POR_CIUDADANO_MAX).map(resumenDe),
        hayMas: lineas.length > SOLICITUDES_POR_CIUDADANO_MAX,
      },
    });
  };
}

export function rutaDeBuscarSolicitudes(deps: Deps): Ruta {
  return {
    metodo: 'POST',
    path: `${PREFIJO}/solicitudes/busqueda`,
    permiso: 'certificados:consultar',
    atender: buscarSolicitudes(deps),
    documento: {
      operationId: 'buscarSolicitudes',
      resumen: 'Encuentra las solicitudes de un ciudadano',
      descripcion:
        'De la más reciente a la más antigua; ninguna si no tiene. El documento viaja en el cuerpo y no se guarda ni se registra. ' +
        soloLasPropias('certificados:consultar'),
      etiqueta: ETIQUETA_DE_SOPORTE,
      parametros: [CORRELACION],
      cuerpo: {
        nombre: 'Busqueda',
        esquema,
        ejemplo: { tipoDocumento: 'DNI', numeroDocumento: '45678912' },
      },
      respuestas: [
        respuestaDeExito(EXITOS.CONSULTADO, 'Las que tiene', RESPUESTA, {
          una: {
            message: ENCONTRADAS,
            data: { alcance: 'todas', solicitudes: [resumenDe(EJEMPLO_DE_RESUMEN)], hayMas: false },
          },
        }),
        ...respuestasDeFallos(FALLOS_COMUNES, RESPUESTA),
      ],
    },
  };
}

/** GET ~/solicitudes: the issuances that support looks for, from the newest acceptance to the oldest. */
import type { Request, Response } from 'express';
import { z } from 'zod';
import { FALLOS, type TipoFallo } from '../../../shared/emision/fallos.ts';
import { PAGINA } from '../../../shared/emision/plazos.ts';
import type { RecuentoDeFallidas, ResumenEmision } from '../../../shared/emision/soporte.ts';
import type { RegistroDeSoporte } from '../../../shared/registro/emision/registro-de-soporte.ts';
import { leerConsulta } from '../../http/peticion/consulta.ts';
import { respuestasDeFallos, type ParametroDocumentado } from '../../http/documento/operacion-documentada.ts';
import { responder } from '../../http/peticion/peticion.ts';
import type { Ruta } from '../../http/peticion/ruta.ts';
import { EXITOS } from '../../../shared/nucleo/fallos.ts';
import { esquemaSobre, tipoDeError } from '../../http/peticion/sobre.ts';
import { PREFIJO } from '../../prefijo.ts';
import { ETIQUETA_DE_SOPORTE } from '../documentacion.ts';
import type { Huella } from '../../../shared/runtime/claves/cifrado.ts';
import type { Identidad } from '../../http/acceso/token.ts';
import { alcance, alcanceDe, clienteLegible } from '../../http/acceso/clientes.ts';
import {
  CORRELACION,
  respuestaDeExito,
  FALLOS_COMUNES,
  soloLasPropias,
} from '../../http/documento/respuestas-comunes.ts';
import { DESCRIPCION_DE_CURSOR, esquemaDeCursor, leerCursor, paginar } from './cursor.ts';
import { EJEMPLO_DE_CURSOR, EJEMPLO_DE_RESUMEN } from './ejemplos.ts';
import { camposDeFiltro, DESDE_ANTES_DE_HASTA, esPeriodo, filtroDe } from './filtro.ts';
import { esquemaDeResumen, resumenDe } from './resumen.ts';

interface Deps {
  soporte: RegistroDeSoporte;
  huella: Huella;
}

const LISTA = 'solicitudes';
const ENCONTRADAS = 'Solicitudes encontradas';

const parametros = z
  .strictObject({
    ...camposDeFiltro,
    cursor: esquemaDeCursor(LISTA).exactOptional().meta({ description: DESCRIPCION_DE_CURSOR }),
  })
  .refine(esPeriodo, DESDE_ANTES_DE_HASTA);

const esquemaDeRecuento = z
  .object({
    total: z.int().meta({ description: 'Cuántas fallaron' }),
    inciertas: z.int().meta({ description: 'De cuántas no se sabe lo que la PKI emitió' }),
    porTipoError: z
      .array(
        z
          .object({ tipoError: tipoDeError, total: z.int().meta({ description: 'Cuántas fallaron así' }) })
          .meta({ id: 'TotalPorTipoError' }),
      )
      .meta({ description: 'Cuántas fallaron de cada modo, de más a menos' }),
  })
  .meta({ id: 'RecuentoDeFallidas' });

const RESPUESTA = {
  nombre: 'RespuestaSolicitudes',
  esquema: esquemaSobre(
    z
      .object({
        alcance,
        solicitudes: z
          .array(esquemaDeResumen)
          .meta({ description: 'De la aceptada más recientemente a la más antigua' }),
        siguiente: z
          .string()
          .nullable()
          .meta({ description: 'El cursor de la página que sigue; null si no hay más' }),
        fallidas: esquemaDeRecuento.nullable().meta({
          description: 'Recuento de las FALLIDO que cumplen el filtro; sólo en la primera página',
        }),
      })
      .meta({ id: 'PaginaDeSolicitudes', description: 'null si la petición falló' }),
  ),
};

function listarSolicitudes({ soporte, huella }: Deps) {
  return async (req: Request, res: Response, quien: Identidad): Promise<void> => {
    const { cursor, ...campos } = leerConsulta(req, parametros);
    const cliente = clienteLegible(huella, quien, 'certificados:consultar');
    const filtro = { ...filtroDe(campos), ...(cliente !== undefined && { cliente }) };
    const despuesDe = cursor === undefined ? null : leerCursor(LISTA, cursor);
    const [lineas, fallidas] = await Promise.all([
      soporte.listar(filtro, despuesDe, PAGINA + 1),
      despuesDe === null ? soporte.contarFallidas(filtro) : null,
    ]);
    const { pagina, siguiente } = paginar(LISTA, lineas, posicionDe);
    responder(res, EXITOS.CONSULTADO, {
      success: true,
      message: ENCONTRADAS,
      data: {
        alcance: alcanceDe(cliente),
        solicitudes: pagina.map(resumenDe),
        siguiente,
        fallidas: fallidas && recuentoDe(fallidas),
      },
    });
  };
}

function posicionDe({ aceptadaEn, codigoSolicitudTramite }: ResumenEmision) {
  return { aceptadaEn: new Date(aceptadaEn), codigo: codigoSolicitudTramite };
}

/** Several failures share an error.tipo: their numbers are added; the greatest first. */
function recuentoDe({ total, inciertas, porFallo }: RecuentoDeFallidas): z.infer<typeof esquemaDeRecuento> {
  const porTipo = new Map<string, number>();
  for (const [fallo, cuantas] of Object.entries(porFallo)) {
    const { tipo } = FALLOS[fallo as TipoFallo];
    porTipo.set(tipo, (porTipo.get(tipo) ?? 0) + cuantas);
  }
  const porTipoError = [...porTipo].map(([tipoError, total]) => ({ tipoError, total }));
  return { total, inciertas, porTipoError: porTipoError.sort((a, b) => b.total - a.total) };
}

const EJEMPLOS: Record<keyof typeof parametros.shape, string> = {
  estado: 'FALLIDO',
  tipoError: 'PKI_NO_DISPONIBLE',
  oficina: 'LIMA-CENTRO',
  desde: '2026-11-22T00:00:00Z',
  hasta: '2026-11-23T00:00:00Z',
  incierto: 'false',
  cursor: EJEMPLO_DE_CURSOR,
};

const PARAMETROS = Object.entries(EJEMPLOS).map(([nombre, ejemplo]): ParametroDocumentado => {
  const esquema = parametros.shape[nombre as keyof typeof EJEMPLOS];
  const { description: descripcion = '' } = esquema.meta() ?? {};
  return { nombre, en: 'query', opcional: true, descripcion, esquema, ejemplo };
});

export function rutaDeListarSolicitudes(deps: Deps): Ruta {
  return {
    metodo: 'GET',
    path: `${PREFIJO}/solicitudes`,
    permiso: 'certificados:consultar',
    atender: listarSolicitudes(deps),
    documento: {
      operationId: 'listarSolicitudes',
      resumen: 'Lista las solicitudes que cumplen un filtro',
      descripcion: `De la aceptada más recientemente a la más antigua, ${PAGINA} por página. Sin datos del ciudadano. ${soloLasPropias('certificados:consultar')}`,
      etiqueta: ETIQUETA_DE_SOPORTE,
      parametros: [...PARAMETROS, CORRELACION],
      respuestas: [
        respuestaDeExito(EXITOS.CONSULTADO, 'Una página de la lista', RESPUESTA, {
          pagina: {
            message: ENCONTRADAS,
            data: {
              alcance: 'todas',
              solicitudes: [resumenDe(EJEMPLO_DE_RESUMEN)],
              siguiente: EJEMPLO_DE_CURSOR,
              fallidas: recuentoDe({ total: 51, inciertas: 0, porFallo: { PKI_NO_DISPONIBLE: 51 } }),
            },
          },
        }),
        ...respuestasDeFallos(FALLOS_COMUNES, RESPUESTA),
      ],
    },
  };
}

/** The routes of the issuance, with what the OpenAPI document says of each. */
import { z } from 'zod';
import { FALLOS } from '../../shared/emision/fallos.ts';
import { solicitudCertificado } from '../../shared/emision/solicitud.ts';
import { texto } from '../../shared/nucleo/texto.ts';
import { respuestasDeFallos, type ParametroDocumentado } from '../http/documento/operacion-documentada.ts';
import { EXITOS } from '../../shared/nucleo/fallos.ts';
import type { Ruta } from '../http/peticion/ruta.ts';
import { PREFIJO } from '../prefijo.ts';
import { CODIGO_EN_PATH } from './consultar/codigo-en-path.ts';
import { consultarSolicitud } from './consultar/consultar-solicitud.ts';
import { CORRELACION, respuestaDeExito, FALLOS_COMUNES } from '../http/documento/respuestas-comunes.ts';
import { soloLasPropias } from '../http/documento/respuestas-comunes.ts';
import {
  ETIQUETA_DE_EMISION,
  EJEMPLO_DE_SOBRE_EMITIDO,
  ejemploDeSobreFallido,
  FALLOS_DE_EJECUCION,
  PREFER,
  RESPUESTA_EMISION,
  respuestasDeEjecucion,
} from './documentacion.ts';
import { EJEMPLO_DE_SOLICITUD } from './ejemplos.ts';
import {
  obtenerCertificadoDigital,
  type DependenciasDeObtencion,
} from './emitir/obtener-certificado-digital.ts';
import { EXITOS_DE_EMISION } from './emitir/responder-desenlace.ts';
import { rutasDeSoporte, type DependenciasDeSoporte } from './soporte/rutas.ts';

const FALLOS_DE_EMISION = FALLOS_DE_EJECUCION.filter(({ nombre }) => nombre !== 'SOLICITUD_NO_ENCONTRADA');

/** A text with the pattern of a UUID, not of that format: some generated clients would put an object into the header. */
const UUID_EN_CABECERA = z
  .string()
  .regex(/^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/)
  .meta({ description: 'UUID' });

const CABECERAS_DE_EMISION: ParametroDocumentado[] = [
  {
    ...CORRELACION,
    opcional: false,
    descripcion: 'Identificador de correlación, un UUID; se devuelve en la respuesta',
    esquema: UUID_EN_CABECERA,
  },
  {
    nombre: 'X-Request-ID',
    en: 'header',
    descripcion:
      'Identificador de la petición, un UUID; el mismo al repetirla, para esperar la que está en curso',
    esquema: UUID_EN_CABECERA,
    ejemplo: '0b7e1c52-6a2d-4c84-8f6f-3f1f0a2b9d11',
  },
  cabeceraDeTexto(
    'X-Office-Code',
    'Código de la oficina que envía la petición. Por ella se cuenta el límite, se lista y se busca, y consta en la auditoría; ' +
      'la oficina donde se registró el trámite es `metadatos.oficinaOrigen`',
    'LIMA-CENTRO',
  ),
  cabeceraDeTexto('X-Device-ID', 'Equipo desde el que se envía la petición', 'KIOSCO-07'),
  cabeceraDeTexto(
    'X-Channel',
    'Canal por el que el ciudadano hace el trámite, como SIIRC lo llama: por ejemplo `VENTANILLA`, `KIOSCO` o `WEB`',
    'VENTANILLA',
  ),
  PREFER,
];

function cabeceraDeTexto(nombre: string, descripcion: string, ejemplo: string): ParametroDocumentado {
  return { nombre, en: 'header', descripcion, esquema: texto(1, 50), ejemplo };
}

export type DependenciasDeRutas = DependenciasDeObtencion & DependenciasDeSoporte;

export function rutasDeEmision(deps: DependenciasDeRutas): Ruta[] {
  return [
    {
      metodo: 'POST',
      path: `${PREFIJO}/obtener-certificado-digital`,
      permiso: 'certificados:emitir',
      atender: obtenerCertificadoDigital(deps),
      documento: {
        operationId: 'obtenerCertificadoDigital',
        resumen: 'Emite los certificados digitales de un ciudadano',
        descripcion:
          'Espera el resultado por un tiempo acotado. Si no llega, responde un error con `data.transaccion.estado` EN_PROCESO: ' +
          'el trabajo sigue, y `Location` dice dónde consultarlo. `data.transaccion.estado`, no el código, dice si hay que esperar, ' +
          'tomar los certificados o enviar de nuevo. Repetir la misma solicitud nunca emite dos veces.',
        etiqueta: ETIQUETA_DE_EMISION,
        parametros: CABECERAS_DE_EMISION,
        cuerpo: {
          nombre: 'SolicitudCertificado',
          esquema: solicitudCertificado,
          ejemplo: EJEMPLO_DE_SOLICITUD,
        },
        respuestas: [
          respuestaDeExito(
            EXITOS_DE_EMISION.YA_EMITIDO,
            'El código ya estaba COMPLETADO para la misma solicitud: los mismos certificados',
            RESPUESTA_EMISION,
            { COMPLETADO: EJEMPLO_DE_SOBRE_EMITIDO },
            ['Preference-Applied'],
          ),
          ...respuestasDeEjecucion(FALLOS_DE_EMISION),
        ],
      },
    },
    {
      metodo: 'GET',
      path: `${PREFIJO}/solicitudes/{codigoSolicitudTramite}`,
      permiso: 'certificados:consultar',
      atender: consultarSolicitud(deps),
      documento: {
        operationId: 'consultarSolicitud',
        resumen: 'Dice cómo está la emisión de una solicitud',
        descripcion:
          'De una emisión FALLIDA responde 200 y `success` true; `error` describe por qué falló la emisión. ' +
          soloLasPropias('certificados:consultar'),
        etiqueta: ETIQUETA_DE_EMISION,
        parametros: [CODIGO_EN_PATH, CORRELACION],
        respuestas: [
          respuestaDeExito(EXITOS.CONSULTADO, 'La solicitud existe', RESPUESTA_EMISION, {
            COMPLETADO: EJEMPLO_DE_SOBRE_EMITIDO,
            FALLIDO: ejemploDeSobreFallido('La emisión falló'),
          }),
          ...respuestasDeFallos([...FALLOS_COMUNES, FALLOS.SOLICITUD_NO_ENCONTRADA], RESPUESTA_EMISION),
        ],
      },
    },
    ...rutasDeSoporte(deps),
  ];
}

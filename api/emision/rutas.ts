/** The routes of the issuance, with what the OpenAPI document says of each. */
import { z } from 'zod';
import { EXITOS, FALLOS, type TipoFallo } from '../../shared/emision/fallos.ts';
import { codigoSolicitudTramite, solicitudCertificado } from '../../shared/emision/solicitud.ts';
import { texto } from '../../shared/emision/texto.ts';
import {
  CABECERAS_DE_LIMITE,
  META_DE_EJEMPLO,
  respuestasDeFallos,
  type ParametroDocumentado,
  type RespuestaDocumentada,
} from '../http/operacion-documentada.ts';
import { CONSULTADO, construirSobre } from '../http/sobre.ts';
import type { Ruta } from '../http/ruta.ts';
import { BASE } from './base.ts';
import { consultarSolicitud } from './consultar-solicitud.ts';
import { datosDe, errorDeEmision, respuestaEmision } from './datos-emision.ts';
import { EJEMPLO_DE_SOLICITUD, EJEMPLO_EMITIDO, EJEMPLO_FALLIDO } from './ejemplos.ts';
import { obtenerCertificadoDigital, type EmisionDeps } from './obtener-certificado-digital.ts';

const RESPUESTA = { nombre: 'RespuestaEmision', esquema: respuestaEmision };

/** What any request to a protected route may meet. */
const FALLOS_COMUNES: TipoFallo[] = [
  'VALIDACION',
  'TOKEN_INVALIDO',
  'SIN_PERMISOS',
  'METODO_NO_PERMITIDO',
  'TIEMPO_AGOTADO',
  'LIMITE_EXCEDIDO',
  'ERROR_INTERNO',
  'SERVICIO_NO_DISPONIBLE',
];
const FALLOS_DE_CONSULTA: TipoFallo[] = [...FALLOS_COMUNES, 'SOLICITUD_NO_ENCONTRADA'];
const AJENOS_A_LA_EMISION: TipoFallo[] = ['SOLICITUD_NO_ENCONTRADA', 'RUTA_NO_ENCONTRADA'];
const FALLOS_DE_EMISION = (Object.keys(FALLOS) as TipoFallo[]).filter(
  (fallo) => !AJENOS_A_LA_EMISION.includes(fallo),
);

const correlationId: ParametroDocumentado = {
  nombre: 'X-Correlation-ID',
  en: 'header',
  descripcion: 'Identificador de correlación; se devuelve en la respuesta',
  esquema: z.guid(),
  ejemplo: META_DE_EJEMPLO.correlationId,
};

const CABECERAS_DE_EMISION: ParametroDocumentado[] = [
  correlationId,
  {
    nombre: 'X-Request-ID',
    en: 'header',
    descripcion: 'Identificador de la petición; el mismo al repetirla, para esperar la que está en curso',
    esquema: z.guid(),
    ejemplo: '0b7e1c52-6a2d-4c84-8f6f-3f1f0a2b9d11',
  },
  cabeceraDeTexto('X-Office-Code', 'Código de la oficina', 'LIMA-CENTRO'),
  cabeceraDeTexto('X-Device-ID', 'Dispositivo de origen', 'KIOSCO-07'),
  cabeceraDeTexto('X-Channel', 'Canal de origen', 'SIIRC'),
];

function cabeceraDeTexto(nombre: string, descripcion: string, ejemplo: string): ParametroDocumentado {
  return { nombre, en: 'header', descripcion, esquema: texto(1, 50), ejemplo };
}

export function rutasDeEmision(deps: EmisionDeps): Ruta[] {
  return [
    {
      metodo: 'POST',
      path: `${BASE}/obtener-certificado-digital`,
      permiso: 'certificados:emitir',
      limitaOficina: true,
      atender: obtenerCertificadoDigital(deps),
      documento: {
        operationId: 'obtenerCertificadoDigital',
        resumen: 'Emite los certificados digitales de un ciudadano',
        descripcion:
          'Espera el resultado por un tiempo acotado. Si no llega, responde un error con `data.transaccion.estado` EN_PROCESO: ' +
          'el trabajo sigue, y `Location` dice dónde consultarlo. `data.transaccion.estado`, no el código, dice si hay que esperar, ' +
          'tomar los certificados o enviar de nuevo. Repetir la misma solicitud nunca emite dos veces.',
        etiqueta: 'Emisión',
        parametros: CABECERAS_DE_EMISION,
        cuerpo: {
          nombre: 'SolicitudCertificado',
          esquema: solicitudCertificado,
          ejemplo: EJEMPLO_DE_SOLICITUD,
        },
        respuestas: [
          exito(
            EXITOS.YA_EMITIDO,
            'El código ya estaba COMPLETADO para la misma solicitud: los mismos certificados',
          ),
          exito(EXITOS.EMITIDO, 'Emitidos ahora'),
          ...respuestasDeFallos(FALLOS_DE_EMISION, RESPUESTA),
        ],
      },
    },
    {
      metodo: 'GET',
      path: `${BASE}/solicitudes/{codigoSolicitudTramite}`,
      permiso: 'certificados:consultar',
      atender: consultarSolicitud(deps.servicio),
      documento: {
        operationId: 'consultarSolicitud',
        resumen: 'Dice cómo está la emisión de una solicitud',
        descripcion:
          'De una emisión FALLIDA responde 200 y `success` true; `error` describe por qué falló la emisión.',
        etiqueta: 'Emisión',
        parametros: [
          {
            nombre: 'codigoSolicitudTramite',
            en: 'path',
            descripcion: 'Codificado con «%» entero, también la barra',
            esquema: codigoSolicitudTramite,
            ejemplo: EJEMPLO_DE_SOLICITUD.solicitud.codigoSolicitudTramite,
          },
        ],
        respuestas: [
          {
            ...exito(CONSULTADO, 'La solicitud existe'),
            ejemplos: { COMPLETADO: ejemploEmitido(CONSULTADO), FALLIDO: ejemploFallido() },
          },
          ...respuestasDeFallos(FALLOS_DE_CONSULTA, RESPUESTA),
        ],
      },
    },
  ];
}

function exito(codigo: number, descripcion: string): RespuestaDocumentada {
  return {
    codigo,
    descripcion,
    esquema: RESPUESTA,
    cabeceras: ['X-Correlation-ID', ...CABECERAS_DE_LIMITE],
    ejemplos: { COMPLETADO: ejemploEmitido(codigo) },
  };
}

function ejemploEmitido(codigo: number) {
  return construirSobre(
    codigo,
    { success: true, message: 'Certificados emitidos exitosamente', data: datosDe(EJEMPLO_EMITIDO) },
    META_DE_EJEMPLO,
  );
}

function ejemploFallido() {
  const error = errorDeEmision(EJEMPLO_FALLIDO);
  return construirSobre(
    CONSULTADO,
    { success: true, message: 'La emisión falló', data: datosDe(EJEMPLO_FALLIDO), ...(error && { error }) },
    META_DE_EJEMPLO,
  );
}

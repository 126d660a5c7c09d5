/** The OpenAPI 3.1 document, made from the table of routes and the zod schemas that the routes themselves use. */
import { z } from 'zod';
import { FALLOS, type TipoFallo } from '../../shared/emision/fallos.ts';
import { construirSobre, errorDe, VERSION_API } from './sobre.ts';
import type { Ruta } from './ruta.ts';

/** A schema under the name that it has in the document. */
export interface EsquemaConNombre {
  nombre: string;
  esquema: z.ZodType;
}

export interface ParametroDocumentado {
  nombre: string;
  en: 'header' | 'path';
  descripcion: string;
  esquema: z.ZodType;
  ejemplo: string;
}

const CABECERAS_DE_RESPUESTA = {
  'X-Correlation-ID': 'El recibido; si falta o no es un UUID, uno nuevo',
  Location: 'Dónde consultar la solicitud mientras está EN_PROCESO',
  'Retry-After': 'Segundos que conviene esperar antes de preguntar o enviar de nuevo',
  'WWW-Authenticate': 'Qué falta o falla en el token (RFC 6750)',
  Allow: 'Métodos que la ruta admite',
} as const;
type CabeceraDeRespuesta = keyof typeof CABECERAS_DE_RESPUESTA;

export interface RespuestaDocumentada {
  codigo: number;
  descripcion: string;
  esquema: EsquemaConNombre;
  cabeceras: readonly CabeceraDeRespuesta[];
  ejemplos: Record<string, unknown>;
}

export interface OperacionDocumentada {
  operationId: string;
  resumen: string;
  descripcion: string;
  etiqueta: string;
  parametros?: readonly ParametroDocumentado[];
  cuerpo?: EsquemaConNombre & { ejemplo: unknown };
  respuestas: readonly RespuestaDocumentada[];
}

/** Moment and id of every example. */
export const META_DE_EJEMPLO = {
  correlationId: '7d4f2f5e-0c5b-4a7e-9a53-1f0f6c2f9b10',
  ahora: new Date('2026-11-22T10:00:01Z'),
  tiempoMs: 123,
};

/** One response for each code that the failures have, with an example of each failure. */
export function respuestasDeFallos(
  fallos: readonly TipoFallo[],
  esquema: EsquemaConNombre,
): RespuestaDocumentada[] {
  return [...Map.groupBy(fallos, (fallo) => FALLOS[fallo].codigo)]
    .sort(([a], [b]) => a - b)
    .map(([codigo, delCodigo]) => ({
      codigo,
      descripcion: delCodigo.map((fallo) => `\`${FALLOS[fallo].tipo}\`: ${FALLOS[fallo].titulo}`).join('. '),
      esquema,
      cabeceras: ['X-Correlation-ID', ...cabecerasDe(codigo)],
      ejemplos: Object.fromEntries(
        delCodigo.map((fallo) => [
          fallo,
          construirSobre(
            codigo,
            { success: false, message: FALLOS[fallo].titulo, data: null, error: errorDe(fallo, []) },
            META_DE_EJEMPLO,
          ),
        ]),
      ),
    }));
}

/** @returns a document of OpenAPI 3.1; paths in full, no base path in `servers` */
export function createOpenApi(rutas: readonly Ruta[]) {
  const documentadas = rutas.flatMap(({ documento, ...ruta }) => (documento ? [{ ...ruta, documento }] : []));
  const esquemas = documentadas.flatMap(({ documento: { cuerpo, respuestas } }) => [
    ...(cuerpo ? [cuerpo] : []),
    ...respuestas.map(({ esquema }) => esquema),
  ]);
  return {
    openapi: '3.1.1',
    info: {
      title: 'MsCoreogCertificadosDigitales',
      version: VERSION_API,
      description: 'Emisión de los certificados digitales del DNI electrónico.',
    },
    paths: Object.fromEntries(
      [...Map.groupBy(documentadas, ({ path }) => path)].map(([path, delPath]) => [
        path,
        Object.fromEntries(
          delPath.map(({ metodo, permiso, documento }) => [
            metodo.toLowerCase(),
            operacion(documento, permiso),
          ]),
        ),
      ]),
    ),
    components: {
      schemas: Object.fromEntries(esquemas.map(({ nombre, esquema }) => [nombre, jsonSchema(esquema)])),
      securitySchemes: {
        jwt: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'Token del emisor OpenID configurado, firmado con RS256, PS256, ES256 o EdDSA.',
        },
      },
    },
  };
}

function operacion(
  { operationId, resumen, descripcion, etiqueta, parametros = [], cuerpo, respuestas }: OperacionDocumentada,
  permiso: Ruta['permiso'],
) {
  return {
    operationId,
    summary: resumen,
    description: descripcion,
    tags: [etiqueta],
    security: permiso === null ? [] : [{ jwt: [permiso] }],
    parameters: parametros.map(({ nombre, en, descripcion, esquema, ejemplo }) => ({
      name: nombre,
      in: en,
      required: true,
      description: descripcion,
      schema: jsonSchema(esquema),
      example: ejemplo,
    })),
    ...(cuerpo && {
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: referencia(cuerpo),
            examples: { ejemplo: { value: cuerpo.ejemplo } },
          },
        },
      },
    }),
    responses: Object.fromEntries(respuestas.map((respuesta) => [respuesta.codigo, documentar(respuesta)])),
  };
}

function documentar({ descripcion, esquema, cabeceras, ejemplos }: RespuestaDocumentada) {
  return {
    description: descripcion,
    headers: Object.fromEntries(
      cabeceras.map((nombre) => [
        nombre,
        { description: CABECERAS_DE_RESPUESTA[nombre], schema: { type: 'string' } },
      ]),
    ),
    content: {
      'application/json': {
        schema: referencia(esquema),
        examples: Object.fromEntries(Object.entries(ejemplos).map(([nombre, value]) => [nombre, { value }])),
      },
    },
  };
}

function cabecerasDe(codigo: number): CabeceraDeRespuesta[] {
  const { TOKEN_INVALIDO, SIN_PERMISOS, METODO_NO_PERMITIDO, SOLICITUD_EN_PROCESO } = FALLOS;
  if (codigo === TOKEN_INVALIDO.codigo || codigo === SIN_PERMISOS.codigo) return ['WWW-Authenticate'];
  if (codigo === METODO_NO_PERMITIDO.codigo) return ['Allow'];
  const esperable = codigo === SOLICITUD_EN_PROCESO.codigo || codigo > FALLOS.ERROR_INTERNO.codigo;
  return esperable ? ['Location', 'Retry-After'] : [];
}

function referencia({ nombre }: EsquemaConNombre) {
  return { $ref: `#/components/schemas/${nombre}` };
}

function jsonSchema(esquema: z.ZodType) {
  // As input: answers may gain members, so a client must not refuse those that it does not know.
  const documento = z.toJSONSchema(esquema, { target: 'draft-2020-12', io: 'input' });
  // OpenAPI 3.1 names its dialect once for the whole document.
  delete documento.$schema;
  return documento;
}

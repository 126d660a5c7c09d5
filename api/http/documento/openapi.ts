/** The OpenAPI 3.1 document, made from the table of routes and the zod schemas that the routes themselves use. */
import { z } from 'zod';
import {
  CABECERAS_DE_RESPUESTA,
  type EsquemaConNombre,
  type OperacionDocumentada,
  type RespuestaDocumentada,
} from './operacion-documentada.ts';
import type { Ruta } from '../peticion/ruta.ts';
import { VERSION_API } from '../peticion/sobre.ts';

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
    parameters: parametros.map(({ nombre, en, opcional = false, descripcion, esquema, ejemplo }) => ({
      name: nombre,
      in: en,
      required: !opcional,
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
    responses: Object.fromEntries(
      respuestas.map((respuesta) => [respuesta.statusCode, documentar(respuesta)]),
    ),
  };
}

/** Headers that, where a status documents them, every answer of that status carries. */
const SIEMPRE: readonly string[] = ['X-Correlation-ID', 'WWW-Authenticate', 'Allow'];
const ENTERAS: readonly string[] = [
  'Retry-After',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
];

function documentar({ descripcion, esquema, cabeceras, ejemplos, csv }: RespuestaDocumentada) {
  return {
    description: descripcion,
    headers: Object.fromEntries(
      cabeceras.map((nombre) => [
        nombre,
        {
          description: CABECERAS_DE_RESPUESTA[nombre],
          required: SIEMPRE.includes(nombre),
          schema: esquemaDeCabecera(nombre),
        },
      ]),
    ),
    content: {
      'application/json': {
        schema: referencia(esquema),
        examples: Object.fromEntries(Object.entries(ejemplos).map(([nombre, value]) => [nombre, { value }])),
      },
      ...(csv !== undefined && {
        'text/csv': { schema: { type: 'string' }, examples: { csv: { value: csv } } },
      }),
    },
  };
}

function esquemaDeCabecera(nombre: string) {
  if (ENTERAS.includes(nombre)) return { type: 'integer', minimum: 0 };
  return { type: 'string', ...(nombre === 'X-Correlation-ID' && { format: 'uuid' }) };
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

/** The OpenAPI 3.1 document, made from the table of routes and the zod schemas that the routes themselves use. */
import { z } from 'zod';
import { FALLOS_HTTP, type Fallo } from '../../../shared/nucleo/fallos.ts';
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
  const componentes = new Map<string, object>();
  const esquemas = documentadas.flatMap(({ documento: { cuerpo, respuestas } }) => [
    ...(cuerpo ? [cuerpo] : []),
    ...respuestas.map(({ esquema }) => esquema),
  ]);
  for (const { nombre, esquema } of esquemas) componentes.set(nombre, jsonSchema(esquema, componentes));
  const paths = pathsDe(documentadas, componentes);
  const deOperaciones = documentadas.flatMap(({ documento }) => fallosDe(documento));
  // A path that is none of these meets a failure of HTTP's, too.
  componentes.set('TipoError', tipoError([...Object.values(FALLOS_HTTP), ...deOperaciones]));
  return {
    openapi: '3.1.1',
    info: {
      title: 'MsCoreogCertificadosDigitales',
      version: VERSION_API,
      description: 'Emisión de los certificados digitales del DNI electrónico.',
    },
    tags: etiquetasDe(documentadas),
    paths,
    components: {
      schemas: Object.fromEntries([...componentes].sort(([a], [b]) => (a < b ? -1 : 1))),
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

type Documentada = Omit<Ruta, 'documento'> & { documento: OperacionDocumentada };

function pathsDe(documentadas: readonly Documentada[], componentes: Map<string, object>) {
  return Object.fromEntries(
    [...Map.groupBy(documentadas, ({ path }) => path)].map(([path, delPath]) => [
      path,
      Object.fromEntries(
        delPath.map(({ metodo, permiso, documento }) => [
          metodo.toLowerCase(),
          operacion(documento, permiso, componentes),
        ]),
      ),
    ]),
  );
}

function etiquetasDe(documentadas: readonly Documentada[]) {
  const etiquetas = new Map(documentadas.map(({ documento: { etiqueta } }) => [etiqueta.nombre, etiqueta]));
  return [...etiquetas.values()].map(({ nombre, descripcion }) => ({
    name: nombre,
    description: descripcion,
  }));
}

function fallosDe({ respuestas }: OperacionDocumentada): Fallo[] {
  return respuestas.flatMap(({ fallos = [] }) => fallos);
}

/** Every `error.tipo`, with what it means. */
function tipoError(fallos: readonly Fallo[]) {
  const porTipo = [...Map.groupBy(fallos, ({ tipo }) => tipo)].sort(([a], [b]) => (a < b ? -1 : 1));
  const lineas = porTipo.map(([tipo, suyos]) => {
    const titulos = new Set(suyos.map(({ titulo }) => titulo));
    return `- \`${tipo}\`: ${[...titulos].join('; ')}`;
  });
  return {
    type: 'string',
    enum: porTipo.map(([tipo]) => tipo),
    description: `Qué falló:\n\n${lineas.join('\n')}`,
  };
}

function operacion(
  { operationId, resumen, descripcion, etiqueta, parametros = [], cuerpo, respuestas }: OperacionDocumentada,
  permiso: Ruta['permiso'],
  componentes: Map<string, object>,
) {
  return {
    operationId,
    summary: resumen,
    description: descripcion,
    tags: [etiqueta.nombre],
    security: permiso === null ? [] : [{ jwt: [permiso] }],
    parameters: parametros.map(({ nombre, en, opcional = false, descripcion, esquema, ejemplo }) => ({
      name: nombre,
      in: en,
      required: !opcional,
      description: descripcion,
      schema: jsonSchema(esquema, componentes),
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

/** Of the schema, whose parts with an `id` go into `componentes` under that name. */
function jsonSchema(esquema: z.ZodType, componentes: Map<string, object>): object {
  const { $defs = {}, ...documento } = z.toJSONSchema(esquema, {
    target: 'draft-2020-12',
    // As input: answers may gain members, so a client must not refuse those that it does not know.
    io: 'input',
    // "A whole number" needs no bounds; zod gives those of JavaScript.
    override: ({ jsonSchema: suyo }) => {
      if (suyo.minimum === Number.MIN_SAFE_INTEGER) delete suyo.minimum;
      if (suyo.maximum === Number.MAX_SAFE_INTEGER) delete suyo.maximum;
    },
  });
  // OpenAPI 3.1 names its dialect once for the whole document.
  delete documento.$schema;
  for (const [nombre, parte] of Object.entries($defs)) componentes.set(nombre, conReferencias(parte));
  return conReferencias(documento);
}

function conReferencias(documento: object): object {
  const texto = JSON.stringify(documento).replaceAll('"#/$defs/', '"#/components/schemas/');
  return JSON.parse(texto) as object;
}

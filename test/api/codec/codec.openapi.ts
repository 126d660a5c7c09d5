/** What the codec server takes, as a document of OpenAPI: Temporal's own form of POST /decode, and the pages to sign in. */

const PAGE = { content: { 'text/html': { schema: { type: 'string' } } } };
const FAILURE = {
  content: {
    'application/json': {
      schema: {
        type: 'object',
        required: ['success', 'error'],
        properties: { success: { const: false }, error: { type: 'object', required: ['tipo', 'errores'] } },
      },
    },
  },
};

function answers(...statuses: number[]) {
  return Object.fromEntries(statuses.map((status) => [status, { description: 'failure', ...FAILURE }]));
}

const BASE64 = {
  type: 'string',
  pattern: '^(?:[A-Za-z0-9+/]{4}){0,20}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$',
};
const PAYLOADS = {
  type: 'object',
  required: ['payloads'],
  properties: {
    payloads: {
      type: 'array',
      maxItems: 1000,
      items: {
        type: 'object',
        properties: {
          metadata: { type: 'object', additionalProperties: BASE64 },
          data: { anyOf: [BASE64, { type: 'null' }] },
        },
      },
    },
  },
};

export const CODEC_OPENAPI = {
  openapi: '3.1.1',
  info: { title: 'codec', version: '1' },
  components: { securitySchemes: { jwt: { type: 'http', scheme: 'bearer' } } },
  paths: {
    '/decode': {
      post: {
        operationId: 'decode',
        security: [{ jwt: [] }],
        requestBody: { required: true, content: { 'application/json': { schema: PAYLOADS } } },
        responses: {
          200: { description: 'opened', content: { 'application/json': { schema: PAYLOADS } } },
          ...answers(400, 401, 403, 413, 415, 429),
        },
      },
    },
    '/': { get: { operationId: 'inicio', responses: { 200: { description: 'page', ...PAGE } } } },
    '/volver': {
      get: {
        operationId: 'volver',
        parameters: ['code', 'state'].map((name) => ({ name, in: 'query', schema: { type: 'string' } })),
        responses: { 400: { description: 'not begun here', ...PAGE } },
      },
    },
  },
};

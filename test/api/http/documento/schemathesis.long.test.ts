/** Any input, good or bad: the published document makes the requests and judges the answers of the whole system. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { requestDevelopmentToken } from '../../../../simulator/oidc/development-token.ts';
import { temporaryFolder } from '../../../support/procesos/temporary-folder.ts';
import { TOOL_SETUP_MS } from '../../../support/referees/tools.ts';
import { prepareSchemathesis, runSchemathesis, type Findings, type Probe } from './schemathesis.ts';
import { BASE } from '../../../support/api/api-de-prueba.ts';
import { Stack, solicitudNueva } from '../../../support/servidores/stack.ts';

/** Several times what a machine with nothing else to do needs. */
const RUN_MS = 400_000;
jest.setTimeout(60_000);

const CHECKS = [
  'allow_header_conformance',
  'content_type_conformance',
  'ensure_resource_availability',
  'ignored_auth',
  'missing_required_header',
  'negative_data_rejection',
  'not_a_server_error',
  'object_level_authorization',
  'positive_data_acceptance',
  'response_headers_conformance',
  'response_schema_conformance',
  'status_code_conformance',
  'unsupported_method',
  'use_after_free',
];

/** What JSON Schema cannot say of a request that it allows. */
const BEYOND_THE_SCHEMA = [
  /: no puede estar en blanco$/,
  /: no puede ser futura$/,
  /^cursor: no es el cursor de una página de esta lista$/,
  /^(filtro\.)?hasta: debe ser posterior a desde$/,
];

interface Document {
  paths: Record<string, Record<string, Operation>>;
}
interface Operation {
  parameters: object[];
  responses: Record<string, object>;
}

let stack: Stack;
let tokens: Record<string, string>;
let document: Document;
let findings: Findings;

beforeAll(async () => {
  await prepareSchemathesis();
  stack = await Stack.start({
    SIMULADOR_LATENCIA_MS: '0',
    ESPERA_SINCRONA_MS: '2000',
    LIMITE_CLIENTE_POR_MINUTO: '1000000',
    LIMITE_OFICINA_POR_MINUTO: '1000000',
    ESPERAS_SIMULTANEAS_MAX: '1000',
  });
  tokens = {
    TOKEN_SIIRC: await requestDevelopmentToken(stack.url('emisor'), 'siirc'),
    TOKEN_SOPORTE: await requestDevelopmentToken(stack.url('emisor'), 'soporte'),
  };
  await stack.emitir(solicitudNueva('FALLIDA-1', '99991404'));
  await stack.emitir(solicitudNueva('FALLIDA-2', '99992404'));
  const url = `${stack.url('api')}/openapi.json`;
  document = (await (await fetch(url)).json()) as Document;
  findings = await runSchemathesis(url, tokens);
}, TOOL_SETUP_MS + RUN_MS);

afterAll(() => stack.stop());

function answersTo(operation: string): Probe[] {
  return findings.probes.filter((probe) => probe.operation === operation);
}

test('no request is answered with what the document does not say', () => {
  expect(findings.exitCode === 0 ? 'no fault' : findings.output).toBe('no fault');
  expect(findings.faults).toEqual([]);
});

test('over a thousand requests reached every operation, and every check judged their answers', () => {
  const published = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(findings.probes.length).toBeGreaterThanOrEqual(1000);
  expect(published.filter((operation) => answersTo(operation).length === 0)).toEqual([]);
  expect([...findings.checks.keys()].sort()).toEqual(CHECKS);
});

test.each([
  ['POST', 'obtener-certificado-digital', [200, 201, 400, 401, 409, 422]],
  ['GET', 'solicitudes/{codigoSolicitudTramite}', [200, 400, 401, 404]],
  ['GET', 'solicitudes', [200, 400, 401]],
  ['POST', 'solicitudes/busqueda', [200, 400, 401]],
  ['GET', 'seguimiento/{correlationId}', [200, 400, 401]],
  ['POST', 'solicitudes/{codigoSolicitudTramite}/reejecuciones', [400, 401, 404, 409]],
  ['POST', 'solicitudes/{codigoSolicitudTramite}/resolucion', [400, 401, 404, 409]],
  ['POST', 'reejecuciones', [200, 201, 400, 401]],
])('the requests of %s %s get past the door, or do not: %p', (method, path, expected) => {
  const statuses = answersTo(`${method} ${BASE}/${path}`).map(({ status }) => status);
  expect([...new Set(statuses)]).toEqual(expect.arrayContaining(expected));
});

test('a request that the schema allows is refused as invalid only for what JSON Schema cannot say', () => {
  const told = findings.probes
    .filter(({ valid, status }) => valid && status === 400)
    .flatMap(
      ({ body }) => (JSON.parse(body) as { error: { errores: { detalleError: string }[] } }).error.errores,
    )
    .map(({ detalleError }) => detalleError);
  expect(told.filter((detail) => !BEYOND_THE_SCHEMA.some((pattern) => pattern.test(detail)))).toEqual([]);
});

test('an answer that is not as the document says is found', async () => {
  const path = `${BASE}/solicitudes/{codigoSolicitudTramite}`;
  const { get } = structuredClone(document.paths[path] ?? {});
  const responses = get?.responses ?? {};
  const wrong = {
    ...document,
    paths: {
      [path]: {
        get: {
          ...get,
          parameters: [
            ...(get?.parameters ?? []),
            { name: 'X-Nunca', in: 'header', required: true, schema: {} },
          ],
          responses: {
            ...Object.fromEntries(Object.entries(responses).filter(([status]) => status !== '404')),
            200: {
              description: 'No es lo que responde',
              headers: { 'X-Nunca': { required: true, schema: { type: 'string' } } },
              content: { 'application/json': { schema: { type: 'array' } } },
            },
          },
        },
      },
    },
  };
  const file = join(temporaryFolder(), 'openapi.json');
  await writeFile(file, JSON.stringify(wrong));

  const args = ['--url', stack.url('api'), '--phases', 'examples,coverage'];
  const { exitCode, faults } = await runSchemathesis(file, tokens, args);

  expect(exitCode).toBe(1);
  expect(faults.map((fault) => fault.split(' ')[0]).sort()).toEqual(
    expect.arrayContaining([
      'missing_required_header',
      'response_headers_conformance',
      'response_schema_conformance',
      'status_code_conformance',
    ]),
  );
});

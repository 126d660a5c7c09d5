import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { leerSolicitud, type SolicitudCertificado } from '../../../../shared/emision/solicitud.ts';
import { EXITOS, FALLOS_HTTP } from '../../../../shared/nucleo/fallos.ts';
import { FALLOS } from '../../../support/api/fallos.ts';
import { ApiDePrueba, BASE, RUTA_POST } from '../../../support/api/api-de-prueba.ts';
import { conMiembro, solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';

interface Esquema {
  $ref?: string;
  description?: string;
  enum?: string[];
  properties?: Record<string, Esquema>;
  items?: Esquema;
  anyOf?: Esquema[];
}
interface Contenido {
  'application/json': { schema: { $ref: string }; examples: Record<string, { value: unknown }> };
}
interface Operacion {
  tags: string[];
  security: Record<string, string[]>[];
  parameters: {
    name: string;
    description?: string;
    in: string;
    required: boolean;
    example: unknown;
    schema: object;
  }[];
  requestBody?: { content: Contenido };
  responses: Record<string, { headers: Record<string, unknown>; content: Contenido }>;
}
interface Documento {
  openapi: string;
  servers?: unknown;
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operacion>>;
  components: { schemas: Record<string, Esquema> };
}

let documento: Documento;
beforeAll(async () => {
  const api = await ApiDePrueba.iniciar();
  const { texto } = await api.pedirTexto({ ruta: '/openapi.json' });
  documento = JSON.parse(texto) as Documento;
  await api.detener();
});

function operaciones(): [string, Operacion][] {
  return Object.entries(documento.paths).flatMap(([path, metodos]) =>
    Object.entries(metodos).map(([metodo, operacion]): [string, Operacion] => [
      `${metodo} ${path}`,
      operacion,
    ]),
  );
}

function validador(esquema: object) {
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  ajv.addFormat('idn-email', true).addFormat('cursor', true);
  // Its references are to the document's components.
  return ajv.compile({ ...esquema, components: documento.components });
}

/** Made once a schema: answers of many codes share one. */
const validadores = new Map<string, ReturnType<typeof validador>>();

function validadorDe(referencia: string) {
  const conocido = validadores.get(referencia);
  if (conocido) return conocido;
  const esquema = documento.components.schemas[referencia.split('/').at(-1) ?? ''];
  if (!esquema) throw new Error(`the document has no ${referencia}`);
  const validar = validador(esquema);
  validadores.set(referencia, validar);
  return validar;
}

it('the document is OpenAPI 3.1 in the eyes of an outside validator', async () => {
  const validator = new Validator();
  const veredicto = await validator.validate({ ...structuredClone(documento) });
  expect(veredicto).toMatchObject({ valid: true });
  expect(validator.version).toBe('3.1');
});

it('the document has every route and the health checks, paths in full and no base path', () => {
  expect(operaciones().map(([nombre]) => nombre)).toEqual([
    `post ${RUTA_POST}`,
    `get ${BASE}/solicitudes/{codigoSolicitudTramite}`,
    `get ${BASE}/solicitudes`,
    `post ${BASE}/solicitudes/busqueda`,
    `get ${BASE}/seguimiento/{correlationId}`,
    `post ${BASE}/solicitudes/{codigoSolicitudTramite}/reejecuciones`,
    `post ${BASE}/solicitudes/{codigoSolicitudTramite}/resolucion`,
    `post ${BASE}/reejecuciones`,
    `get ${BASE}/reejecuciones/{reejecucionId}`,
    `get ${BASE}/por-revocar`,
    `get ${BASE}/bitacora/entradas/{registroAuditoriaId}`,
    `get ${BASE}/bitacora/punto-de-control`,
    `get ${BASE}/bitacora/consistencia`,
    'get /health/live',
    'get /health/ready',
  ]);
  expect(documento.servers).toBeUndefined();
});

it('the document tells every code that a submission may get, with the headers that come with it', () => {
  const post = documento.paths[RUTA_POST]?.post;
  const estadosHttp = [
    ...Object.values(EXITOS),
    ...Object.values(FALLOS).map(({ statusCode }) => statusCode),
  ];
  expect(Object.keys(post?.responses ?? {})).toEqual([...new Set(estadosHttp.map(String))].sort());
  expect(post?.security).toEqual([{ jwt: ['certificados:emitir'] }]);
  expect(post?.parameters.map(({ name, required }) => [name, required])).toEqual([
    ['X-Correlation-ID', true],
    ['X-Request-ID', true],
    ['X-Office-Code', true],
    ['X-Device-ID', true],
    ['X-Channel', true],
    ['Prefer', false],
  ]);
  expect(Object.keys(post?.responses['401']?.headers ?? {})).toContain('WWW-Authenticate');
  expect(Object.keys(post?.responses['405']?.headers ?? {})).toContain('Allow');
  for (const estadoHttp of ['409', '502', '503', '504'])
    expect(Object.keys(post?.responses[estadoHttp]?.headers ?? {})).toEqual(
      expect.arrayContaining(['Location', 'Retry-After']),
    );
});

it('the document asks of each other operation the scope of its kind, and tells what any request may meet', () => {
  const deSoporte = operaciones()
    .filter(([nombre]) => nombre.includes(BASE))
    .slice(2);
  expect(Object.fromEntries(deSoporte.map(([nombre, { security }]) => [nombre, security]))).toEqual({
    [`get ${BASE}/solicitudes`]: [{ jwt: ['certificados:consultar'] }],
    [`post ${BASE}/solicitudes/busqueda`]: [{ jwt: ['certificados:consultar'] }],
    [`get ${BASE}/seguimiento/{correlationId}`]: [{ jwt: ['certificados:consultar'] }],
    [`post ${BASE}/solicitudes/{codigoSolicitudTramite}/reejecuciones`]: [
      { jwt: ['certificados:reejecutar'] },
    ],
    [`post ${BASE}/solicitudes/{codigoSolicitudTramite}/resolucion`]: [{ jwt: ['certificados:reejecutar'] }],
    [`post ${BASE}/reejecuciones`]: [{ jwt: ['certificados:reejecutar'] }],
    [`get ${BASE}/reejecuciones/{reejecucionId}`]: [{ jwt: ['certificados:consultar'] }],
    [`get ${BASE}/por-revocar`]: [{ jwt: ['certificados:reejecutar'] }],
    [`get ${BASE}/bitacora/entradas/{registroAuditoriaId}`]: [{ jwt: ['certificados:consultar'] }],
    [`get ${BASE}/bitacora/punto-de-control`]: [{ jwt: ['certificados:consultar'] }],
    [`get ${BASE}/bitacora/consistencia`]: [{ jwt: ['certificados:consultar'] }],
  });
  for (const [nombre, { responses }] of deSoporte)
    expect([nombre, Object.keys(responses)]).toEqual([
      nombre,
      expect.arrayContaining(['400', '401', '403', '405', '408', '429', '500', '503']),
    ]);
});

it('the document shows examples that its own schemas accept', () => {
  let vistos = 0;
  for (const [, { responses, requestBody, parameters }] of operaciones()) {
    for (const parametro of parameters) {
      expect(validador(parametro.schema)(parametro.example)).toBe(true);
      vistos += 1;
    }
    for (const contenido of [...Object.values(responses), ...(requestBody ? [requestBody] : [])]) {
      const { schema, examples } = contenido.content['application/json'];
      const validar = validadorDe(schema.$ref);
      for (const { value } of Object.values(examples)) {
        validar(value);
        expect(validar.errors).toBeNull();
        vistos += 1;
      }
    }
  }
  expect(vistos).toBeGreaterThan(60);
});

it('the document shows a request that the API accepts, as does the sample', () => {
  const ejemplo =
    documento.paths[RUTA_POST]?.post?.requestBody?.content['application/json'].examples.ejemplo?.value;
  expect(leerSolicitud(ejemplo, '2026-11-22').valida).toBe(true);
  const muestra: unknown = JSON.parse(
    readFileSync(new URL('../../../../samples/solicitud.json', import.meta.url), 'utf8'),
  );
  expect(leerSolicitud(muestra, '2026-11-22').valida).toBe(true);
  // Who has issued the sample tries the example next: under its codigo another request would be refused.
  const codigoDe = (una: unknown) => (una as SolicitudCertificado).solicitud.codigoSolicitudTramite;
  expect(codigoDe(ejemplo)).not.toBe(codigoDe(muestra));
});

/** What a schema refers to; itself, where it refers to nothing. */
function referido(esquema: Esquema): Esquema {
  return esquema.$ref ? (documento.components.schemas[esquema.$ref.split('/').at(-1) ?? ''] ?? {}) : esquema;
}

function estaExplicado(esquema: Esquema): boolean {
  return [esquema, referido(esquema), ...(esquema.anyOf ?? []).map(referido)].some(
    ({ description }) => (description ?? '') !== '',
  );
}

it('the document explains every field and parameter, and every tag', () => {
  const sinExplicar: string[] = [];
  let vistos = 0;
  const recorrer = (esquema: Esquema, donde: string) => {
    for (const [nombre, campo] of Object.entries(esquema.properties ?? {})) {
      vistos += 1;
      if (!estaExplicado(campo)) sinExplicar.push(`${donde}.${nombre}`);
      recorrer(campo, `${donde}.${nombre}`);
    }
    for (const parte of [...(esquema.anyOf ?? []), ...(esquema.items ? [esquema.items] : [])])
      recorrer(parte, donde);
  };
  for (const [nombre, esquema] of Object.entries(documento.components.schemas)) recorrer(esquema, nombre);
  for (const [nombre, { parameters }] of operaciones())
    for (const parametro of parameters) {
      vistos += 1;
      if (!parametro.description) sinExplicar.push(`${nombre} ${parametro.name}`);
    }
  expect(sinExplicar).toEqual([]);
  expect(vistos).toBeGreaterThan(150);
  const usadas = new Set(operaciones().flatMap(([, { tags }]) => tags));
  expect(documento.tags).toEqual(
    [...usadas].map((name) => ({ name, description: expect.stringMatching(/\S/) as string })),
  );
  // Generators of clients make names of modules of them.
  for (const nombre of usadas) expect(nombre).toMatch(/^[a-z]+$/);
});

it('the document lists every error.tipo that the API tells', () => {
  const tipos = new Set([...Object.values(FALLOS), ...Object.values(FALLOS_HTTP)].map(({ tipo }) => tipo));
  const { enum: listados, description } = documento.components.schemas.TipoError ?? {};
  expect(listados).toEqual([...tipos].sort());
  for (const { tipo, titulo } of Object.values(FALLOS)) {
    expect(description).toContain(`\`${tipo}\``);
    expect(description).toContain(titulo);
  }
});

it('the document takes a bulk order that names codigos or a filter, never both or none', () => {
  const validar = validador(documento.components.schemas.OrdenDeReejecucionMasiva ?? {});
  const motivo = 'La PKI ya responde';
  expect(validar({ motivo, codigos: ['A'] })).toBe(true);
  expect(validar({ motivo, filtro: {}, simular: true })).toBe(true);
  expect(validar({ motivo })).toBe(false);
  expect(validar({ motivo, codigos: ['A'], filtro: {} })).toBe(false);
});

it('the document refuses by its schema what the API refuses by length, type, presence or an unknown name', () => {
  const validar = validador(documento.components.schemas.SolicitudCertificado ?? {});
  expect(validar(solicitudDePrueba())).toBe(true);
  for (const [ruta, valor] of [
    ['solicitud.numeroDocumento', '1234567'],
    ['ciudadano.sexo', 'FM'],
    ['ciudadano.fechaNacimiento', '2023-02-29'],
    ['ciudadano.apellidoMaterno', null],
    ['configuracionCertificados.tipoCertificados', ['CIFRADO', 'CIFRADO']],
    ['configuracionCertificados.tipoCertificados', []],
    ['configuracionCertificados.vigenciaAnios', 5],
    ['metadatos.ipOrigen', 'localhost'],
    ['metadatos.timestampSolicitud', 'x'.repeat(20)],
    ['metadatos.usuarioRegistrador', undefined],
    ['otro', 1],
  ] as const)
    expect([ruta, validar(conMiembro(solicitudDePrueba(), ruta, valor))]).toEqual([ruta, false]);
});

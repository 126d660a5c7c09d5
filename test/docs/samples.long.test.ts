/** samples/, on the whole system: each request answers what its comment says, and each client tells how it ended. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { FALLOS } from '../support/api/fallos.ts';
import { requestDevelopmentToken } from '../../simulator/oidc/development-token.ts';
import { SANDBOX } from '../../simulator/pki/faults/sandbox.ts';
import { BASE } from '../support/api/api-de-prueba.ts';
import { solicitudDePrueba } from '../support/emision/solicitud-de-prueba.ts';
import { TOOL_SETUP_MS } from '../support/referees/tools.ts';
import { pythonClient, typescriptClient } from './clients.ts';
import { readHttpFile, type Answer, type Expectation, type SampleRequest } from './httpyac.ts';
import { Stack } from '../support/servidores/stack.ts';
import { hasta } from '../support/hasta.ts';

jest.setTimeout(180_000);

const LIMITE_POR_OFICINA = 100;
/** Longer than the retries of what never succeeds. */
const EN_PROCESO_MAXIMO_MS = 30_000;

/** What no request can cause by itself. */
const NOT_SHOWN: string[] = [
  FALLOS.TIEMPO_AGOTADO.tipo,
  FALLOS.ERROR_INTERNO.tipo,
  FALLOS.SERVICIO_NO_DISPONIBLE.tipo,
];

const FILES = ['emision.http', 'soporte.http'] as const;
const read = (file: string) => readFileSync(`samples/${file}`, 'utf8');

let stack: Stack;
let folder: string;
let variables: Record<string, string>;

beforeAll(async () => {
  stack = await Stack.start({
    PKI_TIMEOUT_MS: '1000',
    SIMULADOR_TARDIO_MS: '1500',
    SIMULADOR_LENTO_MS: '300',
    // Three late answers of the sandbox outlast it, however the waits between them vary (1 and 2 s, 20 % more or less).
    VENTANA_REINTENTO_MS: '5000',
    LIMITE_OFICINA_POR_MINUTO: String(LIMITE_POR_OFICINA),
  });
  const [siirc, consulta, soporte] = await Promise.all(
    (['siirc', 'consulta', 'soporte'] as const).map((client) =>
      requestDevelopmentToken(stack.url('emisor'), client),
    ),
  );
  variables = { api: stack.url('api'), siirc, consulta, soporte } as Record<string, string>;
  folder = await mkdtemp(join(tmpdir(), 'samples-'));
}, 180_000);

afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
});

/** As a person does: asks again while it goes on, and once more than the limit allows. */
async function sendAsSaid(request: SampleRequest): Promise<Answer> {
  let answer = await request.send();
  if (request.expected?.status === FALLOS.LIMITE_EXCEDIDO.statusCode)
    for (let times = 1; times <= LIMITE_POR_OFICINA; times++) answer = await request.send();
  if (request.method !== 'GET') return answer;
  return hasta(
    `${request.url} to tell an end`,
    async () => {
      if (wordsOf(answer).includes('EN_PROCESO')) answer = await request.send();
      return !wordsOf(answer).includes('EN_PROCESO') && answer;
    },
    EN_PROCESO_MAXIMO_MS,
  );
}

interface Envelope {
  error?: { tipo: string };
  /** Of an issuance; of a bulk re-run. */
  data?: { transaccion?: { estado: string }; estado?: string; reejecucionId?: string } | null;
}

function envelopeOf({ text }: Answer): Envelope {
  return text.startsWith('{') ? (JSON.parse(text) as Envelope) : {};
}

/** `error.tipo` and the state, where the answer has them. */
function wordsOf(answer: Answer): string[] {
  const { error, data } = envelopeOf(answer);
  return [error?.tipo, data?.transaccion?.estado ?? data?.estado].filter((word) => word !== undefined);
}

function difference({ title, expected }: SampleRequest, answer: Answer): string[] {
  const said = written(expected);
  const came = written({ status: answer.status, words: wordsOf(answer) });
  return said === came ? [] : [`${title}: says ${said}, is ${came}`];
}

function written(expectation: Expectation | null): string {
  return expectation === null ? 'nothing' : [expectation.status, ...expectation.words].join(' ');
}

/** Sends every request; answers where it differs from what its comment says. */
async function walk(text: string): Promise<string[]> {
  const differences: string[] = [];
  const given = { ...variables };
  for (const i of (await readHttpFile(text, given)).keys()) {
    const request = (await readHttpFile(text, given))[i];
    if (!request) throw new Error('unreachable: values do not change how many requests there are');
    const answer = await sendAsSaid(request);
    differences.push(...difference(request, answer));
    // As a person copies it.
    const copied = envelopeOf(answer).data?.reejecucionId;
    if (copied !== undefined) given.reejecucion = copied;
  }
  return differences;
}

test.each(FILES)('%s answers as it says', async (file) => {
  expect(await walk(read(file))).toEqual([]);
});

test('emision.http shows every document of the sandbox', () => {
  const text = read('emision.http');
  const documents = SANDBOX.map(({ numeroDocumento }) => numeroDocumento);
  expect(documents.filter((document) => !text.includes(`"${document}"`))).toEqual([]);
});

/** Of both files. */
async function allRequests(): Promise<SampleRequest[]> {
  return (await Promise.all(FILES.map((file) => readHttpFile(read(file), {})))).flat();
}

test('the samples show every kind of error that a request can cause', async () => {
  const shown = (await allRequests()).flatMap(({ expected }) => expected?.words ?? []);
  const kinds = new Set(Object.values(FALLOS).map(({ tipo }) => tipo));
  expect([...kinds].filter((kind) => !shown.includes(kind)).sort()).toEqual(NOT_SHOWN.sort());
});

test('the samples show every operation of the document', async () => {
  const document = (await (await fetch(`${stack.url('api')}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>;
  };
  const published = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
  );
  const sent = (await allRequests()).map(({ method, url }) => ({
    method,
    url: url.replace('{{base}}', BASE).replace('{{api}}', ''),
  }));
  const isShown = ({ method, path }: { method: string; path: string }) => {
    const pattern = new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/?]+')}(\\?|$)`);
    return sent.some((request) => request.method === method && pattern.test(request.url));
  };
  expect(published.filter((operation) => !isShown(operation))).toEqual([]);
});

test.each([
  ['another code', '# → 404 SOLICITUD_NO_ENCONTRADA'],
  ['another kind of error', '# → 401 SIN_PERMISOS'],
  ['a state that is not there', '# → 401 TOKEN_INVALIDO FALLIDO'],
  ['nothing', '# responde algo'],
])('a sample that says %s is found', async (_what, comment) => {
  const text = `@api = x\n\n### Sin token\n${comment}\nGET {{api}}${BASE}/solicitudes/X\n`;
  expect(await walk(text)).toHaveLength(1);
});

/** The whole life of each, as its client lives it: outages and all. */
const CLIENTS_TOLD = [
  { document: '45678999', exit: 0, says: /^AUTENTICACION [0-9A-F]+$/m },
  { document: '99991404', exit: 1, says: /^CIUDADANO_NO_ENCONTRADO .+\nResuelta la causa/m },
  // It waits for its answer less than this takes, and asks again.
  {
    document: '99991500',
    exit: 1,
    says: /: de nuevo en \d+ s\n(.+\n)*ADAPTADOR_NO_DISPONIBLE .+\nResuelta la causa/m,
  },
  { document: '99992502', exit: 1, says: /^CERTIFICADO_NO_CONFORME .+\nAvise a soporte/m },
  { document: '1234567', exit: 1, says: /^VALIDACION solicitud\.numeroDocumento/m },
];

test.each([
  ['TypeScript', typescriptClient],
  ['Python', pythonClient],
])(
  'a client in %s, made of the document, compiles and tells how each issuance ended',
  async (language, generate) => {
    const { complaints, run } = await generate(join(folder, language), `${stack.url('api')}/openapi.json`);
    expect(complaints).toBe('');
    const env = { API: stack.url('api'), TOKEN: variables.siirc ?? '', RESPUESTA_MAXIMA_S: '3' };
    for (const { document, exit, says } of CLIENTS_TOLD) {
      const file = join(folder, `${language}-${document}.json`);
      const solicitud = solicitudDePrueba(`${language}-${document}`, document);
      await writeFile(file, JSON.stringify(solicitud));
      const { code, output } = await run(file, env);
      expect(output).toMatch(says);
      expect([document, code]).toEqual([document, exit]);
    }
  },
  TOOL_SETUP_MS + 180_000,
);

/** The requests of samples/, in their order, on the whole system: each answers what its comment says. */
import { readFileSync } from 'node:fs';
import { jest } from '@jest/globals';
import { FALLOS } from '../support/api/fallos.ts';
import { requestDevelopmentToken } from '../../simulator/oidc/development-token.ts';
import { SANDBOX } from '../../simulator/pki/faults/sandbox.ts';
import { BASE } from '../support/api/api-de-prueba.ts';
import { readHttpFile, type Expectation, type SampleRequest } from './http-file.ts';
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
}, 180_000);

afterAll(() => stack.stop());

interface Answer {
  status: number;
  text: string;
}

async function send({ method, url, headers, body }: SampleRequest): Promise<Answer> {
  const answer = await fetch(url, { method, headers, body });
  return { status: answer.status, text: await answer.text() };
}

/** As a person does: asks again while it goes on, and once more than the limit allows. */
async function sendAsSaid(request: SampleRequest): Promise<Answer> {
  let answer = await send(request);
  if (request.expected?.status === FALLOS.LIMITE_EXCEDIDO.statusCode)
    for (let times = 1; times <= LIMITE_POR_OFICINA; times++) answer = await send(request);
  if (request.method !== 'GET') return answer;
  return hasta(
    `${request.url} to tell an end`,
    async () => {
      if (wordsOf(answer).includes('EN_PROCESO')) answer = await send(request);
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
  for (const [i] of readHttpFile(text, given).entries()) {
    const request = readHttpFile(text, given)[i];
    if (!request) throw new Error('unreachable: values do not change how many requests there are');
    const answer = await sendAsSaid(request);
    differences.push(...difference(request, answer));
    // As a person copies it.
    given.reejecucion = envelopeOf(answer).data?.reejecucionId ?? given.reejecucion ?? '';
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

test('the samples show every kind of error that a request can cause', () => {
  const shown = FILES.flatMap((file) => readHttpFile(read(file), {})).flatMap(
    ({ expected }) => expected?.words ?? [],
  );
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
  const sent = FILES.flatMap((file) => readHttpFile(read(file), variables));
  const isShown = ({ method, path }: { method: string; path: string }) => {
    const pattern = new RegExp(`^${stack.url('api')}${path.replaceAll(/\{\w+\}/g, '[^/?]+')}(\\?|$)`);
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

/** `npm run emitir` against an API that answers by a script. */
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { folderNameOf } from '../../scripts/emitir/certificate-files.ts';
import { temporaryFolder } from '../support/procesos/temporary-folder.ts';
import { type Ended, runToEnd, startProcess } from '../support/procesos/test-process.ts';

const PASO = { fechaInicio: '2026-11-22T10:00:00Z', fechaFin: null, intentos: 1 };
const HECHO = { ...PASO, estado: 'COMPLETADO', fechaFin: '2026-11-22T10:00:02Z' };
const EN_CURSO = { ...PASO, estado: 'EN_PROCESO', intentos: 3 };

const CERTIFICADO = {
  tipoCertificado: 'CIFRADO',
  numeroSerie: 'AB12',
  fechaVencimiento: '2030-11-22T10:00:00Z',
  certificadoBase64: Buffer.from('der').toString('base64'),
};

function sobre(statusCode: number, estado: string | null, paso2: object = HECHO, error?: object) {
  const data = estado && {
    transaccion: { estado },
    certificados: estado === 'COMPLETADO' ? [CERTIFICADO] : [],
    pasosProceso: { paso1GeneracionClaves: HECHO, paso2EmisionCertificado: paso2 },
  };
  return { statusCode, message: 'mensaje', data, ...(error && { error }) };
}

const RECHAZO = {
  tipo: 'VALIDACION',
  titulo: 'No es válida',
  errores: [{ detalleError: 'ciudadano.sexo: falta' }],
};

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

type Answers = { post: object; gets?: object[] };

/** On a busy machine the command looks how it goes before its POST is answered. */
const NO_ENCONTRADA = sobre(404, null);

/** Answers the POST at once, then each GET in turn, the last one for ever. */
async function apiThatAnswers({ post, gets = [NO_ENCONTRADA] }: Answers) {
  const received: { method: string | undefined; url: string | undefined; body: string }[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      received.push({ method: request.method, url: request.url, body });
      const answer = request.method === 'POST' ? post : gets.length > 1 ? gets.shift() : gets[0];
      const { statusCode } = answer as { statusCode: number };
      response.writeHead(statusCode, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, received };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

function emitir(port: number, dataDir: string, ...args: string[]): Promise<Ended> {
  const env = {
    ...process.env,
    PORT: String(port),
    DATA_DIR: dataDir,
    EMITIR_TOKEN: 'token',
    PKI_TRUST_ANCHORS: '',
  };
  return runToEnd(startProcess(process.execPath, ['scripts/emitir.ts', ...args], { env }));
}

const SAMPLE = 'samples/solicitud.json';

test('npm run emitir shows the steps with their attempts and time, and writes the certificates and the chain', async () => {
  const { port } = await apiThatAnswers({ post: sobre(201, 'COMPLETADO') });
  const folder = temporaryFolder();
  const chain = join(folder, 'chain of the PKI.pem');
  writeFileSync(chain, 'chain');

  const ended = await runToEnd(
    startProcess(process.execPath, ['scripts/emitir.ts', SAMPLE, '--salida', join(folder, 'out')], {
      env: { ...process.env, PORT: String(port), EMITIR_TOKEN: 'token', PKI_TRUST_ANCHORS: chain },
    }),
  );

  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout).toContain('Paso 2, emitir los certificados: COMPLETADO, 1 intento');
  expect(ended.stdout).toContain('(2 s)');
  expect(readFileSync(join(folder, 'out', 'CIFRADO.cer'), 'utf8')).toBe('der');
  expect(readFileSync(join(folder, 'out', 'cadena.pem'), 'utf8')).toBe('chain');
  expect(ended.stdout).toMatch(/openssl verify -x509_strict -CAfile \S+cadena\.pem \S+CIFRADO\.cer/);
});

test('npm run emitir goes on asking while the issuance is in process, and takes its end', async () => {
  const gets = [sobre(200, 'EN_PROCESO', EN_CURSO), sobre(200, 'COMPLETADO')];
  const { port, received } = await apiThatAnswers({ post: sobre(504, 'EN_PROCESO', EN_CURSO), gets });
  const folder = temporaryFolder();

  const ended = await emitir(port, folder, SAMPLE, '--salida', folder, '--codigo', 'a/b ñ');

  expect(ended.code).toBe(0);
  expect(ended.stdout).toContain('EN_PROCESO, 3 intentos');
  expect(existsSync(join(folder, 'CIFRADO.cer'))).toBe(true);
  const [post, get] = [received.find(({ method }) => method === 'POST'), received.at(-1)];
  expect(post?.body).toContain('"codigoSolicitudTramite":"a/b ñ"');
  expect(get?.url).toMatch(/\/solicitudes\/a%2Fb%20%C3%B1$/);
});

test.each<[string, Answers]>([
  ['refused', { post: sobre(400, null, undefined, RECHAZO) }],
  ['that failed', { post: sobre(502, 'FALLIDO', HECHO, RECHAZO) }],
  [
    'that fails while it is waited for',
    { post: sobre(504, 'EN_PROCESO', EN_CURSO), gets: [sobre(200, 'FALLIDO', HECHO, RECHAZO)] },
  ],
])('an issuance %s ends in the words of its error', async (_how, answers) => {
  const { port } = await apiThatAnswers(answers);
  const folder = temporaryFolder();

  const ended = await emitir(port, folder, SAMPLE, '--salida', folder);

  expect(ended.code).toBe(1);
  expect(ended.stderr).toMatch(/\d{3} VALIDACION: No es válida\n {2}- ciudadano\.sexo: falta/);
  expect(existsSync(join(folder, 'CIFRADO.cer'))).toBe(false);
});

test('npm run emitir says in Spanish that the API does not answer', async () => {
  const folder = temporaryFolder();

  const ended = await emitir(1, folder, SAMPLE);

  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain('El API no responde en http://127.0.0.1:1');
});

test.each([
  ['no file', []],
  ['an unknown option', [SAMPLE, '--fuerza']],
])('npm run emitir with %s shows how it is used', async (_what, args) => {
  const ended = await emitir(1, temporaryFolder(), ...args);

  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toContain('Uso: npm run emitir');
});

test.each([
  ['SOL-2026_01', /^SOL-2026_01$/],
  ['../x', /^___x-[0-9a-f]{8}$/],
  ['a/b', /^a_b-[0-9a-f]{8}$/],
  ['📜', /^_+-[0-9a-f]{8}$/],
])('the folder of codigo %j stays inside salida', (codigo, name) => {
  expect(folderNameOf(codigo)).toMatch(name);
});

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { pickFreePort } from '../../scripts/start/ports.ts';
import { type Issuer, startIssuer } from '../../simulator/oidc/issuer.ts';
import { temporaryFolder } from '../support/procesos/temporary-folder.ts';
import { runToEnd, startProcess } from '../support/procesos/test-process.ts';

let issuer: Issuer;
beforeAll(async () => {
  const keysFolder = temporaryFolder();
  issuer = await startIssuer({ host: '127.0.0.1', port: 0, audience: 'api', keysFolder });
});
afterAll(() => issuer.stop());

function token(client: string[], port = new URL(issuer.url).port, DATA_DIR = '') {
  return runToEnd(
    startProcess(process.execPath, ['scripts/token.ts', ...client], {
      env: { ...process.env, OIDC_PORT: port, DATA_DIR },
    }),
  );
}

test('npm run token prints one token on stdout and nothing else', async () => {
  const ended = await token(['siirc']);

  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  expect(decodeJwt(ended.stdout.trim())).toMatchObject({ sub: 'siirc', iss: issuer.url, aud: 'api' });
});

test('npm run token with --cabecera prints the name of a file that only its user reads, and that curl takes as a header', async () => {
  const dataDir = join(temporaryFolder(), 'data');

  const ended = await token(['siirc', '--cabecera'], undefined, dataDir);

  expect(ended).toMatchObject({ code: 0, stderr: '', stdout: `${join(dataDir, 'token-siirc.cabecera')}\n` });
  const file = ended.stdout.trim();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  const [, jwt = ''] = /^Authorization: Bearer (\S+)\n$/.exec(readFileSync(file, 'utf8')) ?? [];
  expect(decodeJwt(jwt)).toMatchObject({ sub: 'siirc' });
});

test('with --permisos the token has those scopes alone', async () => {
  const { stdout } = await token(['consulta', '--permisos', 'certificados:consultar']);

  expect(decodeJwt(stdout.trim())).toMatchObject({ sub: 'consulta', scope: 'certificados:consultar' });
});

test.each([[['nadie']], [[]]])(
  'npm run token for the client %j says which ones there are, on stderr',
  async (client) => {
    const ended = await token(client);

    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain('Known: siirc, consulta, soporte');
  },
);

test('npm run token says how to start the issuer where none answers', async () => {
  const ended = await token(['siirc'], String(await pickFreePort('127.0.0.1')));

  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toContain('start it with `npm start`');
});

test('a port that is none is named', async () => {
  const ended = await token(['siirc'], 'ochenta');

  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toContain('OIDC_PORT');
});

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { requestDevelopmentToken } from '../../../simulator/oidc/development-token.ts';
import { type Issuer, startIssuer } from '../../../simulator/oidc/issuer.ts';
import { temporaryFolder } from '../../support/procesos/temporary-folder.ts';

const AUDIENCE = 'MsCoreogCertificadosDigitales';

const running: Issuer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((issuer) => issuer.stop()));
});

async function start(keysFolder = temporaryFolder(), changes: { issuer?: string } = {}): Promise<Issuer> {
  const issuer = await startIssuer({
    host: '127.0.0.1',
    port: 0,
    audience: AUDIENCE,
    keysFolder,
    ...changes,
  });
  running.push(issuer);
  return issuer;
}

interface Discovery {
  issuer: string;
  jwks_uri: string;
  token_endpoint: string;
}

async function discover(url: string): Promise<Discovery> {
  return (await (await fetch(`${url}/.well-known/openid-configuration`)).json()) as Discovery;
}

async function verify(token: string, url: string, issuer = url) {
  const { jwks_uri } = await discover(url);
  return jwtVerify(token, createRemoteJWKSet(new URL(jwks_uri)), { issuer, audience: AUDIENCE });
}

function askToken(url: string, secret: string, form: Record<string, string>) {
  return fetch(`${url}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`siirc:${secret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...form }),
  });
}

test.each([
  ['siirc', 'certificados:emitir certificados:consultar'],
  ['consulta', 'certificados:consultar certificados:consultar-todas'],
  [
    'soporte',
    'certificados:consultar certificados:consultar-todas certificados:reejecutar certificados:nueva-emision',
  ],
  ['operador', 'certificados:consultar certificados:consultar-todas certificados:descifrar'],
  [
    'supervisor',
    'certificados:consultar certificados:consultar-todas certificados:descifrar certificados:datos-personales',
  ],
])('a token of %s verifies against the JWKS and carries its scopes for an hour', async (client, scope) => {
  const { url } = await start();

  const token = await requestDevelopmentToken(url, client);

  const { payload } = await verify(token, url);
  expect(payload).toMatchObject({ sub: client, client_id: client, scope });
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
  expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256', kid: 'desarrollo-1' });
});

test('a wrong secret is refused', async () => {
  const { url } = await start();

  const answer = await askToken(url, 'wrong', { scope: 'certificados:emitir' });

  expect(answer.status).toBe(401);
  expect(await answer.json()).toMatchObject({ error: 'invalid_client' });
});

test('a client gets no scope of another one', async () => {
  const { url } = await start();

  const answer = await askToken(url, 'siirc-solo-desarrollo', { scope: 'certificados:nueva-emision' });

  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error: 'invalid_scope' });
});

test('a client may ask for fewer scopes than it has', async () => {
  const { url } = await start();

  const answer = await askToken(url, 'siirc-solo-desarrollo', { scope: 'certificados:consultar' });

  const { access_token } = (await answer.json()) as { access_token: string };
  expect((await verify(access_token, url)).payload.scope).toBe('certificados:consultar');
});

test('an unknown client is named with the known ones', async () => {
  const { url } = await start();

  await expect(requestDevelopmentToken(url, 'nadie')).rejects.toThrow(
    'Unknown client "nadie". Known: siirc, consulta, soporte',
  );
});

test('keys outlive a restart and are readable by their owner only', async () => {
  const keysFolder = join(temporaryFolder(), 'emisor');
  const first = await start(keysFolder, { issuer: 'http://issuer.example' });
  const token = await requestDevelopmentToken(first.url, 'siirc');
  const keysBefore = readFileSync(join(keysFolder, 'claves.json'), 'utf8');
  await first.stop();

  const second = await start(keysFolder, { issuer: 'http://issuer.example' });

  expect((await verify(token, second.url, 'http://issuer.example')).payload.sub).toBe('siirc');
  expect(readFileSync(join(keysFolder, 'claves.json'), 'utf8')).toBe(keysBefore);
  expect(statSync(join(keysFolder, 'claves.json')).mode & 0o777).toBe(0o600);
});

test('the JWKS holds no private part', async () => {
  const { url } = await start();

  const { keys } = (await (await fetch((await discover(url)).jwks_uri)).json()) as { keys: object[] };

  expect(keys).toHaveLength(1);
  expect(keys[0]).not.toHaveProperty('d');
});

test('the issuer answers for its health', async () => {
  const { url } = await start();

  expect((await fetch(`${url}/health/ready`)).status).toBe(200);
});

test('the issuer may be named otherwise than it is reached', async () => {
  const { url, issuer } = await start(undefined, { issuer: 'http://issuer:8091' });

  const token = await requestDevelopmentToken(url, 'siirc');

  expect(issuer).toBe('http://issuer:8091');
  expect((await discover(url)).issuer).toBe('http://issuer:8091');
  expect((await verify(token, url, 'http://issuer:8091')).payload.sub).toBe('siirc');
});

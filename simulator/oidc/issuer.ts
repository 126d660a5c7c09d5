/**
 * OpenID issuer for development: client credentials, a sign-in of people by authorization code, JWT access tokens, discovery and
 * JWKS.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Provider } from 'oidc-provider';
import { urlLocal } from '../../shared/runtime/url-local.ts';
import { DEVELOPMENT_CLIENTS } from './clients.ts';
import { answerSignIn, BROWSER_CLIENT, createMemoryAdapter, SCOPES_OF_PEOPLE } from './sign-in.ts';
import { SIGNING_ALGORITHM, loadSigningKeys } from './signing-key.ts';

const TOKEN_LIFE_S = 3600;
const SIGN_IN_LIFE_S = 600;
/** RFC 8707 wants an absolute URI to name the API by; the token's `aud` is the configured audience. */
const RESOURCE = 'urn:reniec:MsCoreogCertificadosDigitales';

export interface IssuerOptions {
  host: string;
  /** 0 lets the system choose. */
  port: number;
  /** Name of the issuer in tokens and discovery; by default the address it listens on. */
  issuer?: string | undefined;
  audience: string;
  keysFolder: string;
  /** Where browsers reach the codec server, the only one they sign in to; absent: nobody signs in. */
  codecUrl?: string | undefined;
}

export interface Issuer {
  /** What `iss` says. */
  issuer: string;
  /** Where it is reached. */
  url: string;
  /** Stops accepting and ends once the open requests are answered. */
  stop(): Promise<void>;
}

export async function startIssuer(options: IssuerOptions): Promise<Issuer> {
  const jwks = await loadSigningKeys(options.keysFolder);
  // The issuer's name holds the port, which is known only once the server listens.
  let handle = (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(503).end();
  };
  const server = createServer((request, response) => {
    handle(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : options.port;
  const url = urlLocal(options.host, port);
  const issuer = options.issuer ?? url;
  const provider = createProvider(issuer, options, jwks);
  const answerOpenId = provider.callback();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const signsIn = await answerSignIn(provider, RESOURCE, request, response).catch((error: unknown) => {
      // A sign-in that is over, or was begun in another browser.
      response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' }).end(`${String(error)}\n`);
    });
    if (signsIn === null) await answerOpenId(request, response);
  };
  handle = (request, response) => {
    if (isHealthCheck(request.url)) response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
    else void answer(request, response);
  };
  return {
    issuer,
    url,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

function isHealthCheck(url: string | undefined): boolean {
  return url === '/health/live' || url === '/health/ready';
}

function createProvider(
  issuer: string,
  { audience, codecUrl }: IssuerOptions,
  jwks: Awaited<ReturnType<typeof loadSigningKeys>>,
): Provider {
  const scopes = [...new Set(DEVELOPMENT_CLIENTS.flatMap(({ scope }) => scope.split(' ')))];
  return new Provider(issuer, {
    clients: [
      ...DEVELOPMENT_CLIENTS.map(({ id, secret, scope }) => ({
        client_id: id,
        client_secret: secret,
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        scope,
      })),
      ...(codecUrl === undefined ? [] : [browserClient(codecUrl)]),
    ],
    clientDefaults: { id_token_signed_response_alg: SIGNING_ALGORITHM },
    scopes: ['openid', ...scopes],
    adapter: createMemoryAdapter(),
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_context, { uid }) => `/interaccion/${uid}` },
    jwks,
    ttl: {
      ClientCredentials: TOKEN_LIFE_S,
      AccessToken: TOKEN_LIFE_S,
      AuthorizationCode: SIGN_IN_LIFE_S,
      Interaction: SIGN_IN_LIFE_S,
      Grant: TOKEN_LIFE_S,
      // Signed in again means to choose again.
      Session: 1,
      IdToken: TOKEN_LIFE_S,
    },
    // Of this process: a sign-in lasts minutes.
    cookies: { keys: [randomUUID()] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: scopes.join(' '),
          audience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: TOKEN_LIFE_S,
          jwt: { sign: { alg: SIGNING_ALGORITHM } },
        }),
      },
    },
  });
}

/** Public, by PKCE. */
function browserClient(codecUrl: string) {
  return {
    client_id: BROWSER_CLIENT,
    token_endpoint_auth_method: 'none' as const,
    grant_types: ['authorization_code'],
    response_types: ['code' as const],
    redirect_uris: [`${codecUrl}/volver`],
    scope: ['openid', ...SCOPES_OF_PEOPLE].join(' '),
  };
}

/** OpenID issuer for development: client credentials, JWT access tokens, discovery and JWKS. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Adapter, Provider } from 'oidc-provider';
import { urlLocal } from '../../shared/runtime/url-local.ts';
import { DEVELOPMENT_CLIENTS } from './clients.ts';
import { SIGNING_ALGORITHM, loadSigningKeys } from './signing-key.ts';

const TOKEN_LIFE_S = 3600;
/** RFC 8707 wants an absolute URI to name the API by; the token's `aud` is the configured audience. */
const RESOURCE = 'urn:reniec:MsCoreogCertificadosDigitales';

/** Clients are fixed and access tokens are JWTs, which the provider does not keep: there is nothing to store. */
const NOTHING_STORED: Adapter = {
  upsert: () => Promise.resolve(),
  find: () => Promise.resolve(undefined),
  findByUid: () => Promise.resolve(undefined),
  findByUserCode: () => Promise.resolve(undefined),
  consume: () => Promise.resolve(),
  destroy: () => Promise.resolve(),
  revokeByGrantId: () => Promise.resolve(),
};

export interface IssuerOptions {
  host: string;
  /** 0 lets the system choose. */
  port: number;
  /** Name of the issuer in tokens and discovery; by default the address it listens on. */
  issuer?: string | undefined;
  audience: string;
  keysFolder: string;
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
  const answerOpenId = createProvider(issuer, options.audience, jwks).callback();
  handle = (request, response) => {
    if (isHealthCheck(request.url)) response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
    else void answerOpenId(request, response);
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
  audience: string,
  jwks: Awaited<ReturnType<typeof loadSigningKeys>>,
): Provider {
  const scopes = [...new Set(DEVELOPMENT_CLIENTS.flatMap(({ scope }) => scope.split(' ')))];
  return new Provider(issuer, {
    clients: DEVELOPMENT_CLIENTS.map(({ id, secret, scope }) => ({
      client_id: id,
      client_secret: secret,
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      scope,
    })),
    clientDefaults: { id_token_signed_response_alg: SIGNING_ALGORITHM },
    scopes,
    adapter: () => NOTHING_STORED,
    jwks,
    ttl: { ClientCredentials: TOKEN_LIFE_S },
    // No browser comes here; the provider asks for a key all the same.
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

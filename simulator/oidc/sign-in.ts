/** How a person signs in to the issuer for development: by choosing who to be. There are no passwords: it opens nothing real. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import type { Adapter } from 'oidc-provider';
import { developmentClient } from './clients.ts';

/** The client of whoever signs in with a browser: the codec server, which keeps no secret here. */
export const BROWSER_CLIENT = 'codec';

/** Each may do what the client of development of that name may. */
const PEOPLE = {
  operador: 'Operador: ve el trabajo, y ningún dato personal',
  supervisor: 'Supervisor: ve también los datos personales',
} as const;

/** What one may ask for. */
export const SCOPES_OF_PEOPLE = [...new Set(Object.keys(PEOPLE).flatMap(scopesOf))];

function scopesOf(person: string): string[] {
  return developmentClient(person)?.scope.split(' ') ?? [];
}

/**
 * The page, and the choice.
 * @param resource that the scopes are of
 * @returns null where the request is for something else
 */
export async function answerSignIn(
  provider: Provider,
  resource: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<null | undefined> {
  const [, uid, person] = /^\/interaccion\/([\w-]+)(?:\/(\w+))?$/.exec(request.url ?? '') ?? [];
  if (uid === undefined) return null;
  if (person === undefined || !(person in PEOPLE)) {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page(uid));
    return undefined;
  }
  const { params } = await provider.interactionDetails(request, response);
  const grant = new provider.Grant({ accountId: person, clientId: String(params.client_id) });
  const allowed = scopesOf(person);
  const granted = allowed.join(' ');
  const denied = SCOPES_OF_PEOPLE.filter((scope) => !allowed.includes(scope)).join(' ');
  // Each scope is the resource's and one of the issuer's own list; what is neither granted nor denied is asked for again.
  grant.addOIDCScope(`openid ${granted}`);
  grant.rejectOIDCScope(denied);
  grant.addResourceScope(resource, granted);
  grant.rejectResourceScope(resource, denied);
  const result = { login: { accountId: person }, consent: { grantId: await grant.save() } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  return undefined;
}

function page(uid: string): string {
  const choices = Object.entries(PEOPLE).map(
    ([person, what]) => `<li><a href="/interaccion/${uid}/${person}">${what}</a></li>`,
  );
  return `<!doctype html>
<html lang="es"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Emisor de desarrollo</title><style>body { font: 1rem/1.6 system-ui; margin: 3rem auto; max-width: 36rem; padding: 0 1rem }</style></head>
<body><h1>¿Quién entra?</h1><p>Emisor de desarrollo: no pide contraseña.</p><ul>${choices.join('')}</ul></body></html>
`;
}

type Stored = Parameters<Adapter['upsert']>[1];

/** What a sign-in needs to be kept for its minutes; access tokens are JWTs, which the provider does not keep. */
export function createMemoryAdapter(): (model: string) => Adapter {
  const stored = new Map<string, { payload: Stored; until: number }>();
  return (model) => {
    const key = (id: string) => `${model}:${id}`;
    const find = (id: string) => {
      const found = stored.get(key(id));
      return found && found.until > Date.now() ? found.payload : undefined;
    };
    return {
      upsert(id, payload, expiresIn) {
        for (const [old, { until }] of stored) if (until <= Date.now()) stored.delete(old);
        stored.set(key(id), { payload, until: Date.now() + (expiresIn ?? 0) * 1000 });
        return Promise.resolve();
      },
      find: (id) => Promise.resolve(find(id)),
      findByUid: (uid) =>
        Promise.resolve([...stored.values()].map(({ payload }) => payload).find((one) => one.uid === uid)),
      findByUserCode: () => Promise.resolve(undefined),
      consume(id) {
        const payload = find(id);
        if (payload) payload.consumed = Math.floor(Date.now() / 1000);
        return Promise.resolve();
      },
      destroy(id) {
        stored.delete(key(id));
        return Promise.resolve();
      },
      revokeByGrantId(grantId) {
        for (const [one, { payload }] of stored) if (payload.grantId === grantId) stored.delete(one);
        return Promise.resolve();
      },
    };
  };
}

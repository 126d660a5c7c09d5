/** Asks the issuer for development for a token, as its clients do. */
import { z } from 'zod';
import { DEVELOPMENT_CLIENTS, developmentClient } from './clients.ts';

const ANSWER_LIMIT_MS = 10_000;

const tokenAnswer = z.object({ access_token: z.string() });

/**
 * One JWT of the client.
 * @param issuerUrl where the issuer is reached
 * @param scope some of the client's scopes, separated by blanks; absent, all
 * @throws Error that says what is wrong: unknown client, issuer down, refusal
 */
export async function requestDevelopmentToken(
  issuerUrl: string,
  clientId: string,
  scope?: string,
): Promise<string> {
  const client = developmentClient(clientId);
  if (client === null) {
    const known = DEVELOPMENT_CLIENTS.map(({ id }) => id).join(', ');
    throw new Error(`Unknown client "${clientId}". Known: ${known}. Example: npm run -s token -- siirc`);
  }
  const answer = await post(`${issuerUrl}/token`, {
    authorization: `Basic ${btoa(`${client.id}:${client.secret}`)}`,
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: scope ?? client.scope }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`The issuer at ${issuerUrl} refused the token: ${answer.status} ${text}`);
  return tokenAnswer.parse(JSON.parse(text)).access_token;
}

async function post(url: string, { authorization, body }: { authorization: string; body: URLSearchParams }) {
  try {
    const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
    return await fetch(url, { method: 'POST', headers: { authorization }, body, signal });
  } catch (cause) {
    throw new Error(
      `No issuer answers at ${url}: start it with \`npm start\` (or \`npm run issuer\`), or name its port in OIDC_PORT.`,
      {
        cause,
      },
    );
  }
}

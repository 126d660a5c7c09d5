/** What a browser may do with an answer: nothing but hand it to who asked. */
import { IncomingMessage, ServerResponse, type RequestListener } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';

/**
 * No Strict-Transport-Security: TLS ends at the gateway, which sends it for its own name; over plain HTTP a server must
 * not (RFC 6797, section 7.2). No Access-Control-*: no page of another origin may call.
 */
const PASOS = [
  helmet.contentSecurityPolicy({
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  }),
  helmet.crossOriginResourcePolicy({ policy: 'same-origin' }),
  helmet.referrerPolicy({ policy: 'no-referrer' }),
  helmet.xContentTypeOptions(),
];

export const CABECERAS_DE_SEGURIDAD = leerCabeceras((req, res) => {
  for (const paso of PASOS) paso(req, res, () => undefined);
});

/** Read once: they are the same for every answer, and those that Node's parser makes necessary pass by no express. */
function leerCabeceras(poner: RequestListener): Readonly<Record<string, string>> {
  const res = new ServerResponse(new IncomingMessage(new Socket()));
  poner(res.req, res);
  return Object.fromEntries(
    Object.entries(res.getHeaders()).map(([nombre, valor]) => [nombre, String(valor)]),
  );
}

/**
 * What a browser may do with an answer: nothing but hand it to who asked.
 *
 * No Strict-Transport-Security: TLS ends at the gateway, which sends it for its own name; over plain HTTP a server must
 * not (RFC 6797, section 7.2). No Access-Control-*: no page of another origin may call.
 */
export const CABECERAS_DE_SEGURIDAD = {
  // It runs, loads and frames nothing, and nobody frames it; the page at /docs has a policy of its own.
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  // No page of another origin embeds it.
  'cross-origin-resource-policy': 'same-origin',
  // A codigo in an address is told to no other server.
  'referrer-policy': 'no-referrer',
  // It is what its Content-Type says.
  'x-content-type-options': 'nosniff',
} as const;

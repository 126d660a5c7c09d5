/**
 * A gateway, which stands before many an adapter and answers in its place: with a page, for a route that it does not know or an
 * upstream that is away, slow or broke off; or by letting the connection fall. None of that is in the envelope.
 */
import type { Response } from 'express';

/** UPSTREAM: Envoy's words for a connection that its upstream ended. CORTE: the connection is reset. */
export const GATEWAY_ACTS = ['404', '502', '503', '504', 'UPSTREAM', 'CORTE'] as const;
export type GatewayAct = (typeof GATEWAY_ACTS)[number];

/** ANTES: the call never reaches the adapter. MIENTRAS: it does, and its work begins now. DESPUES: it is done. */
export const GATEWAY_MOMENTS = ['ANTES', 'MIENTRAS', 'DESPUES'] as const;
export type GatewayMoment = (typeof GATEWAY_MOMENTS)[number];

export interface GatewayFault {
  act: GatewayAct;
  when: GatewayMoment;
}

const TITLES = {
  404: 'Not Found',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
} as const;

const UPSTREAM_RESET =
  'upstream connect error or disconnect/reset before headers. reset reason: connection termination';

export function answerAsGateway(response: Response, act: GatewayAct): void {
  if (act === 'CORTE') response.socket?.resetAndDestroy();
  else if (act === 'UPSTREAM') response.status(503).type('text/plain').send(UPSTREAM_RESET);
  else {
    if (act === '503') response.set('Retry-After', '2');
    response
      .status(Number(act))
      .type('text/html')
      .send(page(`${act} ${TITLES[act]}`));
  }
}

function page(title: string): string {
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
}

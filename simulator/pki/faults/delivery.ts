/** How an answer leaves a server in trouble: the work is done, and the caller is not told so. */
import type { Response } from 'express';
import type { Delivery } from './behaviour.ts';

/** More than anybody should read. */
const HUGE_BYTES = 8 * 1024 * 1024;

export function deliver(response: Response, body: string, delivery: Delivery | undefined): void {
  switch (delivery) {
    case undefined:
      response.send(body);
      return;
    case 'PERDIDA':
      response.destroy();
      return;
    case 'CORTADA':
      // Its length is announced: the half that arrives is known not to be all.
      response.set('Content-Length', String(Buffer.byteLength(body)));
      response.write(half(body), () => response.destroy());
      return;
    case 'TRUNCADA':
      response.send(half(body));
      return;
    case 'BASURA':
      response.send('<html>Bad gateway</html>');
      return;
    case 'OTRO_ESQUEMA':
      response.send(JSON.stringify({ success: true, data: { resultado: 'OK' } }));
      return;
    case 'ENORME':
      response.send(JSON.stringify({ data: 'x'.repeat(HUGE_BYTES) }));
  }
}

function half(body: string): string {
  return body.slice(0, body.length / 2);
}

/** Addresses of this machine: where only its own processes reach a server, and where a server of `HOST` is reached. */
import { isIPv6 } from 'node:net';

/** Where servers listen that only processes of this service ask, whatever HOST says. */
export const LOOPBACK = '127.0.0.1';

/** Where a server of this machine is reached: one that binds every address answers on the loopback one. */
export function urlLocal(host: string, port: number): string {
  return `http://${direccionLocal(host, port)}`;
}

/** "host:port", IPv6 in brackets. */
export function direccionLocal(host: string, port: number): string {
  return `${alcanzable(host)}:${port}`;
}

/** Whether HOST can stand in a URL: one with a zone (fe80::1%eth0) or a port of its own cannot. */
export function cabeEnUnaUrl(host: string): boolean {
  const entre = isIPv6(host) ? `[${host}]` : host;
  return URL.canParse(`http://${entre}:1`) && new URL(`http://${entre}:1/`).port === '1';
}

function alcanzable(host: string): string {
  const escrito = isIPv6(host) ? `[${host}]` : host;
  // The many ways to write "every address" ("0", "::0") are one once they are parsed.
  switch (cabeEnUnaUrl(host) ? new URL(`http://${escrito}`).hostname : escrito) {
    case '0.0.0.0':
      return LOOPBACK;
    case '[::]':
      return '[::1]';
    default:
      return escrito;
  }
}

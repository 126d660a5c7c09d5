/**
 * The client's address, as TRUST_PROXY lets it be seen in X-Forwarded-For. Proxies write an address there in several ways
 * (a port, brackets, IPv4 within IPv6): each counts as the address that it names, also where it is judged as a hop. The
 * header Forwarded (RFC 7239) is not read.
 */
import type { IncomingMessage } from 'node:http';
import { isIP, isIPv4, isIPv6, SocketAddress } from 'node:net';
import type { Request } from 'express';

const CABECERA = 'x-forwarded-for';
const CON_PUERTO = /^(?<ipv4>[\d.]+):\d{1,5}$/;
const ENTRE_CORCHETES = /^\[(?<ipv6>[^\]]+)\](?::\d{1,5})?$/;
const IPV4_EN_IPV6 = /^::ffff:(?=[\d.]+$)/;

/**
 * Called once, before anything judges the hops. Addresses are then in their canonical form; what is no address stays as
 * it is.
 */
export function normalizarReenviadas(req: IncomingMessage): void {
  const valor = req.headers[CABECERA];
  if (typeof valor !== 'string') return;
  const saltos = valor
    .split(',')
    .map((uno) => uno.trim())
    .filter((uno) => uno !== '');
  req.headers[CABECERA] = saltos.map((uno) => direccionEn(uno) ?? uno).join(', ');
}

export function direccionDelCliente(req: Request): string {
  const deSocket = req.socket.remoteAddress ?? '';
  return direccionEn(req.ip ?? '') ?? direccionEn(deSocket) ?? deSocket;
}

/** The address that a hop names, as RFC 5952 writes it; null where it names none. */
export function direccionEn(salto: string): string | null {
  const { ipv4 } = CON_PUERTO.exec(salto)?.groups ?? {};
  const { ipv6 } = ENTRE_CORCHETES.exec(salto)?.groups ?? {};
  if (ipv6 !== undefined && !isIPv6(ipv6)) return null;
  // A zone names an interface of whoever wrote it: it means nothing here.
  const [direccion = ''] = (ipv4 ?? ipv6 ?? salto).split('%');
  if (isIP(direccion) === 0) return null;
  if (isIPv4(direccion)) return direccion;
  const { address } = new SocketAddress({ address: direccion, family: 'ipv6' });
  return address.replace(IPV4_EN_IPV6, '');
}

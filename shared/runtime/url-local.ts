/** Where a server of this machine is reached: one that binds every address answers on the loopback one. */
export function urlLocal(host: string, port: number): string {
  return `http://${direccionLocal(host, port)}`;
}

/** "host:port", IPv6 in brackets. */
export function direccionLocal(host: string, port: number): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

/** Any UUID of RFC 9562, whatever its version. */
export function esUuid(valor: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(valor);
}

/** What a start is told of keys that are not this register's: which variable, what is wrong, what to do. */

export const OTRA_HUELLA =
  'CLAVE_HUELLA: is not the key of this register: no citizen would be locked and no repeat recognised under it. Put back the one that it was written with';

export function otraClave(clave: string): string {
  return `CLAVES_CIFRADO: the key "${clave}" is not the one that this register was written under: its id is the same and its bytes are others. Put those bytes back; a new key needs an id that was never used`;
}

export function clavePerdida(clave: string): string {
  return `CLAVES_CIFRADO: the key "${clave}" is missing and this register needs it. Put it back behind the first; it may leave once npm run recifrar has written everything under another (docs/operacion.md, «Claves»)`;
}

export function claveQueVolvio(clave: string): string {
  return `CLAVES_CIFRADO: the key "${clave}" is missing, and values were written under it after npm run recifrar: some process still had it first. Put it back behind the first in all of them and run npm run recifrar again`;
}

export function otraFirma(ultima: string | undefined): string {
  const cual = ultima === undefined ? '' : ` (${ultima})`;
  return `BITACORA_CLAVE_FIRMA: is not the key that signs this register's audit log${cual}. Put that one back; to change it, add its public key to BITACORA_CLAVES_ANTERIORES`;
}

export function firmaAnterior(propia: string, ultima = ''): string {
  return `BITACORA_CLAVE_FIRMA: is an earlier key of this register's audit log (${propia}): ${ultima} took its place, and what that one signed would read as altered. Put that one back, with this one's public key in BITACORA_CLAVES_ANTERIORES; for this one to sign again, add that one's there`;
}

export function firmaDeOtroNombre(suyo = '', nombre = ''): string {
  return `BITACORA_CLAVE_FIRMA: is a key of the name "${suyo}" and this register's audit log is called "${nombre}": its witnesses would refuse the other one for ever. Make one of the same name: npm run -s bitacora -- nueva-clave ${nombre}`;
}

export function firmaQueFalta(clave: string): string {
  return `BITACORA_CLAVES_ANTERIORES: lacks ${clave}, an earlier key of this register's audit log: what it signed would read as altered. Add it, by a comma, and keep it there`;
}

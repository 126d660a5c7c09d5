/** Until when the authorities that issue to citizens are valid, by the file that the worker trusts too (PKI_TRUST_ANCHORS). */
import { readFileSync } from 'node:fs';
import { leerVariable } from '../../../shared/runtime/config.ts';
import { cargarAnclas } from '../../../shared/x509/ruta/anclas.ts';

/**
 * @param ruta PEM file of roots and intermediates; absent where the API is not told
 * @returns when the last of the issuing authorities ends; null where there is no file
 * @throws ConfiguracionInvalida where the file cannot be read, or holds an authority that cannot be judged
 */
export function leerFinDelEmisor(ruta: string | undefined): Date | null {
  if (ruta === undefined) return null;
  return leerVariable(`PKI_TRUST_ANCHORS: ${ruta}`, () => finDelEmisor(readFileSync(ruta, 'utf8')));
}

/** The intermediates issue to citizens; where the file has none, its roots do. */
function finDelEmisor(pem: string): Date {
  const { raices, intermedios } = cargarAnclas(pem);
  const emisores = intermedios.length > 0 ? intermedios : raices;
  return new Date(Math.max(...emisores.map(({ hasta }) => hasta.getTime())));
}

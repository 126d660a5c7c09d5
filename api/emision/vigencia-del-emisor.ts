/** Until when the authorities that issue to citizens are valid, by the file that the worker trusts too (PKI_TRUST_ANCHORS). */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfiguracionInvalida } from '../../shared/runtime/config.ts';

const BLOQUE_PEM = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/**
 * @param ruta PEM file of roots and intermediates; absent where the API is not told
 * @returns when the last of the issuing authorities ends; null where there is no file
 * @throws ConfiguracionInvalida where the file cannot be read or holds no certificates
 */
export function leerFinDelEmisor(ruta: string | undefined): Date | null {
  if (ruta === undefined) return null;
  try {
    return finDelEmisor(readFileSync(ruta, 'utf8'));
  } catch (error) {
    throw new ConfiguracionInvalida([`PKI_TRUST_ANCHORS: ${ruta}: ${(error as Error).message}`]);
  }
}

/** The intermediates issue to citizens; where the file has none, its roots do. */
function finDelEmisor(pem: string): Date {
  const certificados = [...pem.matchAll(BLOQUE_PEM)].map(([bloque]) => new X509Certificate(bloque));
  if (certificados.length === 0) throw new Error('no certificate in it');
  const intermedios = certificados.filter((certificado) => !certificado.checkIssued(certificado));
  const emisores = intermedios.length > 0 ? intermedios : certificados;
  return new Date(Math.max(...emisores.map(({ validToDate }) => validToDate.getTime())));
}

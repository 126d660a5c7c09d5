import { createHash } from 'node:crypto';
import { leerCertificadoBase64 } from './leer-certificado.ts';

/**
 * Names the issuer of a certificate by the SHA-256, in hex, of its name in the wide form: names that any reader may take
 * for the same count as the same. Null where it is no certificate.
 */
export function huellaDeEmisor(certificadoBase64: string): string | null {
  const lectura = leerCertificadoBase64(certificadoBase64);
  if (!lectura.legible) return null;
  return createHash('sha256')
    .update(JSON.stringify(lectura.certificado.nombreDelEmisor.amplio))
    .digest('hex');
}

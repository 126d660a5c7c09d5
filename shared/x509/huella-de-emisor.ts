import { createHash } from 'node:crypto';
import { leerCertificadoBase64 } from './leer-certificado.ts';

/**
 * Names the issuer of a certificate: SHA-256, in hex, of its name in the wide form: one that any reader may take for the
 * same issuer counts as the same. Null where it is no certificate.
 */
export function huellaDeEmisor(certificadoBase64: string): string | null {
  const lectura = leerCertificadoBase64(certificadoBase64);
  if (!lectura.legible) return null;
  return createHash('sha256')
    .update(JSON.stringify(lectura.certificado.nombreDelEmisor.amplio))
    .digest('hex');
}

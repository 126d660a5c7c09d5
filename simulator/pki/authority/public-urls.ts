/**
 * Where certificates say that their issuer, its CRL, its OCSP responder and its practices are found. The names are
 * public (an address inside a certificate breaks the profile); the simulator serves the same paths on its own port.
 */
export const PUBLIC_PATHS = {
  rootCertificate: '/ca/raiz.cer',
  issuingCertificate: '/ca/emisora.cer',
  rootCrl: '/crl/raiz.crl',
  issuingCrl: '/crl/emisora.crl',
  ocsp: '/ocsp',
  practices: '/cps',
} as const;

export type PublicUrls = Record<keyof typeof PUBLIC_PATHS, string>;

/** @param base scheme, host and port, without a trailing slash */
export function publicUrls(base: string): PublicUrls {
  const url = (path: string) => `${base}${path}`;
  return {
    rootCertificate: url(PUBLIC_PATHS.rootCertificate),
    issuingCertificate: url(PUBLIC_PATHS.issuingCertificate),
    rootCrl: url(PUBLIC_PATHS.rootCrl),
    issuingCrl: url(PUBLIC_PATHS.issuingCrl),
    ocsp: url(PUBLIC_PATHS.ocsp),
    practices: url(PUBLIC_PATHS.practices),
  };
}

/** One certificate of a citizen, by the profile that docs/certificates.md describes. */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { Ciudadano, Solicitud, TipoCertificado } from '../adapter/adapter-requests.ts';
import type { Authority } from './certificate-authority.ts';
import { certificatePolicies } from './certificate-policies.ts';
import { AUTHORITY_SIGNATURES, type KeyType } from './key-algorithms.ts';
import type { PublicUrls } from './public-urls.ts';
import { newSerialNumber } from './serial-number.ts';
import { subjectName } from './subject-name.ts';

export interface CertificateRequest {
  tipo: TipoCertificado;
  numeroSolicitud: string;
  /** SubjectPublicKeyInfo, DER. */
  publicKey: Uint8Array<ArrayBuffer>;
  keyType: KeyType;
  solicitud: Pick<Solicitud, 'numeroDocumento' | 'codigoSolicitudTramite'>;
  ciudadano: Ciudadano;
  vigenciaAnios: number;
}

/** What a PKI in good health would never choose. */
export interface Deviations {
  serialNumber?: string;
  keyUsage?: x509.KeyUsageFlags;
}

const { nonRepudiation, digitalSignature, keyEncipherment, keyAgreement } = x509.KeyUsageFlags;
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const EMAIL_PROTECTION = '1.3.6.1.5.5.7.3.4';

/** contentCommitment is the present name of nonRepudiation. Policies stand in the arc for examples. */
const PROFILES = {
  FIRMA_DIGITAL: {
    keyUsage: { RSA: nonRepudiation, EC: nonRepudiation },
    extendedKeyUsage: EMAIL_PROTECTION,
    policy: '1.3.6.1.4.1.32473.1.1',
  },
  AUTENTICACION: {
    keyUsage: { RSA: digitalSignature, EC: digitalSignature },
    extendedKeyUsage: CLIENT_AUTH,
    policy: '1.3.6.1.4.1.32473.1.2',
  },
  CIFRADO: {
    keyUsage: { RSA: keyEncipherment, EC: keyAgreement },
    extendedKeyUsage: EMAIL_PROTECTION,
    policy: '1.3.6.1.4.1.32473.1.3',
  },
} as const satisfies Record<TipoCertificado, unknown>;

/** ETSI EN 319 411-1. */
const NCP_PLUS = '0.4.0.2042.1.2';
const QC_STATEMENTS = '1.3.6.1.5.5.7.1.3';
/**
 * id-qcs-pkixQCSyntax-v2 (1.3.6.1.5.5.7.11.2) with the semantics identifier of a natural person
 * (0.4.0.194121.1.1, EN 319 412-1): how to read the subject's serialNumber. The same octets in every certificate.
 */
const NATURAL_PERSON_SEMANTICS = Buffer.from('3017301506082b06010505070b023009060704008bec490101', 'hex');

const DAY_MS = 24 * 3_600_000;

/** @throws Error where the certificate would outlive its issuer */
export async function issueCertificate(
  issuing: Authority,
  urls: PublicUrls,
  request: CertificateRequest,
  now: Date,
  { serialNumber = newSerialNumber(), keyUsage }: Deviations = {},
): Promise<x509.X509Certificate> {
  const profile = PROFILES[request.tipo];
  const notBefore = new Date(Math.floor(now.getTime() / 1000) * 1000);
  const notAfter = new Date(notBefore.getTime() + 365 * DAY_MS * request.vigenciaAnios);
  if (notAfter > issuing.certificate.notAfter) {
    throw new Error('the issuing authority ends before the certificate would');
  }
  return x509.X509CertificateGenerator.create({
    serialNumber,
    subject: subjectName(request.tipo, request.numeroSolicitud, request.solicitud, request.ciudadano),
    issuer: issuing.certificate.subjectName,
    notBefore,
    notAfter,
    publicKey: request.publicKey,
    signingKey: issuing.signingKey,
    signingAlgorithm: AUTHORITY_SIGNATURES[issuing.keyType].webcrypto,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      await x509.AuthorityKeyIdentifierExtension.create(issuing.certificate.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(request.publicKey),
      new x509.KeyUsagesExtension(keyUsage ?? profile.keyUsage[request.keyType], true),
      new x509.ExtendedKeyUsageExtension([profile.extendedKeyUsage]),
      certificatePolicies([profile.policy, NCP_PLUS], urls.practices),
      new x509.CRLDistributionPointsExtension([urls.issuingCrl]),
      new x509.AuthorityInfoAccessExtension({ ocsp: urls.ocsp, caIssuers: urls.issuingCertificate }),
      new x509.Extension(QC_STATEMENTS, false, NATURAL_PERSON_SEMANTICS),
    ],
  });
}

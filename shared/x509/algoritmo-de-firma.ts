/** Signature algorithms by their X.509 names (RFC 4055, RFC 5758), with the hash that they stand on. */
import { RsaSaPssParams } from '@peculiar/asn1-rsa';
import { AsnConvert } from '@peculiar/asn1-schema';
import type { AlgorithmIdentifier } from '@peculiar/asn1-x509';

export interface AlgoritmoDeFirma {
  nombre: string;
  /** null where it is no algorithm that we know. */
  hash: string | null;
}

const CONOCIDOS: Record<string, AlgoritmoDeFirma> = {
  '1.2.840.113549.1.1.4': { nombre: 'md5WithRSAEncryption', hash: 'MD5' },
  '1.2.840.113549.1.1.5': { nombre: 'sha1WithRSAEncryption', hash: 'SHA-1' },
  '1.2.840.113549.1.1.11': { nombre: 'sha256WithRSAEncryption', hash: 'SHA-256' },
  '1.2.840.113549.1.1.12': { nombre: 'sha384WithRSAEncryption', hash: 'SHA-384' },
  '1.2.840.113549.1.1.13': { nombre: 'sha512WithRSAEncryption', hash: 'SHA-512' },
  '1.2.840.10040.4.3': { nombre: 'dsa-with-SHA1', hash: 'SHA-1' },
  '1.2.840.10045.4.1': { nombre: 'ecdsa-with-SHA1', hash: 'SHA-1' },
  '1.2.840.10045.4.3.2': { nombre: 'ecdsa-with-SHA256', hash: 'SHA-256' },
  '1.2.840.10045.4.3.3': { nombre: 'ecdsa-with-SHA384', hash: 'SHA-384' },
  '1.2.840.10045.4.3.4': { nombre: 'ecdsa-with-SHA512', hash: 'SHA-512' },
};

const RSASSA_PSS = '1.2.840.113549.1.1.10';

const HASHES: Record<string, string> = {
  '1.3.14.3.2.26': 'SHA-1',
  '2.16.840.1.101.3.4.2.1': 'SHA-256',
  '2.16.840.1.101.3.4.2.2': 'SHA-384',
  '2.16.840.1.101.3.4.2.3': 'SHA-512',
};

/** @throws Error where the parameters of RSASSA-PSS are malformed */
export function leerAlgoritmoDeFirma({ algorithm, parameters }: AlgorithmIdentifier): AlgoritmoDeFirma {
  if (algorithm !== RSASSA_PSS) return CONOCIDOS[algorithm] ?? { nombre: algorithm, hash: null };
  // Without parameters the hash is SHA-1 (RFC 4055, 3.1), and so are the defaults of this class.
  const pss = parameters ? AsnConvert.parse(parameters, RsaSaPssParams) : new RsaSaPssParams();
  return { nombre: 'RSASSA-PSS', hash: HASHES[pss.hashAlgorithm.algorithm] ?? null };
}

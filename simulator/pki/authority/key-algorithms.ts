/** Keys of the PKI (docs/certificates.md): SIMULADOR_TIPO_CLAVE chooses those of people and of a new hierarchy. */
import type { KeyObject, webcrypto } from 'node:crypto';

export type KeyType = 'RSA' | 'EC';

const PUBLIC_EXPONENT = new Uint8Array([1, 0, 1]);
const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: PUBLIC_EXPONENT };

const PERSON_KEYS = {
  RSA: { ...RSA, modulusLength: 2048 },
  EC: { name: 'ECDSA', namedCurve: 'P-256' },
} as const;

const AUTHORITY_KEYS = {
  RSA: { ...RSA, modulusLength: 3072 },
  EC: { name: 'ECDSA', namedCurve: 'P-384' },
} as const;

/** How an authority signs: for webcrypto, for node:crypto and as an X.509 algorithm identifier. */
export const AUTHORITY_SIGNATURES = {
  RSA: {
    webcrypto: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    digest: 'sha256',
    oid: '1.2.840.113549.1.1.11',
    parameters: new Uint8Array([5, 0]).buffer,
  },
  EC: {
    webcrypto: { name: 'ECDSA', hash: 'SHA-384' },
    digest: 'sha384',
    oid: '1.2.840.10045.4.3.3',
    parameters: undefined,
  },
} as const;

export async function generateAuthorityKeys(type: KeyType): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(AUTHORITY_KEYS[type], true, ['sign', 'verify']);
}

/** A private key of an authority (PKCS #8, PEM) ready to sign. */
export async function importAuthorityKey(key: KeyObject, type: KeyType): Promise<webcrypto.CryptoKey> {
  const der = key.export({ format: 'der', type: 'pkcs8' });
  return crypto.subtle.importKey('pkcs8', new Uint8Array(der), AUTHORITY_KEYS[type], false, ['sign']);
}

export interface PersonKeys {
  /** PKCS #8, DER. */
  privateKey: Uint8Array;
  /** SubjectPublicKeyInfo, DER. */
  publicKey: Uint8Array;
}

export async function generatePersonKeys(type: KeyType): Promise<PersonKeys> {
  const pair: webcrypto.CryptoKeyPair = await crypto.subtle.generateKey(PERSON_KEYS[type], true, [
    'sign',
    'verify',
  ]);
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.exportKey('pkcs8', pair.privateKey),
    crypto.subtle.exportKey('spki', pair.publicKey),
  ]);
  return { privateKey: new Uint8Array(privateKey), publicKey: new Uint8Array(publicKey) };
}

export function typeOfKey(key: KeyObject): KeyType {
  return key.asymmetricKeyType === 'ec' ? 'EC' : 'RSA';
}

/** Signature algorithms by their X.509 names (RFC 4055, RFC 5758), with the hash that they stand on. */
import { RsaSaPssParams } from '@peculiar/asn1-rsa';
import { AsnConvert } from '@peculiar/asn1-schema';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';
import { HASHES } from './identificadores.ts';

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

const MGF1 = '1.2.840.113549.1.1.8';
const OCTETOS = { 'SHA-1': 20, 'SHA-256': 32, 'SHA-384': 48, 'SHA-512': 64 } as const;

/**
 * The parameters of RSASSA-PSS that every reader takes (RFC 8017, A.2.3; RFC 4055, 3.1), by their DER in hex: one hash inside
 * and outside of MGF1, as many octets of salt as it has, the trailer by default. A hash has NULL or no parameters (2.1).
 */
const HASH_DE_PSS = new Map<string, string>(
  Object.entries(OCTETOS).flatMap(([hash, saltLength]) => {
    const algorithm = HASHES[hash as keyof typeof OCTETOS];
    const formas = [
      new AlgorithmIdentifier({ algorithm, parameters: null }),
      new AlgorithmIdentifier({ algorithm }),
    ];
    return formas.flatMap((hashAlgorithm) =>
      formas.map((deMgf1) => {
        const maskGenAlgorithm = new AlgorithmIdentifier({
          algorithm: MGF1,
          parameters: AsnConvert.serialize(deMgf1),
        });
        const parametros = new RsaSaPssParams({ hashAlgorithm, maskGenAlgorithm, saltLength });
        return [enHex(AsnConvert.serialize(parametros)), hash] as const;
      }),
    );
  }),
);

export function leerAlgoritmoDeFirma({ algorithm, parameters }: AlgorithmIdentifier): AlgoritmoDeFirma {
  if (algorithm !== RSASSA_PSS) return CONOCIDOS[algorithm] ?? { nombre: algorithm, hash: null };
  const hash = parameters ? HASH_DE_PSS.get(enHex(parameters)) : undefined;
  return hash === undefined
    ? { nombre: 'RSASSA-PSS de parámetros que no todos leen', hash: null }
    : { nombre: 'RSASSA-PSS', hash };
}

function enHex(octetos: ArrayBuffer): string {
  return Buffer.from(octetos).toString('hex');
}

/** Whether a public key can be broken, by its size or by a slip of whoever made it (NIST SP 800-57, 5.6; 800-89, 5.3.3). */
import type { KeyObject } from 'node:crypto';
import { CURVAS } from './identificadores.ts';

const BITS_RSA_MINIMOS = 2048;
const EXPONENTE_MINIMO = 65_537n;
/** What Go and older Windows can hold. */
const EXPONENTE_MAXIMO = 2n ** 31n - 1n;
const PRIMO_MAXIMO = 751;

/** @returns why not, in Spanish; null where it is safe */
export function motivoInsegura(clave: KeyObject): string | null {
  const { modulusLength = 0, publicExponent = 0n, namedCurve } = clave.asymmetricKeyDetails ?? {};
  if (clave.asymmetricKeyType === 'ec')
    return Object.hasOwn(CURVAS, namedCurve ?? '')
      ? null
      : `su clave está en la curva ${namedCurve ?? 'sin nombre'}`;
  if (clave.asymmetricKeyType !== 'rsa') return `su clave es ${clave.asymmetricKeyType ?? 'de otra clase'}`;
  if (modulusLength < BITS_RSA_MINIMOS) return `su clave RSA es de ${modulusLength} bits`;
  if (publicExponent < EXPONENTE_MINIMO || publicExponent > EXPONENTE_MAXIMO || publicExponent % 2n === 0n)
    return 'el exponente de su clave RSA no es de los que se usan';
  return tieneFactorPequeno(clave) ? 'el módulo de su clave RSA se factoriza solo' : null;
}

/** Whether the modulus is even, by a slip, or has a prime that is found by dividing. */
function tieneFactorPequeno(clave: KeyObject): boolean {
  const { n = '' } = clave.export({ format: 'jwk' });
  const modulo = BigInt(`0x${Buffer.from(n, 'base64url').toString('hex') || '0'}`);
  for (let divisor = 2n; divisor <= PRIMO_MAXIMO; divisor++) if (modulo % divisor === 0n) return true;
  return false;
}

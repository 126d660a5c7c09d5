import { createPublicKey, generateKeyPairSync, generatePrimeSync, type KeyObject } from 'node:crypto';
import { motivoInsegura } from '../../../shared/x509/clave-segura.ts';

const UNA = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
const { n: MODULO = '' } = UNA.export({ format: 'jwk' });

const deEntero = (entero: bigint) => {
  const hex = entero.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url');
};
const conModulo = (n: string, e = 'AQAB') => createPublicKey({ key: { kty: 'RSA', n, e }, format: 'jwk' });
const conExponente = (exponente: bigint) => conModulo(MODULO, deEntero(exponente));
/** Of 2048 bits or one more. */
const conFactor = (factor: bigint) => conModulo(deEntero(factor * generatePrimeSync(2047, { bigint: true })));
const enCurva = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).publicKey;

it.each<[string, () => KeyObject, RegExp | null]>([
  ['RSA of 2048 bits', () => UNA, null],
  ['RSA of 2040 bits', () => generateKeyPairSync('rsa', { modulusLength: 2040 }).publicKey, /2040 bits/],
  ['an even modulus', () => conFactor(2n), /se factoriza/],
  ['a modulus with the factor 3', () => conFactor(3n), /se factoriza/],
  ['a modulus with the factor 751', () => conFactor(751n), /se factoriza/],
  ['a modulus with the factor 757', () => conFactor(757n), null],
  ['the exponent 3', () => conExponente(3n), /exponente/],
  ['an even exponent', () => conExponente(65_538n), /exponente/],
  ['the greatest exponent', () => conExponente(2n ** 31n - 1n), null],
  ['one past it', () => conExponente(2n ** 31n + 1n), /exponente/],
  ...['prime256v1', 'secp384r1', 'secp521r1'].map((curva): [string, () => KeyObject, null] => [
    curva,
    () => enCurva(curva),
    null,
  ]),
  ['secp256k1', () => enCurva('secp256k1'), /en la curva secp256k1/],
  ['Ed25519', () => generateKeyPairSync('ed25519').publicKey, /su clave es ed25519/],
])('a key of %s is safe, or told why it is not', (_, hacer, motivo) => {
  if (motivo === null) expect(motivoInsegura(hacer())).toBeNull();
  else expect(motivoInsegura(hacer())).toMatch(motivo);
});

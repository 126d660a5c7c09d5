/**
 * Encryption of what is kept: AES-256-GCM under a ring of keys with ids, so that keys can rotate.
 * Format: 1 byte version, 1 byte length of the key id, key id, 12 bytes nonce, ciphertext, 16 bytes tag.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

export interface Cifrado {
  /** The key that encrypts now. */
  claveActiva: string;
  /** Ids of all keys that decrypt, the active one first. */
  claves: readonly string[];
  /** How every value under the active key begins. */
  encabezado: Buffer;
  /** A value that only this key yields: it shows where another key bears the same id, and reveals nothing of the key. */
  comprobacion(id: string): string;
  /** `contexto` is authenticated, not stored: the same text must be given to decrypt. */
  cifrar(claro: Uint8Array, contexto: string): Buffer;
  /** @throws Ilegible when the key id is unknown, or the bytes or the context were changed */
  descifrar(cifrado: Uint8Array, contexto: string): Buffer;
}

/** A value that does not open. */
export class Ilegible extends Error {
  /** The key that it names; null where it is no value of this service. */
  readonly clave: string | null;
  constructor(clave: string | null, motivo: string, options?: ErrorOptions) {
    super(motivo, options);
    this.name = 'Ilegible';
    this.clave = clave;
  }
}

/** A key as `openssl rand -base64 32` prints it, to the letter; null for any other text, blanks and line breaks included. */
export function leerClave(base64: string): Buffer | null {
  const clave = Buffer.from(base64, 'base64');
  return clave.length === KEY_BYTES && clave.toString('base64') === base64 ? clave : null;
}

/**
 * The keys of a ring by their ids, in its order.
 * @throws Error that names the key at fault, never its value
 */
export function leerAnillo(claves: string): Map<string, Buffer> {
  const anillo = new Map<string, Buffer>();
  for (const entrada of claves.split(',')) {
    const [, id = '', base64 = ''] = /^ *([\w.-]{1,64}):([^ ]+) *$/.exec(entrada) ?? [];
    const clave = leerClave(base64);
    if (!clave)
      throw new Error(
        `CLAVES_CIFRADO: key ${anillo.size + 1} must be "id:base64" of ${KEY_BYTES} bytes in one line, with an id of 1 to 64 letters, digits, ".", "_" or "-" and the output of: openssl rand -base64 ${KEY_BYTES}`,
      );
    if (anillo.has(id)) throw new Error(`CLAVES_CIFRADO: the id "${id}" appears twice`);
    anillo.set(id, clave);
  }
  return anillo;
}

/** How every value under the key of this id begins. */
export function encabezadoDe(id: string): Buffer {
  return Buffer.concat([Buffer.from([VERSION, id.length]), Buffer.from(id)]);
}

/**
 * @param claves "id:base64,id:base64", 32 bytes each; the first encrypts, all decrypt
 * @throws Error that names the key at fault, never its value
 */
export function createCifrado(claves: string): Cifrado {
  const anillo = leerAnillo(claves);
  const [[claveActiva, clave]] = [...anillo] as [[string, Buffer]];
  const encabezado = encabezadoDe(claveActiva);

  return {
    claveActiva,
    claves: [...anillo.keys()],
    encabezado,
    comprobacion(id) {
      const suya = anillo.get(id);
      if (!suya) throw new Error(`the key "${id}" is not in CLAVES_CIFRADO`);
      return createHmac('sha256', suya).update(`comprobacion\0${id}`).digest('hex');
    },
    cifrar(claro, contexto) {
      const nonce = randomBytes(NONCE_BYTES);
      const cifrador = createCipheriv('aes-256-gcm', clave, nonce).setAAD(Buffer.from(contexto));
      const cuerpo = Buffer.concat([cifrador.update(claro), cifrador.final()]);
      return Buffer.concat([encabezado, nonce, cuerpo, cifrador.getAuthTag()]);
    },
    descifrar(bytes, contexto) {
      const cifrado = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      if (cifrado[0] !== VERSION) throw new Ilegible(null, 'not an encrypted value of this service');
      const inicio = 2 + (cifrado[1] ?? 0);
      const id = cifrado.toString('latin1', 2, inicio);
      const claveDelId = anillo.get(id);
      if (!claveDelId)
        throw new Ilegible(id, `encrypted under the key "${id}", which is not in CLAVES_CIFRADO`);
      try {
        const descifrador = createDecipheriv(
          'aes-256-gcm',
          claveDelId,
          cifrado.subarray(inicio, inicio + NONCE_BYTES),
          { authTagLength: TAG_BYTES },
        )
          .setAAD(Buffer.from(contexto))
          .setAuthTag(cifrado.subarray(-TAG_BYTES));
        const cuerpo = cifrado.subarray(inicio + NONCE_BYTES, -TAG_BYTES);
        return Buffer.concat([descifrador.update(cuerpo), descifrador.final()]);
      } catch (cause) {
        throw new Ilegible(id, `does not open under its key "${id}"`, { cause });
      }
    },
  };
}

/** Keyed hash (HMAC-SHA256, hex) of a value in its domain: equal values can be found, never read. */
export type Huella = (dominio: string, valor: string) => string;

/** @param clave Base64 of 32 bytes; it never rotates, because the locks are kept under its hashes */
export function createHuella(clave: string): Huella {
  const bytes = leerClave(clave);
  if (!bytes)
    throw new Error(
      `CLAVE_HUELLA: must be the Base64 of ${KEY_BYTES} bytes in one line, the output of: openssl rand -base64 ${KEY_BYTES}`,
    );
  return (dominio, valor) => createHmac('sha256', bytes).update(`${dominio}\0${valor}`).digest('hex');
}

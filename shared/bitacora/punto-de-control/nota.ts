/**
 * Signed notes (c2sp.org/signed-note): a text, an empty line, and a line for each signature. Keys are written as Go's
 * golang.org/x/mod/sumdb/note writes them, so that its tools read ours.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';

/** First byte of a key: how its owner signs. A witness signs the text with the time before it (c2sp.org/tlog-cosignature). */
const TIPOS = { 1: 'ED25519', 4: 'COFIRMA' } as const;
type TipoDeFirma = (typeof TIPOS)[keyof typeof TIPOS];
const ED25519 = 1;

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const FORMA_DE_NOMBRE = /^[^\s+]+$/u;

export interface Firmante {
  nombre: string;
  /** The key with which its notes are verified, to be handed out. */
  clavePublica: string;
  /** @param texto ends with a line feed */
  firmar(texto: string): string;
}

export interface Verificador {
  nombre: string;
  tipo: TipoDeFirma;
  /** Whether the note carries a good signature of this key. */
  verificar(nota: string): boolean;
}

/** A new key to sign with, as text: "PRIVATE+KEY+name+hash+key". */
export function generarClaveDeFirma(nombre: string): string {
  if (!FORMA_DE_NOMBRE.test(nombre)) throw new Error('the name of a key has no blanks and no "+"');
  const { privateKey } = generateKeyPairSync('ed25519');
  const semilla = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(PKCS8.length);
  const id = idDeClave(nombre, ED25519, publicaDe(privateKey));
  return `PRIVATE+KEY+${nombre}+${id.toString('hex')}+${conTipo(ED25519, semilla).toString('base64')}`;
}

/** @throws Error that says what is wrong with the key, never its value */
export function leerClaveDeFirma(texto: string): Firmante {
  const [nombre, id, clave] = partesDe(texto, 'PRIVATE+KEY+');
  if (clave[0] !== ED25519 || clave.length !== 33)
    throw new Error('is not an Ed25519 key ("PRIVATE+KEY+name+hash+key")');
  const privada = createPrivateKey({
    key: Buffer.concat([PKCS8, clave.subarray(1)]),
    format: 'der',
    type: 'pkcs8',
  });
  const publica = publicaDe(privada);
  if (!idDeClave(nombre, ED25519, publica).equals(id)) throw new Error('has a hash that is not its own');
  return {
    nombre,
    clavePublica: `${nombre}+${id.toString('hex')}+${conTipo(ED25519, publica).toString('base64')}`,
    firmar(texto) {
      if (!texto.endsWith('\n')) throw new Error('the text of a note ends with a line feed');
      const firma = Buffer.concat([id, sign(null, Buffer.from(texto), privada)]);
      return `${texto}\n— ${nombre} ${firma.toString('base64')}\n`;
    },
  };
}

/** @throws Error that says what is wrong with the key */
export function leerClavePublica(texto: string): Verificador {
  const [nombre, id, clave] = partesDe(texto, '');
  const tipo = (TIPOS as Partial<Record<number, TipoDeFirma>>)[clave[0] ?? 0];
  if (!tipo || clave.length !== 33) throw new Error('is not the public key of an Ed25519 signer or witness');
  if (!idDeClave(nombre, clave[0] ?? 0, clave.subarray(1)).equals(id))
    throw new Error('has a hash that is not its own');
  const publica = createPublicKey({
    key: Buffer.concat([SPKI, clave.subarray(1)]),
    format: 'der',
    type: 'spki',
  });
  return {
    nombre,
    tipo,
    verificar(nota) {
      const { texto: firmado, firmas } = partirNota(nota);
      return firmas.some(
        (firma) =>
          firma.nombre === nombre &&
          firma.bytes.subarray(0, 4).equals(id) &&
          esFirmaDe(publica, tipo, firmado, firma.bytes.subarray(4)),
      );
    },
  };
}

/** @throws Error where it is not a signed note */
export function partirNota(nota: string): { texto: string; firmas: { nombre: string; bytes: Buffer }[] } {
  const corte = nota.lastIndexOf('\n\n');
  if (corte < 0 || !nota.endsWith('\n')) throw new Error('not a signed note');
  const firmas = nota
    .slice(corte + 2, -1)
    .split('\n')
    .map((linea) => {
      const [, nombre = '', base64 = ''] = /^— (\S+) ([A-Za-z0-9+/]+=*)$/u.exec(linea) ?? [];
      const bytes = Buffer.from(base64, 'base64');
      // Base64 has more than one form of some bytes: only its own is read, so that no bit of a note goes unseen.
      if (bytes.length < 5 || bytes.toString('base64') !== base64)
        throw new Error(`not a signature line: ${linea}`);
      return { nombre, bytes };
    });
  return { texto: nota.slice(0, corte + 1), firmas };
}

function esFirmaDe(publica: KeyObject, tipo: TipoDeFirma, texto: string, firma: Buffer): boolean {
  if (tipo === 'ED25519') return firma.length === 64 && verify(null, Buffer.from(texto), publica, firma);
  if (firma.length !== 72) return false;
  const mensaje = `cosignature/v1\ntime ${firma.readBigUInt64BE()}\n${texto}`;
  return verify(null, Buffer.from(mensaje), publica, firma.subarray(8));
}

function partesDe(texto: string, prefijo: string): [nombre: string, id: Buffer, clave: Buffer] {
  const [, nombre, id, clave] = texto.startsWith(prefijo)
    ? (/^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/u.exec(texto.slice(prefijo.length)) ?? [])
    : [];
  if (!nombre || !id || !clave) throw new Error(`must be "${prefijo}name+hash+key"`);
  return [nombre, Buffer.from(id, 'hex'), Buffer.from(clave, 'base64')];
}

function idDeClave(nombre: string, tipo: number, publica: Buffer): Buffer {
  return createHash('sha256').update(`${nombre}\n`).update(conTipo(tipo, publica)).digest().subarray(0, 4);
}

function conTipo(tipo: number, clave: Buffer): Buffer {
  return Buffer.concat([Buffer.of(tipo), clave]);
}

function publicaDe(privada: KeyObject): Buffer {
  return createPublicKey(privada).export({ format: 'der', type: 'spki' }).subarray(SPKI.length);
}

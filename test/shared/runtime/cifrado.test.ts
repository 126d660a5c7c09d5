import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { createCifrado, createHuella } from '../../../shared/runtime/claves/cifrado.ts';

const clave = (byte: number) => Buffer.alloc(32, byte).toString('base64');
const CLARO = Buffer.from('María Elena 45678912');

describe('encryption at rest', () => {
  const cifrado = createCifrado(`a:${clave(1)}`);

  it('gives back any bytes under the same context', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.string(), (claro, contexto) => {
        expect(cifrado.descifrar(cifrado.cifrar(claro, contexto), contexto)).toEqual(Buffer.from(claro));
      }),
    );
  });

  it('reads bytes that are a window of a larger buffer, as a database driver hands them out', () => {
    const bytes = cifrado.cifrar(CLARO, 'x');
    const mayor = Buffer.concat([randomBytes(7), bytes, randomBytes(7)]);

    const ventana = new Uint8Array(mayor.buffer, mayor.byteOffset + 7, bytes.length);

    expect(cifrado.descifrar(ventana, 'x')).toEqual(CLARO);
  });

  it('never writes the same value twice alike, nor shows it', () => {
    const una = cifrado.cifrar(CLARO, 'x');
    const otra = cifrado.cifrar(CLARO, 'x');

    expect(una.equals(otra)).toBe(false);
    expect(una.includes(CLARO)).toBe(false);
  });

  it('opens under no other context', () => {
    const bytes = cifrado.cifrar(CLARO, 'solicitudes.cuerpo:SOL-1');

    expect(() => cifrado.descifrar(bytes, 'solicitudes.cuerpo:SOL-2')).toThrow();
  });

  it('opens with no other key under the same id', () => {
    const bytes = cifrado.cifrar(CLARO, 'x');

    expect(() => createCifrado(`a:${clave(2)}`).descifrar(bytes, 'x')).toThrow();
  });

  it('opens no value of which one bit was changed, wherever it stands', () => {
    const bytes = cifrado.cifrar(CLARO, 'x');

    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const alterado = Buffer.from(bytes);
      alterado.writeUInt8(alterado.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(() => cifrado.descifrar(alterado, 'x')).toThrow();
    }
  });

  it('opens no value that was cut short, at whatever byte', () => {
    const bytes = cifrado.cifrar(CLARO, 'x');

    for (let largo = 0; largo < bytes.length; largo++)
      expect(() => cifrado.descifrar(bytes.subarray(0, largo), 'x')).toThrow();
  });

  it('rotates: the first key encrypts, every key decrypts', () => {
    const viejo = cifrado.cifrar(CLARO, 'x');

    const rotado = createCifrado(`b:${clave(2)}, a:${clave(1)}`);

    expect(rotado.claveActiva).toBe('b');
    expect(rotado.descifrar(viejo, 'x')).toEqual(CLARO);
    const nuevo = rotado.cifrar(CLARO, 'x');
    expect(createCifrado(`b:${clave(2)}`).descifrar(nuevo, 'x')).toEqual(CLARO);
    expect(() => cifrado.descifrar(nuevo, 'x')).toThrow('encrypted under the key "b"');
  });

  it.each([
    ['nothing', ''],
    ['no id', clave(1)],
    ['an empty id', `:${clave(1)}`],
    ['an id with a blank inside', `a b:${clave(1)}`],
    ['an id of 65 characters', `${'a'.repeat(65)}:${clave(1)}`],
    ['a key of 31 bytes', `a:${Buffer.alloc(31).toString('base64')}`],
    ['a key of 33 bytes', `a:${Buffer.alloc(33).toString('base64')}`],
    ['an empty second key', `a:${clave(1)},`],
    ['an id twice', `a:${clave(1)},a:${clave(2)}`],
  ])('refuses a ring with %s, naming no key’s value', (_, claves) => {
    const abrir = () => createCifrado(claves);

    expect(abrir).toThrow(/^CLAVES_CIFRADO: /);
    expect(abrir).not.toThrow(clave(1));
  });
});

describe('the keyed hash', () => {
  const huella = createHuella(clave(3));

  it('tells equal values by domain and key alone', () => {
    expect(huella('ciudadano', 'DNI:45678912')).toMatch(/^[0-9a-f]{64}$/);
    expect(huella('ciudadano', 'DNI:45678912')).toBe(huella('ciudadano', 'DNI:45678912'));
    expect(huella('ciudadano', 'DNI:45678912')).not.toBe(huella('solicitud', 'DNI:45678912'));
    expect(huella('ciudadano', 'DNI:45678912')).not.toBe(huella('ciudadano', 'DNI:45678913'));
    expect(huella('ciudadano', 'DNI:45678912')).not.toBe(createHuella(clave(4))('ciudadano', 'DNI:45678912'));
  });

  it.each([0, 31, 33])('refuses a key of %i bytes', (largo) => {
    expect(() => createHuella(Buffer.alloc(largo).toString('base64'))).toThrow(/^CLAVE_HUELLA/);
  });
});

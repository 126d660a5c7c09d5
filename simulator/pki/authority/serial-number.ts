import { randomBytes } from 'node:crypto';

/** A random serial number as hex: positive, 16 octets, its first bits 01 so that no leading zero is dropped. */
export function newSerialNumber(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x3f) | 0x40, 0);
  return bytes.toString('hex').toUpperCase();
}

/** Writes what was issued as files that any tool opens. */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { cerrarAOtros } from '../../shared/runtime/privado.ts';
import { join } from 'node:path';
import type { IssuedCertificate } from '../api-client/api-client.ts';

/** A codigo may hold slashes, dots or emoji: what is not plain becomes "_", with a hash so that two never meet. */
export function folderNameOf(codigo: string): string {
  const plain = codigo.replaceAll(/[^A-Za-z0-9_-]/g, '_');
  if (plain === codigo) return codigo;
  return `${plain}-${createHash('sha256').update(codigo).digest('hex').slice(0, 8)}`;
}

/** Writes `<tipo>.cer` (DER) for each, for this user alone, since they name a citizen. Answers their paths. */
export async function writeCertificates(
  folder: string,
  certificados: IssuedCertificate[],
): Promise<string[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return Promise.all(
    certificados.map(async ({ tipoCertificado, certificadoBase64 }) => {
      const path = join(folder, `${tipoCertificado}.cer`);
      await writeFile(path, Buffer.from(certificadoBase64, 'base64'), { mode: 0o600 });
      // A file that was there keeps its mode.
      cerrarAOtros(path);
      return path;
    }),
  );
}

/** Copies the roots and intermediates beside the certificates; null where they cannot be read here. */
export async function writeChain(folder: string, trustAnchors: string): Promise<string | null> {
  const path = join(folder, 'cadena.pem');
  try {
    await copyFile(trustAnchors, path);
    return path;
  } catch {
    return null;
  }
}

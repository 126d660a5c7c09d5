/** The issuer's key pair, kept over restarts: tokens that are out stay good. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type JWK, exportJWK, generateKeyPair } from 'jose';

export const SIGNING_ALGORITHM = 'ES256';

const FILE = 'claves.json';

/** Private JWK set; made at the first call, readable by its owner only. */
export async function loadSigningKeys(folder: string): Promise<{ keys: JWK[] }> {
  const path = join(folder, FILE);
  try {
    return JSON.parse(await readFile(path, 'utf8')) as { keys: JWK[] };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true });
  const keys = {
    keys: [{ ...(await exportJWK(privateKey)), kid: 'desarrollo-1', use: 'sig', alg: SIGNING_ALGORITHM }],
  };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, JSON.stringify(keys, null, 2), { mode: 0o600 });
  await rename(`${path}.new`, path);
  return keys;
}

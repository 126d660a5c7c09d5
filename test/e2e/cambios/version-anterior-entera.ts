/**
 * The version before, whole: the one whose seals in Temporal bind no place (ADR 44), as its programs stood. The archive
 * beside this file is `git archive --format=tar 160db5c workflows activities worker api shared package.json tsconfig.json`,
 * compressed; it stays as it is, whatever the product becomes, and what it imports stays a development dependency.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PROYECTO = fileURLToPath(new URL('../../../', import.meta.url));
const ARCHIVO = fileURLToPath(new URL('version-anterior.tgz', import.meta.url));

const ejecutar = promisify(execFile);

export interface VersionAnterior {
  /** Its programs, below the project's folder. */
  worker: string;
  api: string;
  borrar(): Promise<void>;
}

export async function extraerVersionAnterior(): Promise<VersionAnterior> {
  const carpeta = await mkdtemp(join(tmpdir(), 'version-anterior-'));
  await ejecutar('tar', ['-xzf', ARCHIVO, '-C', carpeta]);
  await symlink(join(PROYECTO, 'node_modules'), join(carpeta, 'node_modules'));
  const programa = (archivo: string) => relative(PROYECTO, join(carpeta, archivo));
  return {
    worker: programa('worker/main.ts'),
    api: programa('api/main.ts'),
    borrar: () => rm(carpeta, { recursive: true, force: true }),
  };
}

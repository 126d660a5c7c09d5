/** NIST's PKITS, as PyPI's cryptography_vectors carries it; fetched once into .cache, and only with the hash that it has here. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { runProgram } from '../../support/procesos/run-program.ts';

/** For the hook that first asks for it: 56 MB may have to be downloaded. */
export const PKITS_SETUP_MS = 300_000;

const VERSION = '50.0.2';
const SHA256 = '51641f03a3eb4edbe9fb68e3a3574d25f86aa502d06391fffa886330d02778a0';
const CACHE = path.resolve(import.meta.dirname, '../../../.cache');
const FOLDER = path.join(CACHE, `pkits-${VERSION}`);
const TABLE = path.resolve(import.meta.dirname, '../../shared/x509/pkits.txt');

export interface PkitsCase {
  number: string;
  verdict: 'valid' | 'invalid' | 'revoked';
  certificate: string;
  /** From the one that the trust anchor issued down. */
  authorities: string[];
  explicitPolicy: boolean;
  inhibitMapping: boolean;
  inhibitAnyPolicy: boolean;
  /** null: any. */
  acceptedPolicies: string[] | null;
}

/** The DER of a certificate of PKITS, by its name without CACert, Cert or EE. */
export type ReadPkits = (name: string) => Promise<Buffer>;

export async function readPkitsTable(): Promise<PkitsCase[]> {
  const lines = (await readFile(TABLE, 'utf8')).split('\n').filter((line) => /^\d/.test(line));
  return lines.map((line) => {
    const [facts = '', inputs = ''] = line.split('; ');
    const [, number = '', verdict, certificate = '', authorities = ''] =
      /^(\S+) +(valid|invalid|revoked) +(\S+) +(.+?) *$/.exec(facts) ?? [];
    const accepted = /accept=(\S+)/.exec(inputs)?.[1];
    return {
      number,
      verdict: verdict as PkitsCase['verdict'],
      certificate: `${certificate}EE`,
      authorities: authorities === '-' ? [] : authorities.split(' > ').map((name) => `${name}Cert`),
      explicitPolicy: inputs.includes('explicit'),
      inhibitMapping: inputs.includes('inhibit-mapping'),
      inhibitAnyPolicy: inputs.includes('inhibit-any'),
      acceptedPolicies: accepted?.split(',').map((one) => `2.16.840.1.101.3.2.1.48.${one.slice(1)}`) ?? null,
    };
  });
}

/** @throws Error that says what is missing */
export async function preparePkits(): Promise<ReadPkits> {
  const certificates = path.join(FOLDER, 'cryptography_vectors/x509/PKITS_data/certs');
  const ready = path.join(FOLDER, 'ready');
  if (!existsSync(ready)) {
    await mkdir(CACHE, { recursive: true });
    // SQLite's lock makes the second process wait, and ends with the first one even if that is killed.
    const lock = new DatabaseSync(`${FOLDER}.lock`, { timeout: PKITS_SETUP_MS });
    try {
      lock.exec('BEGIN EXCLUSIVE');
      if (!existsSync(ready)) {
        await download();
        await writeFile(ready, '');
      }
    } finally {
      lock.close();
    }
  }
  return (name) => readFile(path.join(certificates, `${name}.crt`));
}

async function download(): Promise<void> {
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER);
  const requirement = `cryptography_vectors==${VERSION} --hash=sha256:${SHA256}\n`;
  await writeFile(path.join(FOLDER, 'requirements.txt'), requirement);
  const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--require-hashes'];
  await runOrThrow([...pip, '--dest', '.', '--requirement', 'requirements.txt']);
  await runOrThrow(['-m', 'zipfile', '-e', `cryptography_vectors-${VERSION}-py3-none-any.whl`, '.']);
}

async function runOrThrow(args: string[]): Promise<void> {
  const { code, output } = await runProgram('python3', args, FOLDER);
  if (code !== 0) throw new Error(`PKITS needs python3 with pip on the PATH: ${output}`);
}

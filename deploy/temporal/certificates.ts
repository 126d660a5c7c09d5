/**
 * What closes Temporal by mutual TLS: a CA of its own in FOLDER/ca, the server's certificate for these names or addresses in
 * FOLDER/servidor, and one in FOLDER/NAME for each client. Made again is only what is missing, ends soon, or is not of this CA
 * or for these hosts.
 */
import 'reflect-metadata';
import { KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { dirname, join } from 'node:path';
import * as x509 from '@peculiar/x509';

/** Who calls Temporal. */
export const CLIENTS = ['api', 'worker', 'codec', 'operador', 'ui'] as const;
export type Client = (typeof CLIENTS)[number];

/** What a folder holds. The names are those of a Kubernetes Secret of the type kubernetes.io/tls. */
export function certificateFiles(
  folder: string,
  of: Client | 'servidor',
): Record<'ca' | 'certificate' | 'key', string> {
  const at = (name: string) => join(folder, of, name);
  return { ca: at('ca.crt'), certificate: at('tls.crt'), key: at('tls.key') };
}

const DAY_MS = 24 * 3_600_000;
const CA_DAYS = 3_650;
const DAYS = 825;
/** Fewer days left: it is made again. */
const RENEWED_DAYS = 60;

const KEYS = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;

interface Authority {
  certificate: x509.X509Certificate;
  signingKey: webcrypto.CryptoKey;
}

/** @throws Error of the file system, or where there is no host */
export async function makeTemporalCertificates(folder: string, hosts: readonly string[]): Promise<void> {
  if (hosts.length === 0) throw new Error('Name the hosts by which clients reach Temporal.');
  const authority = await openAuthority(join(folder, 'ca'));
  // Between its own roles the server is a client too.
  const both = [x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth];
  await keepCertificate(authority, 'servidor', certificateFiles(folder, 'servidor'), both, hosts);
  for (const client of CLIENTS)
    await keepCertificate(
      authority,
      client,
      certificateFiles(folder, client),
      [x509.ExtendedKeyUsage.clientAuth],
      [],
    );
}

async function openAuthority(folder: string): Promise<Authority> {
  const [certificateFile, keyFile] = [join(folder, 'ca.crt'), join(folder, 'ca.key')];
  // As long as what it issues, at least.
  if (!(await lasts(certificateFile, DAYS))) {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: 'CN=Temporal',
      keys,
      signingAlgorithm: SIGNATURE,
      ...validity(CA_DAYS),
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    await keep(keyFile, pemOf(keys.privateKey));
    await keep(certificateFile, certificate.toString('pem'));
  }
  const der = x509.PemConverter.decodeFirst(await readFile(keyFile, 'utf8'));
  return {
    certificate: new x509.X509Certificate(await readFile(certificateFile, 'utf8')),
    signingKey: await webcrypto.subtle.importKey('pkcs8', der, KEYS, false, ['sign']),
  };
}

async function keepCertificate(
  ca: Authority,
  name: string,
  files: ReturnType<typeof certificateFiles>,
  usages: x509.ExtendedKeyUsage[],
  hosts: readonly string[],
): Promise<void> {
  if (await holds(files.certificate, ca, hosts)) return;
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: ca.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: ca.signingKey,
    signingAlgorithm: SIGNATURE,
    ...validity(DAYS),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(usages),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(ca.certificate.publicKey),
      ...(hosts.length > 0 ? [new x509.SubjectAlternativeNameExtension(hosts.map(nameOf))] : []),
    ],
  });
  // The certificate last: with it the folder holds what it should.
  await keep(files.ca, ca.certificate.toString('pem'));
  await keep(files.key, pemOf(keys.privateKey));
  await keep(files.certificate, certificate.toString('pem'));
}

async function holds(file: string, ca: Authority, hosts: readonly string[]): Promise<boolean> {
  if (!(await lasts(file, RENEWED_DAYS))) return false;
  const certificate = new X509Certificate(await readFile(file));
  const issuer = new X509Certificate(ca.certificate.toString('pem'));
  const told = hosts.map((host) => (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)));
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey) && !told.includes(undefined);
}

async function lasts(file: string, days: number): Promise<boolean> {
  if (!existsSync(file)) return false;
  const { validToDate } = new X509Certificate(await readFile(file));
  return validToDate.getTime() - Date.now() > days * DAY_MS;
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(KEYS, true, ['sign', 'verify']);
}

function pemOf(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();
}

function nameOf(host: string): x509.JsonGeneralName {
  return isIP(host) ? { type: 'ip', value: host } : { type: 'dns', value: host };
}

/** From an hour ago, for clocks that are behind. */
function validity(days: number): { notBefore: Date; notAfter: Date } {
  const notBefore = new Date(Date.now() - 3_600_000);
  return { notBefore, notAfter: new Date(notBefore.getTime() + days * DAY_MS) };
}

/** It appears whole, for this user alone. */
async function keep(file: string, content: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = `${file}.nuevo`;
  await writeFile(unfinished, content, { mode: 0o600 });
  await rename(unfinished, file);
}

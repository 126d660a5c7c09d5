/**
 * What closes Temporal by mutual TLS: a CA of its own in FOLDER/ca, the server's certificate for these names or addresses in
 * FOLDER/servidor, and one in FOLDER/NAME for each client. Made again is only what is missing, damaged, ends soon, or is not of
 * this CA or for just these hosts. The CA outlasts what it issues: where it would not, a new one and all others are made.
 */
import 'reflect-metadata';
import { createPrivateKey, KeyObject, randomUUID, webcrypto, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { dirname, join } from 'node:path';
import * as x509 from '@peculiar/x509';

/** Who calls Temporal. */
export const CLIENTS = ['api', 'worker', 'codec', 'operador', 'ui'] as const;
export type Client = (typeof CLIENTS)[number];

export interface CertificateFiles {
  ca: string;
  certificate: string;
  key: string;
}

/** What a folder holds. The names are those of a Kubernetes Secret of the type kubernetes.io/tls. */
export function certificateFiles(folder: string, of: Client | 'servidor'): CertificateFiles {
  const at = (name: string) => join(folder, of, name);
  return { ca: at('ca.crt'), certificate: at('tls.crt'), key: at('tls.key') };
}

/** The variables by which Temporal's SDK and its command line take them. */
export function clientVariables({ ca, certificate, key }: CertificateFiles): Record<string, string> {
  return {
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: ca,
    TEMPORAL_TLS_CLIENT_CERT_PATH: certificate,
    TEMPORAL_TLS_CLIENT_KEY_PATH: key,
  };
}

const DAY_MS = 24 * 3_600_000;
const CA_DAYS = 3_650;
const DAYS = 825;
/** Fewer days left: it is made again. */
const RENEWED_DAYS = 60;

const KEYS = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** As a certificate can hold one (RFC 1123, RFC 6125): with a star, if any, in the place of its first label. */
const DNS_NAME = /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

interface Authority {
  pem: string;
  certificate: x509.X509Certificate;
  signingKey: webcrypto.CryptoKey;
}

/**
 * @returns who has a certificate that was made now; the rest had one
 * @throws Error that names a host that is none or the CA's files where they are damaged, or the file system's
 */
export async function makeTemporalCertificates(
  folder: string,
  hosts: readonly string[],
): Promise<Set<Client | 'servidor'>> {
  for (const host of hosts)
    if (!isHost(host))
      throw new Error(
        `"${host}" is neither a name nor an address by which clients reach Temporal (without a port).`,
      );
  if (hosts.length === 0) throw new Error('Name the hosts by which clients reach Temporal.');
  const authority = await openAuthority(join(folder, 'ca'));
  // Between its own roles the server is a client too.
  const both = [x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth];
  const made = new Set<Client | 'servidor'>();
  for (const name of ['servidor', ...CLIENTS] as const) {
    const isServer = name === 'servidor';
    const usages = isServer ? both : [x509.ExtendedKeyUsage.clientAuth];
    const isMade = await keepCertificate(
      authority,
      name,
      certificateFiles(folder, name),
      usages,
      isServer ? hosts : [],
    );
    if (isMade) made.add(name);
  }
  return made;
}

function isHost(host: string): boolean {
  // Of an address of IPv6 a zone is this machine's own affair; and one that holds an IPv4 has no single spelling.
  if (isIP(host)) return !/[%.].*:|:.*[%.]/.test(host);
  return host.length <= 253 && DNS_NAME.test(host) && !/^[\d.]+$/.test(host);
}

async function openAuthority(folder: string): Promise<Authority> {
  const [certificateFile, keyFile] = [join(folder, 'ca.crt'), join(folder, 'ca.key')];
  const found = await readPair(certificateFile, keyFile);
  // A new one would shut out whoever has certificates of the old: that is for a person to decide.
  if (!found && existsSync(certificateFile))
    throw new Error(
      `${certificateFile} and ${keyFile} are not a certificate and its key: put back what belongs there, or remove both to have a new CA and every certificate made.`,
    );
  // As long as what it issues, at least.
  if (!found || !lasts(found.certificate, DAYS)) {
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
  const pem = await readFile(certificateFile, 'utf8');
  const der = x509.PemConverter.decodeFirst(await readFile(keyFile, 'utf8'));
  return {
    pem,
    certificate: new x509.X509Certificate(pem),
    signingKey: await webcrypto.subtle.importKey('pkcs8', der, KEYS, false, ['sign']),
  };
}

async function keepCertificate(
  ca: Authority,
  name: string,
  files: CertificateFiles,
  usages: x509.ExtendedKeyUsage[],
  hosts: readonly string[],
): Promise<boolean> {
  if (await holds(files, ca, hosts)) return false;
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
  await keep(files.ca, ca.pem);
  await keep(files.key, pemOf(keys.privateKey));
  await keep(files.certificate, certificate.toString('pem'));
  return true;
}

/** Whether all three files are there, fit each other and this CA, and are for just these hosts. */
async function holds(files: CertificateFiles, ca: Authority, hosts: readonly string[]): Promise<boolean> {
  const found = await readPair(files.certificate, files.key);
  const itsCa = await readFile(files.ca, 'utf8').catch(() => '');
  if (!found || itsCa !== ca.pem || !lasts(found.certificate, RENEWED_DAYS)) return false;
  const { certificate } = found;
  const issuer = new X509Certificate(ca.pem);
  const named = new x509.X509Certificate(certificate.raw).getExtension(x509.SubjectAlternativeNameExtension);
  return (
    certificate.checkIssued(issuer) &&
    certificate.verify(issuer.publicKey) &&
    isSameSet(named?.names.items.map(({ value }) => value.toLowerCase()) ?? [], hosts.map(spelled))
  );
}

/** A certificate and its key; null where one is missing, unreadable or not the other's. */
async function readPair(
  certificateFile: string,
  keyFile: string,
): Promise<{ certificate: X509Certificate } | null> {
  try {
    const certificate = new X509Certificate(await readFile(certificateFile));
    return certificate.checkPrivateKey(createPrivateKey(await readFile(keyFile))) ? { certificate } : null;
  } catch {
    return null;
  }
}

function lasts({ validToDate }: X509Certificate, days: number): boolean {
  return validToDate.getTime() - Date.now() > days * DAY_MS;
}

function isSameSet(some: readonly string[], others: readonly string[]): boolean {
  const ordered = (values: readonly string[]) => [...new Set(values)].sort().join('\n');
  return ordered(some) === ordered(others);
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(KEYS, true, ['sign', 'verify']);
}

function pemOf(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();
}

function nameOf(host: string): x509.JsonGeneralName {
  return isIP(host) ? { type: 'ip', value: spelled(host) } : { type: 'dns', value: host };
}

/** As a certificate that is read tells it: an address of IPv6 by its groups. */
function spelled(host: string): string {
  return isIP(host) === 6 ? new URL(`http://[${host}]`).hostname.slice(1, -1) : host.toLowerCase();
}

/** From an hour ago, for clocks that are behind. */
function validity(days: number): { notBefore: Date; notAfter: Date } {
  const notBefore = new Date(Date.now() - 3_600_000);
  return { notBefore, notAfter: new Date(notBefore.getTime() + days * DAY_MS) };
}

/** It appears whole, for this user alone, whatever stood there. */
async function keep(file: string, content: string): Promise<void> {
  const folder = dirname(file);
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o700);
  const unfinished = `${file}.${randomUUID()}`;
  try {
    await writeFile(unfinished, content, { mode: 0o600, flag: 'wx' });
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
  }
}

/**
 * The hierarchy of the simulator: a root and an issuing authority, kept in a folder that appears whole or not at
 * all, and found again at every restart.
 */
import 'reflect-metadata';
import { createPrivateKey, KeyObject, randomUUID, X509Certificate, type webcrypto } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import * as x509 from '@peculiar/x509';
import { certificatePolicies } from './certificate-policies.ts';
import {
  AUTHORITY_SIGNATURES,
  generateAuthorityKeys,
  importAuthorityKey,
  typeOfKey,
  type KeyType,
} from './key-algorithms.ts';
import type { PublicUrls } from './public-urls.ts';
import { newSerialNumber } from './serial-number.ts';

/** One authority that can sign certificates, CRLs and OCSP answers. */
export interface Authority {
  certificate: x509.X509Certificate;
  keyType: KeyType;
  signingKey: webcrypto.CryptoKey;
  privateKey: KeyObject;
}

export interface Hierarchy {
  root: Authority;
  issuing: Authority;
  /** Root and issuing authority, PEM: the trust anchors that an orchestrator is given. */
  chainPem: string;
  chainPath: string;
}

const FILES = {
  rootKey: 'raiz.key',
  rootCertificate: 'raiz.pem',
  issuingKey: 'emisora.key',
  issuingCertificate: 'emisora.pem',
  chain: 'cadena.pem',
} as const;

const ANY_POLICY = '2.5.29.32.0';
const ORGANIZATION_IDENTIFIER = '2.5.4.97';
const YEAR_MS = 365 * 24 * 3_600_000;
const ROOT_YEARS = 20;
/** Long enough for a certificate of 4 years that is issued 11 years from now. */
const ISSUING_YEARS = 15;

/**
 * Opens the hierarchy of this folder, or creates it with keys of this type.
 * @throws Error that names the folder where what it holds is damaged
 */
export async function openHierarchy(
  folder: string,
  keyType: KeyType,
  urls: PublicUrls,
  now: Date,
): Promise<Hierarchy> {
  await removeUnfinished(folder);
  if (!existsSync(folder)) await createHierarchy(folder, keyType, urls, now);
  try {
    return await readHierarchy(folder);
  } catch (cause) {
    throw new Error(`The hierarchy in ${folder} is damaged. Move the folder away to create a new one.`, {
      cause,
    });
  }
}

async function readHierarchy(folder: string): Promise<Hierarchy> {
  const [root, issuing] = await Promise.all([
    readAuthority(folder, FILES.rootKey, FILES.rootCertificate),
    readAuthority(folder, FILES.issuingKey, FILES.issuingCertificate),
  ]);
  const chainPath = path.join(folder, FILES.chain);
  return { root, issuing, chainPath, chainPem: await readFile(chainPath, 'utf8') };
}

async function readAuthority(folder: string, keyFile: string, certificateFile: string): Promise<Authority> {
  const privateKey = createPrivateKey(await readFile(path.join(folder, keyFile)));
  const pem = await readFile(path.join(folder, certificateFile), 'utf8');
  if (!new X509Certificate(pem).checkPrivateKey(privateKey)) {
    throw new Error(`${keyFile} is not the key of ${certificateFile}`);
  }
  const certificate = new x509.X509Certificate(pem);
  const keyType = typeOfKey(privateKey);
  return { certificate, keyType, privateKey, signingKey: await importAuthorityKey(privateKey, keyType) };
}

/** Everything is written beside the folder's place and then moved there at once. */
async function createHierarchy(folder: string, keyType: KeyType, urls: PublicUrls, now: Date): Promise<void> {
  const [rootKeys, issuingKeys] = await Promise.all([
    generateAuthorityKeys(keyType),
    generateAuthorityKeys(keyType),
  ]);
  const root = await createRoot(keyType, rootKeys, now);
  const issuing = await createIssuing(keyType, root, rootKeys.privateKey, issuingKeys.publicKey, urls, now);
  const unfinished = `${folder}${UNFINISHED}${randomUUID()}`;
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  const [rootPem, issuingPem] = [`${root.toString('pem')}\n`, `${issuing.toString('pem')}\n`];
  const write = (name: string, content: string, mode: number) =>
    writeDurably(path.join(unfinished, name), content, mode);
  await write(FILES.rootKey, pkcs8Pem(rootKeys.privateKey), 0o600);
  await write(FILES.issuingKey, pkcs8Pem(issuingKeys.privateKey), 0o600);
  await write(FILES.rootCertificate, rootPem, 0o644);
  await write(FILES.issuingCertificate, issuingPem, 0o644);
  await write(FILES.chain, rootPem + issuingPem, 0o644);
  await rename(unfinished, folder);
}

const UNFINISHED = '.sin-terminar-';

async function removeUnfinished(folder: string): Promise<void> {
  const parent = path.dirname(folder);
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const left = (await readdir(parent)).filter((name) =>
    name.startsWith(`${path.basename(folder)}${UNFINISHED}`),
  );
  await Promise.all(left.map((name) => rm(path.join(parent, name), { recursive: true, force: true })));
}

/** An authority that nobody was told to trust. */
export async function createStranger(keyType: KeyType, now: Date): Promise<Authority> {
  const keys = await generateAuthorityKeys(keyType);
  const certificate = await createRoot(keyType, keys, now);
  return { certificate, keyType, signingKey: keys.privateKey, privateKey: KeyObject.from(keys.privateKey) };
}

async function createRoot(
  keyType: KeyType,
  keys: webcrypto.CryptoKeyPair,
  now: Date,
): Promise<x509.X509Certificate> {
  const name = authorityName('SIMULADOR Autoridad Raiz');
  return x509.X509CertificateGenerator.create({
    serialNumber: newSerialNumber(),
    subject: name,
    issuer: name,
    ...validity(now, ROOT_YEARS),
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: AUTHORITY_SIGNATURES[keyType].webcrypto,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
}

async function createIssuing(
  keyType: KeyType,
  root: x509.X509Certificate,
  rootKey: webcrypto.CryptoKey,
  publicKey: webcrypto.CryptoKey,
  urls: PublicUrls,
  now: Date,
): Promise<x509.X509Certificate> {
  const usages = x509.KeyUsageFlags;
  return x509.X509CertificateGenerator.create({
    serialNumber: newSerialNumber(),
    subject: authorityName('SIMULADOR Autoridad Emisora'),
    issuer: root.subjectName,
    ...validity(now, ISSUING_YEARS),
    publicKey,
    signingKey: rootKey,
    signingAlgorithm: AUTHORITY_SIGNATURES[keyType].webcrypto,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      // digitalSignature: it signs its OCSP answers itself.
      new x509.KeyUsagesExtension(usages.keyCertSign | usages.cRLSign | usages.digitalSignature, true),
      await x509.AuthorityKeyIdentifierExtension.create(root.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      certificatePolicies([ANY_POLICY], urls.practices),
      new x509.CRLDistributionPointsExtension([urls.rootCrl]),
      new x509.AuthorityInfoAccessExtension({ caIssuers: urls.rootCertificate }),
    ],
  });
}

function authorityName(commonName: string): x509.Name {
  return new x509.Name([
    { C: [{ printableString: 'PE' }] },
    { O: [{ utf8String: 'SIMULADOR MsAdaptadorPKI' }] },
    { [ORGANIZATION_IDENTIFIER]: [{ utf8String: 'NTRPE-00000000000' }] },
    { CN: [{ utf8String: commonName }] },
  ]);
}

function validity(now: Date, years: number): { notBefore: Date; notAfter: Date } {
  // A day back: a certificate may be issued in the very second in which its issuer is born.
  const notBefore = new Date(Math.floor(now.getTime() / 1000) * 1000 - YEAR_MS / 365);
  return { notBefore, notAfter: new Date(notBefore.getTime() + years * YEAR_MS) };
}

function pkcs8Pem(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ format: 'pem', type: 'pkcs8' }).toString();
}

async function writeDurably(file: string, content: string, mode: number): Promise<void> {
  const handle = await open(file, 'wx', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Judges of certificates that are none of ours: pkilint (from PyPI) and openssl. Each lint answers its findings of
 * WARNING or above; none is clean.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { preparePythonTool, TOOL_SETUP_MS } from './tools.ts';
import { runProgram } from '../procesos/run-program.ts';

/** For the hook that first asks for pkilint. */
export const PKILINT_SETUP_MS = TOOL_SETUP_MS;

/** Judges a certificate (PEM) as one of a natural person by ETSI EN 319 412-2, NCP. */
export async function lintNaturalPersonCertificate(pem: string): Promise<string[]> {
  return lint('lint_etsi_cert', ['-t', 'NCP-NATURAL-PERSON-CERTIFICATE'], pem);
}

/** Judges a certificate (PEM) by RFC 5280. */
export async function lintPkixCertificate(pem: string): Promise<string[]> {
  return lint('lint_pkix_cert', [], pem);
}

/** Judges a CRL (DER): CRL lists certificates of people, ARL those of authorities. */
export async function lintCrl(der: Uint8Array, type: 'CRL' | 'ARL'): Promise<string[]> {
  return lint('lint_crl', ['-t', type, '-p', 'PKIX'], der);
}

/** Judges an OCSP response (DER). */
export async function lintOcspResponse(der: Uint8Array): Promise<string[]> {
  return lint('lint_ocsp_response', [], der);
}

/** `openssl verify` against these anchors and this CRL; answers its words, "OK" where it accepts. */
export async function verifyWithOpenssl(pem: string, chainPem: string, crlDer: Uint8Array): Promise<string> {
  return withFiles({ 'cert.pem': pem, 'chain.pem': chainPem, 'list.crl': crlDer }, async (folder) => {
    const args = ['verify', '-x509_strict', '-crl_check', '-CAfile', 'chain.pem', '-CRLfile', 'list.crl'];
    const { output } = await runProgram('openssl', [...args, 'cert.pem'], folder);
    return output.replace('cert.pem: ', '').trim();
  });
}

/**
 * `openssl ocsp` asks about a certificate, or about a serial number of its issuer, and verifies the signature.
 * @param subject a certificate (PEM) or a serial number such as 0x1234
 */
export async function askOcspWithOpenssl(
  subject: string,
  issuerPem: string,
  chainPem: string,
  url: string,
): Promise<string> {
  const isCertificate = subject.startsWith('-----BEGIN');
  const files = { 'issuer.pem': issuerPem, 'chain.pem': chainPem, 'cert.pem': isCertificate ? subject : '' };
  return withFiles(files, async (folder) => {
    const what = isCertificate ? ['-cert', 'cert.pem'] : ['-serial', subject];
    const args = ['ocsp', '-issuer', 'issuer.pem', ...what, '-url', url, '-CAfile', 'chain.pem'];
    return (await runProgram('openssl', args, folder)).output;
  });
}

/** The OCSP request (DER) that openssl makes for a certificate (PEM). */
export async function requestOcspWithOpenssl(
  pem: string,
  issuerPem: string,
): Promise<Uint8Array<ArrayBuffer>> {
  return withFiles({ 'issuer.pem': issuerPem, 'cert.pem': pem }, async (folder) => {
    await runProgram(
      'openssl',
      ['ocsp', '-issuer', 'issuer.pem', '-cert', 'cert.pem', '-reqout', 'request.der'],
      folder,
    );
    return new Uint8Array(await readFile(path.join(folder, 'request.der')));
  });
}

/** What openssl reads in a certificate (PEM): its whole text, the subject as RFC 4514 wants it but not reversed. */
export async function readWithOpenssl(pem: string): Promise<string> {
  return withFiles({ 'cert.pem': pem }, async (folder) => {
    const args = ['x509', '-in', 'cert.pem', '-noout', '-text', '-nameopt', 'utf8,sep_comma_plus,sname'];
    return (await runProgram('openssl', args, folder)).output;
  });
}

/** Installs pkilint where it is not there yet; answers the folder of its programs. */
export function preparePkilint(): Promise<string> {
  return preparePythonTool('pkilint', ['pkilint==0.13.3']);
}

interface LintReport {
  results: { finding_descriptions: { severity: string; code: string; message: string | null }[] }[];
}

async function lint(tool: string, args: string[], document: string | Uint8Array): Promise<string[]> {
  const programs = await preparePkilint();
  return withFiles({ document }, async (folder) => {
    const command = ['-m', `pkilint.bin.${tool}`, 'lint', ...args, '-s', 'WARNING', '-f', 'JSON', 'document'];
    const { code, stdout, output } = await runProgram(path.join(programs, 'python'), command, folder);
    if (!stdout.startsWith('{')) throw new Error(`${tool} failed: ${output}`);
    const { results } = JSON.parse(stdout) as LintReport;
    const findings = results.flatMap((result) =>
      result.finding_descriptions.map(({ severity, code, message }) =>
        [severity, code, message].filter(Boolean).join(' '),
      ),
    );
    // It exits with the number of findings: a failure with none of them is a document that it could not read.
    if (code !== 0 && findings.length === 0) throw new Error(`${tool} failed: ${output}`);
    return findings;
  });
}

async function withFiles<T>(
  files: Record<string, string | Uint8Array>,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'arbitro-'));
  try {
    for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content);
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

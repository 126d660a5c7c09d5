/** `npm run temporal-certificates -- FOLDER HOST...`: see deploy/temporal/certificates.ts. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { certificateFiles, CLIENTS, makeTemporalCertificates } from './temporal/certificates.ts';

const USAGE = `Usage: npm run temporal-certificates -- FOLDER HOST...
FOLDER, with a slash: where they are kept, e.g. ./tls. HOST: each name or address by which clients reach Temporal, without its port.`;

const [folder = '', ...hosts] = process.argv.slice(2);
// A folder without one is a host whose folder was forgotten: keys would lie in the project.
if (!folder.includes('/') || hosts.length === 0) {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = 2;
} else {
  try {
    const made = await makeTemporalCertificates(folder, hosts);
    for (const name of ['servidor', ...CLIENTS] as const) {
      const { certificate } = certificateFiles(folder, name);
      const { validToDate, subjectAltName } = new X509Certificate(readFileSync(certificate));
      const words = [made.has(name) ? 'made' : 'kept', `until ${validToDate.toISOString().slice(0, 10)}`];
      process.stdout.write(
        `${certificate}: ${[...words, ...(subjectAltName ? [subjectAltName] : [])].join(', ')}\n`,
      );
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

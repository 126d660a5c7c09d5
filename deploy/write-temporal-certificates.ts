/** `npm run temporal-certificates -- FOLDER HOST...`: see deploy/temporal/certificates.ts. */
import { makeTemporalCertificates } from './temporal/certificates.ts';

const [folder, ...hosts] = process.argv.slice(2);
if (folder === undefined || hosts.length === 0) {
  process.stderr.write(
    'Usage: npm run temporal-certificates -- FOLDER HOST...\n' +
      'HOST: each name or address by which clients reach Temporal, as they are configured with it.\n',
  );
  process.exitCode = 2;
} else {
  try {
    await makeTemporalCertificates(folder, hosts);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

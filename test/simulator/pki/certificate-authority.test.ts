import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  cleanUp,
  issue,
  issueOne,
  newDataDir,
  partsOf,
  startSimulator,
  step1,
  step2,
  stopSimulator,
} from '../../support/pki/running-simulator.ts';

afterEach(cleanUp);

it('the simulator keeps its hierarchy over a restart, even where the type of new keys changes', async () => {
  const dataDir = await newDataDir();
  const before = await startSimulator({ dataDir, keyType: 'EC' });
  await stopSimulator(before);

  const after = await startSimulator({ dataDir, keyType: 'RSA' });
  const certificate = new X509Certificate(await issueOne(after.url, 'FIRMA_DIGITAL'));

  expect(after.chainPem).toBe(before.chainPem);
  expect(certificate.publicKey.asymmetricKeyType).toBe('rsa');
  expect(certificate.checkIssued(authoritiesOf(before.chainPem).issuing)).toBe(true);
});

it.each([
  ['EC', { namedCurve: 'secp384r1' }],
  ['RSA', { modulusLength: 3072 }],
] as const)(
  'the simulator creates a root and an issuing authority with %s keys of their strength',
  async (keyType, details) => {
    const { chainPem } = await startSimulator({ keyType });

    const { root, issuing } = authoritiesOf(chainPem);

    expect(root.ca && issuing.ca).toBe(true);
    expect(root.checkIssued(root)).toBe(true);
    expect(issuing.checkIssued(root)).toBe(true);
    expect(issuing.verify(root.publicKey)).toBe(true);
    for (const certificate of [root, issuing]) {
      expect(certificate.subject).toContain('SIMULADOR');
      expect(certificate.publicKey.asymmetricKeyDetails).toMatchObject(details);
    }
  },
);

it('every hierarchy has keys of its own', async () => {
  const [one, other] = [await startSimulator(), await startSimulator()];

  expect(authoritiesOf(one.chainPem).issuing.fingerprint256).not.toBe(
    authoritiesOf(other.chainPem).issuing.fingerprint256,
  );
});

it('the simulator writes the chain for the orchestrator, and lets nobody else read a private key', async () => {
  const { dataDir, chainPath, chainPem } = await startSimulator();

  const folder = path.join(dataDir, 'simulador', 'ca');
  expect(chainPath).toBe(path.join(folder, 'cadena.pem'));
  expect(await readFile(chainPath, 'utf8')).toBe(chainPem);
  expect(Object.keys(partsOf(chainPem))).toHaveLength(2);
  const keys = (await readdir(folder)).filter((name) => name.endsWith('.key'));
  expect(keys.sort()).toEqual(['emisora.key', 'raiz.key']);
  for (const name of keys) expect((await stat(path.join(folder, name))).mode & 0o777).toBe(0o600);
});

it('the simulator starts anew where a crash left half a hierarchy', async () => {
  const dataDir = await newDataDir();
  const left = path.join(dataDir, 'simulador', 'ca.sin-terminar-1');
  await mkdir(left, { recursive: true });
  await writeFile(path.join(left, 'raiz.key'), 'half');

  const { url } = await startSimulator({ dataDir });

  expect(await issue(url)).toHaveLength(3);
  expect((await readdir(path.join(dataDir, 'simulador'))).filter((name) => name.startsWith('ca'))).toEqual([
    'ca',
  ]);
});

it.each([
  ['an empty key', 'emisora.key', ''],
  ['a certificate that is none', 'emisora.pem', 'x'],
])('the simulator refuses a damaged hierarchy and names its folder: %s', async (_damage, file, content) => {
  const dataDir = await newDataDir();
  await stopSimulator(await startSimulator({ dataDir }));
  const folder = path.join(dataDir, 'simulador', 'ca');
  await writeFile(path.join(folder, file), content);

  await expect(startSimulator({ dataDir })).rejects.toThrow(folder);
});

it('the simulator refuses a key that is not that of its certificate', async () => {
  const dataDir = await newDataDir();
  await stopSimulator(await startSimulator({ dataDir }));
  const folder = path.join(dataDir, 'simulador', 'ca');
  await writeFile(path.join(folder, 'emisora.key'), await readFile(path.join(folder, 'raiz.key')));

  await expect(startSimulator({ dataDir })).rejects.toThrow(folder);
});

it('an authority issues nothing that would outlive it', async () => {
  const dataDir = await newDataDir();
  await stopSimulator(await startSimulator({ dataDir }));
  const inTwelveYears = new Date(Date.now() + 12 * 365 * 86_400_000);

  const errors: unknown[] = [];
  const { url } = await startSimulator({
    dataDir,
    clock: () => inTwelveYears,
    onError: (error) => errors.push(error),
  });

  const within = await issue(url, { codigo: 'SOL-1', vigenciaAnios: 2 });
  const beyond = { codigo: 'SOL-2', vigenciaAnios: 4 };
  const refused = await step2(url, beyond, (await step1(url, beyond)).body.data);

  expect(within).toHaveLength(3);
  expect(refused.status).toBe(500);
  expect(refused.body.error).toMatchObject({ tipo: 'ERROR_INTERNO' });
  expect(errors).toEqual([new Error('the issuing authority ends before the certificate would')]);
});

function authoritiesOf(chainPem: string): { root: X509Certificate; issuing: X509Certificate } {
  const { rootPem, issuingPem } = partsOf(chainPem);
  return { root: new X509Certificate(rootPem), issuing: new X509Certificate(issuingPem) };
}

/** What closes Temporal (deploy/temporal/certificates.ts), judged by openssl and made again only where it must be. */
import { X509Certificate } from 'node:crypto';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { jest } from '@jest/globals';
import { join } from 'node:path';
import { CLIENTS, makeTemporalCertificates } from '../../deploy/temporal/certificates.ts';
import { runProgram } from '../support/procesos/run-program.ts';
import { temporaryFolder } from '../support/procesos/temporary-folder.ts';

const HOSTS = ['temporal', '127.0.0.1'];
const TODOS = ['servidor', ...CLIENTS];

const certificadoDe = (carpeta: string, de: string) => readFileSync(join(carpeta, de, 'tls.crt'), 'utf8');

async function verificar(carpeta: string, de: string, ...args: string[]): Promise<string> {
  const ancla = ['-CAfile', join(carpeta, de, 'ca.crt')];
  const verificado = ['verify', '-x509_strict', ...ancla, ...args, join(carpeta, de, 'tls.crt')];
  return (await runProgram('openssl', verificado, carpeta)).output;
}

let carpeta: string;
beforeEach(async () => {
  carpeta = join(temporaryFolder(), 'tls');
  await makeTemporalCertificates(carpeta, HOSTS);
});

test('the server’s are for its hosts and for its own calls, a client’s for calls alone', async () => {
  for (const host of [['-verify_hostname', 'temporal'], ['-verify_ip', '127.0.0.1'], []])
    expect(await verificar(carpeta, 'servidor', '-purpose', 'sslserver', ...host)).toContain('OK');
  expect(await verificar(carpeta, 'servidor', '-verify_hostname', 'otro')).toContain('hostname mismatch');
  for (const de of TODOS) expect(await verificar(carpeta, de, '-purpose', 'sslclient')).toContain('OK');
  for (const de of CLIENTS)
    expect(await verificar(carpeta, de, '-purpose', 'sslserver')).toContain('unsuitable certificate purpose');
});

test('each key is of its certificate, and for whoever made it alone', async () => {
  for (const de of TODOS) {
    const [publica, certificada] = await Promise.all([
      runProgram('openssl', ['pkey', '-in', join(de, 'tls.key'), '-pubout'], carpeta),
      runProgram('openssl', ['x509', '-in', join(de, 'tls.crt'), '-noout', '-pubkey'], carpeta),
    ]);
    expect(publica.stdout).toContain('BEGIN PUBLIC KEY');
    expect(publica.stdout).toBe(certificada.stdout);
  }
  for (const archivo of [...TODOS.map((de) => join(de, 'tls.key')), 'ca/ca.key'])
    expect(statSync(join(carpeta, archivo)).mode & 0o077).toBe(0);
});

test('run again it makes nothing', async () => {
  const antes = TODOS.map((de) => certificadoDe(carpeta, de));
  await makeTemporalCertificates(carpeta, HOSTS);

  expect(TODOS.map((de) => certificadoDe(carpeta, de))).toEqual(antes);
});

const quitar = (archivo: string) => () => {
  rmSync(join(carpeta, archivo), { recursive: true });
};
const estropear = (archivo: string) => () => {
  writeFileSync(join(carpeta, archivo), 'nada');
};
/** Signed by this CA, with days left. */
const acortar = (de: string, dias: number) => async () => {
  const peticion = ['req', '-new', '-key', `${de}/tls.key`, '-subj', `/CN=${de}`, '-out', 'peticion.csr'];
  await runProgram('openssl', peticion, carpeta);
  const firmar = ['x509', '-req', '-in', 'peticion.csr', '-CA', 'ca/ca.crt', '-CAkey', 'ca/ca.key'];
  const { stdout } = await runProgram('openssl', [...firmar, '-days', String(dias)], carpeta);
  writeFileSync(join(carpeta, de, 'tls.crt'), stdout);
};

test.each<[string, string[], () => void | Promise<void>, string[]]>([
  ['one that is missing', ['codec'], quitar('codec'), HOSTS],
  ['one whose key is missing', ['worker'], quitar('worker/tls.key'), HOSTS],
  ['one whose CA is missing', ['worker'], quitar('worker/ca.crt'), HOSTS],
  [
    'one whose key is another’s',
    ['api'],
    () => {
      cpSync(join(carpeta, 'codec/tls.key'), join(carpeta, 'api/tls.key'));
    },
    HOSTS,
  ],
  ['one whose certificate is damaged', ['ui'], estropear('ui/tls.crt'), HOSTS],
  ['one whose key is damaged', ['ui'], estropear('ui/tls.key'), HOSTS],
  ['one that ends within two months', ['api'], acortar('api', 59), HOSTS],
  ['the server’s, for one more host', ['servidor'], () => undefined, [...HOSTS, 'temporal.interno']],
  ['the server’s, for one host less', ['servidor'], () => undefined, ['temporal']],
  ['all of them, where the CA is gone', TODOS, quitar('ca'), HOSTS],
])('made again is %s', async (_, cuales, hacer, hosts) => {
  await hacer();
  const antes = new Map(TODOS.map((de) => [de, leido(de)]));
  await makeTemporalCertificates(carpeta, hosts);

  const cambiados = TODOS.filter((de) => leido(de) !== antes.get(de));
  expect(cambiados).toEqual(cuales);
  for (const de of TODOS) expect(await verificar(carpeta, de)).toContain('OK');
});

test.each([
  ['a key that is not its own', 'codec/tls.key'],
  ['no key', null],
])('a CA with %s is a person’s to mend: nothing is made', async (_, llave) => {
  rmSync(join(carpeta, 'ca/ca.key'));
  if (llave) cpSync(join(carpeta, llave), join(carpeta, 'ca/ca.key'));
  rmSync(join(carpeta, 'api'), { recursive: true });

  await expect(makeTemporalCertificates(carpeta, HOSTS)).rejects.toThrow(
    /ca\/ca\.crt and \S+\/ca\/ca\.key are not a certificate and its key/,
  );
  expect(existsSync(join(carpeta, 'api'))).toBe(false);
});

test('a CA that would end before what it issues is made anew, and all with it', async () => {
  const [tls, ahora] = [temporaryFolder(), Date.now()];
  await makeTemporalCertificates(tls, HOSTS);
  const de = (archivo: string) => new X509Certificate(readFileSync(join(tls, archivo)));
  const primera = de('ca/ca.crt').serialNumber;
  jest.spyOn(Date, 'now').mockReturnValue(ahora + (3_650 - 824) * 24 * 3_600_000);
  await makeTemporalCertificates(tls, HOSTS);

  expect(de('ca/ca.crt').serialNumber).not.toBe(primera);
  for (const quien of TODOS) {
    expect(de(`${quien}/tls.crt`).validToDate.getTime()).toBeLessThan(de('ca/ca.crt').validToDate.getTime());
    expect(de(`${quien}/tls.crt`).checkIssued(de('ca/ca.crt'))).toBe(true);
  }
});

test.each([
  '',
  ' ',
  'a,b',
  'a\nb',
  'temporal:7233',
  '[::1]',
  'ñandu',
  'fe80::1%eth0',
  '::ffff:1.2.3.4',
  '1.2.3',
  '-x',
  'a..b',
  '*.*.x',
])('%j is no host', async (host) => {
  await expect(makeTemporalCertificates(carpeta, [host])).rejects.toThrow(
    `"${host}" is neither a name nor an address`,
  );
});

test('a star, an address of IPv6 and capitals are kept as they are told', async () => {
  const hosts = ['*.temporal.interno', '2001:DB8:0::1', 'Temporal'];
  await makeTemporalCertificates(carpeta, hosts);
  const antes = certificadoDe(carpeta, 'servidor');
  await makeTemporalCertificates(carpeta, hosts);

  expect(certificadoDe(carpeta, 'servidor')).toBe(antes);
  for (const host of [
    ['-verify_hostname', 'a.temporal.interno'],
    ['-verify_ip', '2001:db8::1'],
    ['-verify_hostname', 'temporal'],
  ])
    expect(await verificar(carpeta, 'servidor', ...host)).toContain('OK');
});

test('what somebody left in its place takes no key away, and opens none', async () => {
  const ajena = join(temporaryFolder(), 'ajena');
  const tls = temporaryFolder();
  for (const de of ['api', 'ca']) mkdirSync(join(tls, de), { mode: 0o755 });
  symlinkSync(ajena, join(tls, 'api/tls.key'));
  writeFileSync(join(tls, 'ca/ca.key'), 'nada', { mode: 0o666 });
  await makeTemporalCertificates(tls, HOSTS);

  expect(existsSync(ajena)).toBe(false);
  for (const archivo of ['api/tls.key', 'ca/ca.key', 'api', 'ca'])
    expect([archivo, lstatSync(join(tls, archivo)).mode & 0o077]).toEqual([archivo, 0]);
});

function leido(de: string): string | undefined {
  try {
    return certificadoDe(carpeta, de) + readFileSync(join(carpeta, de, 'tls.key'), 'utf8');
  } catch {
    return undefined;
  }
}

/** What closes Temporal (deploy/temporal/certificates.ts), judged by openssl and made again only where it must be. */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTemporalCertificates } from '../../deploy/temporal/certificates.ts';
import { runProgram } from '../support/procesos/run-program.ts';
import { temporaryFolder } from '../support/procesos/temporary-folder.ts';

const HOSTS = ['temporal', '127.0.0.1'];
const CLIENTES = ['api', 'worker', 'codec', 'operador', 'ui'];
const TODOS = ['servidor', ...CLIENTES];

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
  for (const de of CLIENTES)
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

test.each<[string, string[], (de: string) => void | Promise<void>, string[]]>([
  [
    'one that is missing',
    ['codec'],
    () => {
      rmSync(join(carpeta, 'codec'), { recursive: true });
    },
    HOSTS,
  ],
  ['the server’s, for another host', ['servidor'], () => undefined, [...HOSTS, 'temporal.interno']],
  [
    'all of them, of another CA',
    TODOS,
    () => {
      rmSync(join(carpeta, 'ca'), { recursive: true });
    },
    HOSTS,
  ],
  [
    'one that ends within two months',
    ['api'],
    async () => {
      // As it will be found then: made by this CA, with days left.
      const peticion = join(carpeta, 'api.csr');
      await runProgram(
        'openssl',
        ['req', '-new', '-key', 'api/tls.key', '-subj', '/CN=api', '-out', peticion],
        carpeta,
      );
      const { stdout } = await runProgram(
        'openssl',
        ['x509', '-req', '-in', peticion, '-CA', 'ca/ca.crt', '-CAkey', 'ca/ca.key', '-days', '59'],
        carpeta,
      );
      writeFileSync(join(carpeta, 'api/tls.crt'), stdout);
    },
    HOSTS,
  ],
])('made again is %s', async (_, cuales, estropear, hosts) => {
  await estropear(carpeta);
  const antes = new Map(TODOS.map((de) => [de, leido(de)]));
  await makeTemporalCertificates(carpeta, hosts);

  const cambiados = TODOS.filter((de) => leido(de) !== antes.get(de));
  expect(cambiados).toEqual(cuales);
  for (const de of TODOS) expect(await verificar(carpeta, de)).toContain('OK');
});

function leido(de: string): string | undefined {
  try {
    return certificadoDe(carpeta, de);
  } catch {
    return undefined;
  }
}

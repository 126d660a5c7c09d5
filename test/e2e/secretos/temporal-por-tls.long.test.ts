/** Temporal closed by mutual TLS (docs/operacion.md, «Cerrar Temporal en producción»): who has a certificate works, and nobody else is heard. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { runProgram } from '../../support/procesos/run-program.ts';
import { temporaryFolder } from '../../support/procesos/temporary-folder.ts';
import { startPostgres } from '../../support/servidores/postgres.ts';
import { Stack, solicitudNueva } from '../../support/servidores/stack.ts';
import { abrirPuertaTls, type PuertaTls } from '../../support/temporal/puerta-tls.ts';
import { temporalProgram, temporalServer } from '../../support/temporal/temporal-server.ts';

jest.setTimeout(120_000);

const TLS = join(temporaryFolder(), 'tls');
const OTRA = join(temporaryFolder(), 'tls');

let puerta: PuertaTls;
let stack: Stack;

const certificadoDe = (cliente: string, carpeta = TLS) => ({
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: join(TLS, 'ca.crt'),
  TEMPORAL_TLS_CLIENT_CERT_PATH: join(carpeta, `${cliente}.crt`),
  TEMPORAL_TLS_CLIENT_KEY_PATH: join(carpeta, `${cliente}.key`),
});

async function hacerCertificados(carpeta: string): Promise<void> {
  const args = ['deploy/temporal/certificates.sh', carpeta, '127.0.0.1', 'temporal'];
  const { code, output } = await runProgram('sh', args, process.cwd());
  if (code !== 0) throw new Error(output);
}

beforeAll(async () => {
  for (const carpeta of [TLS, OTRA]) await hacerCertificados(carpeta);
  const temporal = await temporalServer();
  puerta = await abrirPuertaTls(TLS, temporal.address);
  stack = await Stack.start(
    { TEMPORAL_ADDRESS: puerta.address, ...certificadoDe('worker') },
    { servidores: { postgres: await startPostgres(), temporal } },
  );
}, 180_000);
afterAll(async () => {
  await stack.stop();
  puerta.cerrar();
});

test('API, worker and orders reach it by their certificates', async () => {
  expect((await stack.emitir(solicitudNueva('SOL-TLS'))).estadoHttp).toBe(201);

  const { code, output } = await stack.comando('conciliar.ts');
  expect([code, output]).toEqual([0, expect.stringContaining('Solicitudes revisadas')]);
});

/** What an operator's command line says to a server that asks for a certificate. */
async function listar(tls: string[]): Promise<{ code: number; output: string }> {
  return runProgram(
    await temporalProgram(),
    ['workflow', 'list', '--address', puerta.address, '--command-timeout', '5s', ...tls],
    stack.carpeta,
  );
}

test('an operator lists with a certificate; without one, or with one of another CA, he does not', async () => {
  const ca = ['--tls-ca-path', join(TLS, 'ca.crt')];
  const con = (carpeta: string) => [
    ...ca,
    '--tls-cert-path',
    join(carpeta, 'operador.crt'),
    '--tls-key-path',
    join(carpeta, 'operador.key'),
  ];

  expect(await listar(con(TLS))).toMatchObject({
    code: 0,
    output: expect.stringContaining('emision/SOL-TLS') as unknown,
  });
  for (const tls of [[], ca, con(OTRA)]) expect((await listar(tls)).code).not.toBe(0);
});

test('a worker with a certificate of another CA does not start, and says why', async () => {
  await stack.detener('worker');
  stack.configurar(certificadoDe('worker', OTRA));

  await expect(stack.arrancar('worker')).rejects.toThrow(
    `Temporal does not answer at ${puerta.address} (TEMPORAL_ADDRESS)`,
  );
});

test('keys are for whoever made them, and what is there is not made again', async () => {
  const deLaClave = () => statSync(join(TLS, 'api.key'));
  const antes = deLaClave();
  await hacerCertificados(TLS);

  expect(deLaClave().mtimeMs).toBe(antes.mtimeMs);
  expect(antes.mode & 0o077).toBe(0);
  for (const archivo of ['servidor.crt', 'operador.crt']) {
    const verificado = await runProgram(
      'openssl',
      ['verify', '-x509_strict', '-CAfile', 'ca.crt', archivo],
      TLS,
    );
    expect(verificado.output).toContain('OK');
  }
});

/**
 * Temporal closed by mutual TLS (docs/operacion.md, «Cerrar Temporal en producción»): who has a certificate works, and nobody
 * else is heard. By a door before the server of `npm start`, and by Temporal's own where TEMPORAL_SERVER_BIN names its programs.
 */
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { makeTemporalCertificates } from '../../../deploy/temporal/certificates.ts';
import { startPostgres } from '../../../scripts/topology/postgres.ts';
import { runProgram } from '../../support/procesos/run-program.ts';
import { temporaryFolder } from '../../support/procesos/temporary-folder.ts';
import {
  Stack,
  comoEnContenedores,
  solicitudNueva,
  type Servidores,
} from '../../support/servidores/stack.ts';
import { abrirPuertaTls } from '../../support/temporal/puerta-tls.ts';
import {
  TEMPORAL_SERVER_BIN,
  temporalProgram,
  temporalServer,
} from '../../support/temporal/temporal-server.ts';

jest.setTimeout(120_000);

interface Cerrado {
  /** Where Temporal hears who has a certificate. */
  direccion: string;
  /** Of deploy/temporal/certificates.ts. */
  tls: string;
  servidores: Servidores;
  cerrar(): void;
}

const CERRADOS: [nombre: string, abrir: () => Promise<Cerrado>][] = [['a door', conPuerta]];
const programas = TEMPORAL_SERVER_BIN;
if (programas) CERRADOS.push(['the server itself', () => conElServidor(programas)]);

async function conPuerta(): Promise<Cerrado> {
  const tls = temporaryFolder();
  await makeTemporalCertificates(tls, ['127.0.0.1', 'localhost']);
  const temporal = await temporalServer();
  const puerta = await abrirPuertaTls(tls, temporal.address);
  return {
    direccion: `localhost:${puerta.puerto}`,
    tls,
    servidores: { postgres: await startPostgres(), temporal },
    cerrar: () => {
      puerta.cerrar();
    },
  };
}

async function conElServidor(programas: string): Promise<Cerrado> {
  const servidores = await comoEnContenedores(programas);
  const { address: direccion, certificates: tls } = servidores.temporal;
  return { direccion, tls, servidores, cerrar: () => undefined };
}

const certificadoDe = (cliente: string, carpeta: string, ca = carpeta) => ({
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: join(ca, cliente, 'ca.crt'),
  TEMPORAL_TLS_CLIENT_CERT_PATH: join(carpeta, cliente, 'tls.crt'),
  TEMPORAL_TLS_CLIENT_KEY_PATH: join(carpeta, cliente, 'tls.key'),
});

describe.each(CERRADOS)('closed by %s', (_, abrir) => {
  const otra = temporaryFolder();
  let cerrado: Cerrado;
  let stack: Stack;

  beforeAll(async () => {
    await makeTemporalCertificates(otra, ['localhost']);
    cerrado = await abrir();
    const { direccion, tls, servidores } = cerrado;
    stack = await Stack.start(
      { TEMPORAL_ADDRESS: direccion, ...certificadoDe('worker', tls) },
      { servidores },
    );
  }, 180_000);
  afterAll(async () => {
    await stack.stop();
    cerrado.cerrar();
  });

  test('API, worker and orders reach it by their certificates', async () => {
    expect((await stack.emitir(solicitudNueva('SOL-TLS'))).estadoHttp).toBe(201);

    const { code, output } = await stack.comando('conciliar.ts');
    expect([code, output]).toEqual([0, expect.stringContaining('Solicitudes revisadas')]);
  });

  test('an operator lists with a certificate; without one, or with one of another CA, he does not', async () => {
    // What an operator's command line says to a server that asks for a certificate.
    const listar = async (variables: Record<string, string>) =>
      runProgram(
        await temporalProgram(),
        ['workflow', 'list', '--address', cerrado.direccion, '--command-timeout', '5s'],
        stack.carpeta,
        variables,
      );
    const suyas = certificadoDe('operador', cerrado.tls);
    const { TEMPORAL_TLS_SERVER_CA_CERT_PATH } = suyas;

    expect(await listar(suyas)).toMatchObject({
      code: 0,
      output: expect.stringContaining('emision/SOL-TLS') as unknown,
    });
    for (const variables of [
      {},
      { TEMPORAL_TLS_SERVER_CA_CERT_PATH },
      certificadoDe('operador', otra, cerrado.tls),
    ])
      expect((await listar(variables)).code).not.toBe(0);
  });

  test('a worker with a certificate of another CA does not start, and says why', async () => {
    await stack.detener('worker');
    const variables = certificadoDe('worker', otra, cerrado.tls);

    await expect(stack.arrancar('worker', variables)).rejects.toThrow(
      `Temporal does not answer at ${cerrado.direccion} (TEMPORAL_ADDRESS)`,
    );
  });
});

/**
 * Temporal closed by mutual TLS (docs/operacion.md, «Cerrar Temporal en producción»): who has a certificate works, and nobody
 * else is heard. By a door before the server of `npm start`, and by Temporal's own where TEMPORAL_SERVER_BIN names its programs.
 */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { jest } from '@jest/globals';
import {
  certificateFiles,
  clientVariables,
  makeTemporalCertificates,
  type Client,
} from '../../../deploy/temporal/certificates.ts';
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

/** Longer than what would answer needs for it. */
const SILENCIO_MS = 500;

interface Cerrado {
  /** All that Temporal hears at. */
  puertos: readonly number[];
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
    puertos: [puerta.puerto],
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
  const { address: direccion, certificates: tls, ports: puertos } = servidores.temporal;
  return { puertos, direccion, tls, servidores, cerrar: () => undefined };
}

/** What comes back before the other side hangs up, or for a moment where it does not; in clear, where it is not TLS' own alert. */
async function loQueResponde(conectar: () => Socket, entrada: Buffer): Promise<string> {
  const socket = conectar();
  const seguro = socket instanceof TLSSocket;
  let leido = '';
  socket.on('data', (bytes: Buffer) => (leido += bytes.toString('hex')));
  // A refusal is what is looked for.
  socket.on('error', () => undefined);
  socket.once(seguro ? 'secureConnect' : 'connect', () => socket.write(entrada));
  socket.setTimeout(SILENCIO_MS, () => socket.destroy());
  await new Promise((cerrado) => socket.once('close', cerrado));
  // An alert of TLS (15) says only that this was none, or not the one.
  return !seguro && leido.startsWith('15') ? '' : leido;
}

/** @param deLaCa folder of the CA whose server is believed */
function certificadoDe(cliente: Client, carpeta: string, deLaCa = carpeta): Record<string, string> {
  const { ca } = certificateFiles(deLaCa, cliente);
  return clientVariables({ ...certificateFiles(carpeta, cliente), ca });
}

describe.each(CERRADOS)('closed by %s', (_, abrir) => {
  const otra = temporaryFolder();
  let cerrado: Cerrado;
  let stack: Stack;

  beforeAll(async () => {
    await makeTemporalCertificates(otra, ['localhost']);
    cerrado = await abrir();
    const { direccion, tls, servidores } = cerrado;
    stack = await Stack.start(
      { TEMPORAL_ADDRESS: direccion, ...certificadoDe('operador', tls) },
      { servidores },
    );
  }, 180_000);
  afterAll(async () => {
    await stack.stop();
    cerrado.cerrar();
  });

  test('API, worker and orders reach it by a certificate', async () => {
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
    const { TEMPORAL_TLS_SERVER_CA_CERT_PATH = '' } = suyas;

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

  test('no port of it answers who has no certificate of its CA', async () => {
    // As a role asks another who is there (TChannel's first frame), and as a client asks the frontend (HTTP/2's preface).
    const ENTRADAS = [
      Buffer.from('0014010000000001000000000000000000020000', 'hex'),
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    ];
    const leer = (archivo: string) => readFileSync(archivo);
    const de = (carpeta: string) => {
      const { certificate, key } = certificateFiles(carpeta, 'api');
      return { cert: leer(certificate), key: leer(key) };
    };
    const ca = leer(certificateFiles(cerrado.tls, 'api').ca);
    const conTls = (port: number, suyo: object) => () =>
      connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca, ALPNProtocols: ['h2'], ...suyo });

    for (const port of cerrado.puertos) {
      const en = async (conectar: () => Socket) =>
        Promise.all(ENTRADAS.map((entrada) => loQueResponde(conectar, entrada)));
      expect([port, await en(() => connect({ port, host: '127.0.0.1' }))]).toEqual([port, ['', '']]);
      expect([port, await en(conTls(port, {}))]).toEqual([port, ['', '']]);
      expect([port, await en(conTls(port, de(otra)))]).toEqual([port, ['', '']]);
    }
    // Who has one is answered, by the frontend: else nothing were shown.
    const frontend = Number(cerrado.direccion.split(':')[1]);
    expect(await loQueResponde(conTls(frontend, de(cerrado.tls)), ENTRADAS[1] ?? Buffer.of())).not.toBe('');
  });

  test('a worker with a certificate of another CA does not start, and says why', async () => {
    await stack.detener('worker');
    const variables = certificadoDe('worker', otra, cerrado.tls);

    await expect(stack.arrancar('worker', variables)).rejects.toThrow(
      `Temporal does not answer at ${cerrado.direccion} (TEMPORAL_ADDRESS)`,
    );
  });
});

/** A connection that is closed while calls wait for another attempt: the process goes on. */
import { runProgram } from '../../support/procesos/run-program.ts';

/** Closes it at different moments between the attempts; what ends the process is seen by its exit code. */
const PROGRAMA = `
  import { once } from 'node:events';
  import { createServer } from 'node:net';
  import { setTimeout as pausa } from 'node:timers/promises';
  import { conectarCliente } from './shared/runtime/temporal/conexion.ts';
  const caido = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(caido, 'listening');
  const TEMPORAL_ADDRESS = '127.0.0.1:' + caido.address().port;
  for (let i = 0; i < 8; i++) {
    const connection = conectarCliente({ TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE: 'default' });
    const llamada = connection.withDeadline(Date.now() + 20_000, () => connection.workflowService.getSystemInfo({}));
    const fin = llamada.then(() => 'answered', () => 'failed');
    await once(caido, 'connection');
    await pausa(i * 40);
    await connection.close();
    console.log(await fin);
  }
  caido.close();
`;

/** Whoever is asked first: the server, or the proxy of a variable. */
const DIRECTO = `
  import { once } from 'node:events';
  import { createServer } from 'node:net';
  import { conectarCliente } from './shared/runtime/temporal/conexion.ts';
  const escuchar = async (quien) => {
    const servidor = createServer((socket) => { console.log(quien); process.exit(0); }).listen(0, '127.0.0.1');
    await once(servidor, 'listening');
    return '127.0.0.1:' + servidor.address().port;
  };
  const TEMPORAL_ADDRESS = await escuchar('directly');
  const proxy = 'http://' + (await escuchar('by a proxy'));
  for (const nombre of ['grpc_proxy', 'GRPC_PROXY', 'http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'all_proxy'])
    process.env[nombre] = proxy;
  const connection = conectarCliente({ TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE: 'default' });
  await connection.withDeadline(Date.now() + 20_000, () => connection.workflowService.getSystemInfo({}));
`;

it('Temporal is asked directly, whatever proxy any variable names', async () => {
  const { output } = await runProgram(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '--eval', DIRECTO],
    process.cwd(),
    { PATH: process.env.PATH },
  );

  expect(output.trim()).toBe('directly');
});

it('a connection that is closed while calls wait for another attempt fails those calls and nothing else', async () => {
  const { code, output } = await runProgram(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '--eval', PROGRAMA],
    process.cwd(),
    { PATH: process.env.PATH },
  );

  expect({ code, lines: output.trim().split('\n') }).toEqual({ code: 0, lines: Array(8).fill('failed') });
});

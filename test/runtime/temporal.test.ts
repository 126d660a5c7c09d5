/** A connection that is closed while calls wait for another attempt: the process goes on. */
import { runProgram } from '../support/run-program.ts';

/** Closes it at different moments between the attempts; what ends the process is seen by its exit code. */
const PROGRAMA = `
  import { once } from 'node:events';
  import { createServer } from 'node:net';
  import { setTimeout as pausa } from 'node:timers/promises';
  import { conectarCliente } from './shared/runtime/temporal.ts';
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

it('fails those calls and nothing else', async () => {
  const { code, output } = await runProgram(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '--eval', PROGRAMA],
    process.cwd(),
    { PATH: process.env.PATH },
  );

  expect({ code, lines: output.trim().split('\n') }).toEqual({ code: 0, lines: Array(8).fill('failed') });
});

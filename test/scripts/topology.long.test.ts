/** `npm run topology` as a person uses it, where Temporal's programs are there (TEMPORAL_SERVER_BIN, `npm run test:topology`). */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pickFreePort } from '../../scripts/start/ports.ts';
import { hasta } from '../support/hasta.ts';
import { runProgram } from '../support/procesos/run-program.ts';
import { temporaryFolder } from '../support/procesos/temporary-folder.ts';
import { TEMPORAL_SERVER_BIN, temporalProgram } from '../support/temporal/temporal-server.ts';

const withPrograms = TEMPORAL_SERVER_BIN ? test : test.skip;
const VARIABLES = ['PORT', 'OIDC_PORT', 'SIMULADOR_PORT', 'CODEC_PORT', 'WORKER_PORT', 'TEMPORAL_UI_PORT'];

let topology: ChildProcess | undefined;
afterEach(() => topology?.kill('SIGKILL'));

withPrograms(
  'it issues by the line that it prints, shows it in its UI, and leaves nothing behind',
  async () => {
    const ports = await Promise.all(
      VARIABLES.map(async (name) => [name, String(await pickFreePort('127.0.0.1'))] as const),
    );
    let said = '';
    topology = spawn(process.execPath, ['scripts/topology.ts'], {
      env: { ...process.env, ...Object.fromEntries(ports) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [topology.stdout, topology.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (said += text));
    const running = topology;
    await hasta(
      'the topology to be ready',
      () => {
        if (running.exitCode !== null) throw new Error(said);
        return said.includes('Ctrl-C stops everything');
      },
      120_000,
    );

    const line = (command: string) => new RegExp(`^(.*) ${command}$`, 'm').exec(said)?.[1] ?? '';
    const variablesOf = (words: string) =>
      Object.fromEntries(words.split(' ').map((word) => word.split('=') as [string, string]));
    const issued = await runProgram(
      process.execPath,
      ['scripts/emitir.ts', 'samples/solicitud.json', '--salida', temporaryFolder()],
      process.cwd(),
      { ...process.env, ...variablesOf(line('npm run emitir -- samples/solicitud.json')) },
    );
    expect(issued).toMatchObject({ code: 0, output: expect.stringContaining('COMPLETADO') as unknown });

    const asOperator = variablesOf(line('temporal workflow list'));
    const listed = await runProgram(await temporalProgram(), ['workflow', 'list'], process.cwd(), asOperator);
    expect(listed.output).toContain('emision/SOL-2026-000001');

    // The UI reaches a server that hears only who has a certificate, and asks the codec server with the visitor's session.
    const { TEMPORAL_UI_PORT = '' } = Object.fromEntries(ports);
    const ui = `http://127.0.0.1:${TEMPORAL_UI_PORT}/api/v1`;
    const seen = await (await fetch(`${ui}/namespaces/default/workflows`)).text();
    expect(seen).toContain('emision/SOL-2026-000001');
    expect(await (await fetch(`${ui}/settings`)).json()).toMatchObject({
      Codec: {
        Endpoint: `http://127.0.0.1:${Object.fromEntries(ports).CODEC_PORT ?? ''}`,
        IncludeCredentials: true,
      },
    });

    const ended = once(running, 'exit');
    running.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    const [, folder = ''] = /^ +Logs +(\S+)\/logs$/m.exec(said) ?? [];
    expect(folder).toContain('topology-');
    expect(
      [folder, asOperator.TEMPORAL_TLS_SERVER_CA_CERT_PATH ?? ''].map((path) => existsSync(path)),
    ).toEqual([false, false]);
    expect(existsSync(join(folder, 'logs'))).toBe(false);
  },
  300_000,
);

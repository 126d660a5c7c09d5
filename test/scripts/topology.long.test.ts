/** `npm run topology` as a person uses it, where Temporal's programs are there (TEMPORAL_SERVER_BIN, `npm run test:topology`). */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { pickFreePort } from '../../scripts/start/ports.ts';
import { hasta } from '../support/hasta.ts';
import { runProgram } from '../support/procesos/run-program.ts';
import { temporaryFolder } from '../support/procesos/temporary-folder.ts';
import { TEMPORAL_SERVER_BIN } from '../support/temporal/temporal-server.ts';

const withPrograms = TEMPORAL_SERVER_BIN ? describe : describe.skip;
const VARIABLES = ['PORT', 'OIDC_PORT', 'SIMULADOR_PORT', 'CODEC_PORT', 'WORKER_PORT', 'TEMPORAL_UI_PORT'];
const START_LIMIT_MS = 120_000;

interface Topology {
  process: ChildProcess;
  ports: Partial<Record<string, string>>;
  /** All that it keeps stands there. */
  folder: string;
  said: () => string;
  until: (words: string) => Promise<unknown>;
}

let running: ChildProcess | undefined;
const folders: string[] = [];
afterEach(() => running?.kill('SIGKILL'));
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

async function start(): Promise<Topology> {
  const chosen = VARIABLES.map(async (name) => [name, String(await pickFreePort('127.0.0.1'))] as const);
  const ports: Topology['ports'] = Object.fromEntries(await Promise.all(chosen));
  const folder = mkdtempSync(join(tmpdir(), 'topology-test-'));
  folders.push(folder);
  // As root, PostgreSQL runs as somebody else, who must come through.
  chmodSync(folder, 0o711);
  const started = spawn(process.execPath, ['scripts/topology.ts'], {
    env: { ...process.env, ...ports, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running = started;
  let said = '';
  for (const stream of [started.stdout, started.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const until = (words: string) =>
    hasta(
      `"${words}"`,
      () => {
        if (started.exitCode !== null) throw new Error(said);
        return said.includes(words);
      },
      START_LIMIT_MS,
    );
  return { process: started, ports, folder, said: () => said, until };
}

async function stop({ process: started, folder }: Topology): Promise<void> {
  const ended = once(started, 'exit');
  started.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
  // Node keeps what it compiled there, by the user's id.
  expect(readdirSync(folder).filter((name) => !name.startsWith('node-'))).toEqual([]);
}

withPrograms('npm run topology', () => {
  test('issues by the line that it prints, shows it in its UI, and leaves nothing behind', async () => {
    const topology = await start();
    await topology.until('Ctrl-C stops everything');
    const { ports, said } = topology;
    const shell = (line: string) => runProgram('sh', ['-c', line], process.cwd());

    const [emitir = ''] = /^.* npm run emitir .*$/m.exec(said()) ?? [];
    const issued = await shell(`${emitir} --salida ${temporaryFolder()}`);
    expect(issued).toMatchObject({ code: 0, output: expect.stringContaining('COMPLETADO') as unknown });
    const [list = ''] = /^.* workflow list$/m.exec(said()) ?? [];
    expect((await shell(list)).output).toContain('emision/SOL-2026-000001');

    // The UI reaches a server that hears only who has a certificate, and asks the codec server with the visitor's session.
    const ui = `http://127.0.0.1:${ports.TEMPORAL_UI_PORT ?? ''}/api/v1`;
    expect(await (await fetch(`${ui}/namespaces/default/workflows`)).text()).toContain(
      'emision/SOL-2026-000001',
    );
    expect(await (await fetch(`${ui}/settings`)).json()).toMatchObject({
      Codec: { Endpoint: `http://127.0.0.1:${ports.CODEC_PORT ?? ''}`, IncludeCredentials: true },
    });

    await stop(topology);
  }, 300_000);

  test('starts Temporal again where it dies, and ends where PostgreSQL does', async () => {
    const topology = await start();
    await topology.until('Ctrl-C stops everything');
    const [kept = ''] = readdirSync(topology.folder).filter((name) => name.startsWith('topology-'));
    const children = z
      .array(z.object({ name: z.string(), pid: z.number() }))
      .parse(JSON.parse(readFileSync(join(topology.folder, kept, 'procesos.json'), 'utf8')));
    process.kill(children.find(({ name }) => name === 'temporal')?.pid ?? NaN, 'SIGKILL');
    await topology.until('Temporal runs again.');

    const [cluster = ''] = readdirSync(topology.folder).filter((name) => name.startsWith('postgres-'));
    const [postmaster = ''] = readFileSync(
      join(topology.folder, cluster, 'cluster/postmaster.pid'),
      'utf8',
    ).split('\n');
    const ended = once(topology.process, 'exit');
    process.kill(Number(postmaster), 'SIGKILL');
    expect(await ended).toEqual([1, null]);
    expect(topology.said()).toContain('PostgreSQL ended');
  }, 300_000);

  test('leaves no key behind where it is told twice to end', async () => {
    const { process: started, folder, until } = await start();
    await until('Ctrl-C stops everything');
    await hasta('its end', () => {
      // One that comes at once is taken for the same.
      started.kill('SIGINT');
      return started.exitCode !== null;
    });

    expect(started.exitCode).toBe(130);
    expect(readdirSync(folder).filter((name) => name.startsWith('topology-'))).toEqual([]);
  }, 300_000);

  test.each(['Starting PostgreSQL', 'Starting Temporal', 'Starting API'])(
    'leaves nothing behind where it is stopped at "%s"',
    async (words) => {
      const topology = await start();
      await topology.until(words);

      await stop(topology);
    },
    300_000,
  );
});

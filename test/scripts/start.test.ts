/** `npm start` with its real servers, on ports that the system chooses. */
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProcessIdentity, isStillRunning } from '../../scripts/start/process-identity.ts';
import { signalGroup } from '../../scripts/start/recorded-children.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { type Ended, runToEnd, startProcess } from './test-process.ts';

const START_LIMIT_MS = 240_000;

const PORTS = ['PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT', 'SIMULADOR_PORT', 'OIDC_PORT'];

const dataDirs: string[] = [];
afterEach(() => {
  for (const dataDir of dataDirs.splice(0)) {
    for (const child of children(dataDir)) if (isStillRunning(child)) signalGroup(child.pid, 'SIGKILL');
  }
});

function npmStart(dataDir: string, changes: Record<string, string> = {}): ChildProcess & { pid: number } {
  dataDirs.push(dataDir);
  const given = { DATA_DIR: dataDir, ...Object.fromEntries(PORTS.map((name) => [name, '0'])), ...changes };
  return startProcess(process.execPath, ['scripts/start.mjs'], {
    detached: true,
    env: { ...process.env, npm_lifecycle_event: undefined, ...given },
  }) as ChildProcess & { pid: number };
}

/** What it has said by the time that it says this; rejects with all its words where it ends before. */
function untilSaid(start: ChildProcess, words: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    for (const stream of [start.stdout, start.stderr]) {
      stream?.on('data', (text: Buffer) => {
        said += text.toString();
        if (said.includes(words)) resolve(said);
      });
    }
    start.once('exit', () => {
      reject(new Error(`ended without "${words}":\n${said}`));
    });
  });
}

function children(dataDir: string): (ProcessIdentity & { name: string })[] {
  const path = join(dataDir, 'procesos.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as never) : [];
}

test(
  'shows where everything is, keeps a second start out, and Ctrl-C ends all that it started',
  async () => {
    const dataDir = temporaryFolder();
    const start = npmStart(dataDir);
    const ended: Promise<Ended> = runToEnd(start);
    const banner = await untilSaid(start, 'Ctrl-C drains');
    const running = children(dataDir);
    const api = /Health +(\S+)/.exec(banner)?.[1] ?? '';

    expect((await fetch(api)).status).toBe(200);
    expect(banner).toMatch(/^curl .*obtener-certificado-digital.*npm run -s token -- siirc/m);
    expect(running.map(({ name }) => name).sort()).toEqual(['emisor', 'servicio', 'simulador', 'temporal']);

    const second = await runToEnd(npmStart(dataDir));
    expect(second.code).not.toBe(0);
    expect(second.stderr).toMatch(/is in use by another start: pid \d+, since \d{4}-/);

    start.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 0, stdout: expect.stringContaining('Stopped.') as string });
    expect(running.filter(isStillRunning)).toEqual([]);
    expect(existsSync(join(dataDir, 'inicio.pid'))).toBe(false);
    expect(existsSync(join(dataDir, 'procesos.json'))).toBe(false);
  },
  START_LIMIT_MS,
);

test(
  'ends the children of a start that was killed, and starts on what they left',
  async () => {
    const dataDir = temporaryFolder();
    const killed = npmStart(dataDir);
    await untilSaid(killed, 'Ctrl-C drains');
    const left = children(dataDir);
    signalGroup(killed.pid, 'SIGKILL');
    expect(left.filter(isStillRunning)).toHaveLength(4);

    const next = npmStart(dataDir);
    const said = await untilSaid(next, 'Ctrl-C drains');

    for (const { name, pid } of left) expect(said).toContain(`Ending ${name} (pid ${pid})`);
    expect(left.filter(isStillRunning)).toEqual([]);
    const ended = runToEnd(next);
    next.kill('SIGTERM');
    expect((await ended).code).toBe(0);
  },
  START_LIMIT_MS,
);

test('asks for the trust anchors of an adapter that is given', async () => {
  const ended = await runToEnd(npmStart(temporaryFolder(), { PKI_ADAPTER_URL: 'http://adapter.example' }));

  expect(ended.code).toBe(1);
  expect(ended.stdout + ended.stderr).toContain('PKI_TRUST_ANCHORS: with PKI_ADAPTER_URL');
});

test('in production starts no simulator and no issuer of its own', async () => {
  const production = { NODE_ENV: 'production', PKI_ADAPTER_IDEMPOTENTE: 'true' };

  const ended = await runToEnd(npmStart(temporaryFolder(), production));

  expect(ended.code).toBe(1);
  expect(ended.stdout + ended.stderr).toMatch(/PKI_ADAPTER_URL: production[^]*OIDC_ISSUER: production/);
});

import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { isStillRunning, type ProcessIdentity } from '../../../scripts/start/data-dir/process-identity.ts';
import { NotListeningYet, answersReady } from '../../../scripts/start/readiness.ts';
import {
  type ChildSpec,
  LIMITS,
  type Supervisor,
  createSupervisor,
} from '../../../scripts/start/supervisor.ts';
import { temporaryFolder } from '../../support/procesos/temporary-folder.ts';

const QUICK = { ...LIMITS, readyMs: 10_000, readyCheckMs: 5, firstBackoffMs: 1 };

const supervisors: Supervisor[] = [];
afterEach(() => {
  for (const supervisor of supervisors.splice(0)) supervisor.killAll();
});

/** Lines that the supervisor reports, and a promise for the first that matches. */
function listener() {
  const lines: string[] = [];
  const awaited: { pattern: RegExp; resolve: (line: string) => void }[] = [];
  return {
    lines,
    report: (line: string) => {
      lines.push(line);
      for (const { pattern, resolve } of awaited) if (pattern.test(line)) resolve(line);
    },
    said: (pattern: RegExp) => new Promise<string>((resolve) => awaited.push({ pattern, resolve })),
  };
}

function supervise(folder: string, report: (line: string) => void = () => undefined, limits = QUICK) {
  const supervisor = createSupervisor(folder, report, limits);
  supervisors.push(supervisor);
  return supervisor;
}

/** A child that is ready once its script has written the word "ready" to its log. */
function child(folder: string, name: string, script: string): ChildSpec {
  const log = join(folder, 'logs', `${name}.log`);
  return {
    name,
    title: `The ${name}`,
    command: process.execPath,
    args: ['-e', script],
    env: process.env,
    isReady: () => Promise.resolve(readFileSync(log, 'utf8').includes('ready')),
    stopGraceMs: 5000,
  };
}

const RUNS = `console.log('ready'); setInterval(() => {}, 1000)`;

function recorded(folder: string): (ProcessIdentity & { name: string })[] {
  return JSON.parse(readFileSync(join(folder, 'procesos.json'), 'utf8')) as never;
}

test('a child that is ready is recorded with its pid, command line and log', async () => {
  const folder = temporaryFolder();

  await supervise(folder).start(child(folder, 'server', RUNS));

  const [only] = recorded(folder);
  expect(only).toMatchObject({ name: 'server', pid: expect.any(Number) as number });
  expect(only?.commandLine).toContain("console.log('ready')");
  expect(only && isStillRunning(only)).toBe(true);
});

test('the children are stopped in the reverse order of their start, each before the next', async () => {
  const folder = temporaryFolder();
  const supervisor = supervise(folder);
  const stops = join(folder, 'stops');
  const tells = (name: string) =>
    `process.on('SIGTERM', () => {
      require('fs').appendFileSync(${JSON.stringify(stops)}, '${name} ');
      process.exit(0);
    }); ${RUNS}`;
  for (const name of ['first', 'second', 'third']) await supervisor.start(child(folder, name, tells(name)));

  await supervisor.stopAll();

  expect(readFileSync(stops, 'utf8')).toBe('third second first ');
  expect(existsSync(join(folder, 'procesos.json'))).toBe(false);
});

test('a child that does not heed SIGTERM is killed once its grace is over', async () => {
  const folder = temporaryFolder();
  const { lines, report } = listener();
  const supervisor = supervise(folder, report);
  const stubborn = child(folder, 'stubborn', `process.on('SIGTERM', () => {}); ${RUNS}`);
  await supervisor.start({ ...stubborn, stopGraceMs: 50 });
  const [running] = recorded(folder);

  await supervisor.stopAll();

  expect(running && isStillRunning(running)).toBe(false);
  expect(lines).toEqual(['The stubborn did not stop within 0.05 s: ending it.']);
});

test('a child that is killed is reported with the last lines of its log, and started again', async () => {
  const folder = temporaryFolder();
  const { said, report } = listener();
  const [death, back] = [said(/SIGKILL/), said(/runs again/)];
  const supervisor = supervise(folder, report);
  await supervisor.start(child(folder, 'server', RUNS));
  const [before] = recorded(folder);

  process.kill(before?.pid ?? 0, 'SIGKILL');

  expect(await death).toMatch(/^The server was ended by SIGKILL: starting it again in .* s\./);
  expect(await death).toContain('    ready');
  await back;
  const [after] = recorded(folder);
  expect(after?.pid).not.toBe(before?.pid);
  expect(after && isStillRunning(after)).toBe(true);
});

test('a child that ends before it was ready ends the whole at once, with what this run of it said', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'logs'));
  writeFileSync(join(folder, 'logs', 'broken.log'), 'of an earlier start\n');
  const supervisor = supervise(folder);

  const start = supervisor.start(
    child(folder, 'broken', `console.error('PORT: not a number'); process.exit(3)`),
  );

  await expect(start).rejects.toThrow(
    /The broken ended with code 3 before it was ready\.[^]*PORT: not a number/,
  );
  await expect(start).rejects.not.toThrow('of an earlier start');
});

test('what a child said in JSON is told as people read it', async () => {
  const folder = temporaryFolder();
  const lines = [
    { level: 60, msg: 'Configuration is not valid:\n  - PORT: is taken\n  - HOST: is no address' },
    {
      level: 60,
      msg: 'the process failed',
      err: { message: 'no worker', stack: 'at x', cause: { message: 'why' } },
    },
    { some: 'other thing' },
  ].map((line) => JSON.stringify(line));
  const script = `console.error(${JSON.stringify([...lines, '{not json'].join('\n'))}); process.exit(1)`;

  const start = supervise(folder).start(child(folder, 'broken', script));

  await expect(start).rejects.toThrow(
    [
      '    Configuration is not valid:',
      '      - PORT: is taken',
      '      - HOST: is no address',
      '    the process failed: no worker: why',
      '    {"some":"other thing"}',
      '    {not json',
    ].join('\n'),
  );
});

test('a child that does not listen yet is told to be starting, and only what it then waits for as missing', async () => {
  const folder = temporaryFolder();
  const { lines, report } = listener();
  const answers = [
    () => Promise.reject(new NotListeningYet('nothing listens there')),
    () => Promise.reject(new NotListeningYet('nothing listens there')),
    () => Promise.reject(new Error('registro: no')),
    () => Promise.reject(new Error('registro: no')),
  ];
  const spec = {
    ...child(folder, 'server', RUNS),
    isReady: () => answers.shift()?.() ?? Promise.resolve(true),
  };

  await supervise(folder, report, { ...QUICK, sayAfterMs: -1 }).start(spec);

  expect(lines).toEqual(['The server is still starting ...', 'The server is not ready yet: registro: no']);
});

test('a port where nothing listens is told apart from one that answers what is missing', async () => {
  const server = createServer((_, res) => res.writeHead(503, { Connection: 'close' }).end('temporal'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const answer: unknown = await answersReady(url).catch((error: unknown) => error);
  await new Promise((resolve) => server.close(resolve));

  expect(answer).toMatchObject({ message: `${url}/health/ready answers 503 temporal` });
  expect(answer).not.toBeInstanceOf(NotListeningYet);
  await expect(answersReady(url)).rejects.toThrow(NotListeningYet);
});

test('a child that dies again and again ends the whole in words', async () => {
  const folder = temporaryFolder();
  const supervisor = supervise(folder);
  const diskFull = join(folder, 'disk-full');
  const dies = `console.log('ready'); setInterval(() => {
    if (!require('fs').existsSync(${JSON.stringify(diskFull)})) return;
    console.error('out of disk'); process.exit(3);
  }, 5)`;
  await supervisor.start(child(folder, 'dying', dies));

  writeFileSync(diskFull, '');

  await expect(supervisor.failure).rejects.toThrow(
    /The dying ended with code 3, 5 times in a short while: giving up\.[^]*out of disk/,
  );
});

test('a program that is not there ends the whole in words', async () => {
  const folder = temporaryFolder();
  const spec = { ...child(folder, 'absent', ''), command: join(folder, 'absent') };

  await expect(supervise(folder).start(spec)).rejects.toThrow(/cannot run .*absent: .*ENOENT/);
});

test('a child that is not ready in time is said so with the last lines of its log', async () => {
  const folder = temporaryFolder();
  // Longer than a busy machine takes to start a program that says a word.
  const limits = { ...QUICK, readyMs: 5_000 };

  const start = supervise(folder, undefined, limits).start(
    child(folder, 'slow', `console.log('still loading'); setInterval(() => {}, 1000)`),
  );

  await expect(start).rejects.toThrow(/The slow was not ready within 5 s[^]*still loading/);
});

test('a child that ends while all are being stopped is not started again', async () => {
  const folder = temporaryFolder();
  const { lines, report } = listener();
  const supervisor = supervise(folder, report);
  await supervisor.start(child(folder, 'server', RUNS));

  await supervisor.stopAll();

  expect(lines).toEqual([]);
  await expect(supervisor.start(child(folder, 'late', RUNS))).rejects.toThrow('stopping');
});

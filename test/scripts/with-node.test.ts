/** On a copy of the scripts beside a lock file of its own, with an npm that only says that it was called. */
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { temporaryFolder } from '../support/procesos/temporary-folder.ts';
import { type Ended, runToEnd, startProcess } from '../support/procesos/test-process.ts';

const LOCK = {
  packages: {
    '': { version: '1.0.0' },
    'node_modules/needed': { version: '2.0.0', integrity: 'sha512-needed' },
    'node_modules/for-another-machine': { version: '1.0.0', integrity: 'sha512-other', optional: true },
  },
};

/** A clone: its npm writes what it would have installed, and "noise" on stdout as npm does. */
function clone(npm = '', folder = '') {
  const root = join(temporaryFolder(), folder);
  for (const file of ['with-node.mjs', 'start']) {
    cpSync(`scripts/${file}`, join(root, 'scripts', file), { recursive: true });
  }
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify(LOCK));
  const { ['node_modules/needed']: needed } = LOCK.packages;
  const installed = JSON.stringify({ packages: { 'node_modules/needed': needed } });
  writeFileSync(
    join(root, 'npm.js'),
    `const fs = require('node:fs');
    console.log('noise');
    fs.appendFileSync('calls', process.argv.slice(2, 3) + ' ');
    ${npm}
    fs.mkdirSync('node_modules', { recursive: true });
    fs.writeFileSync('node_modules/.package-lock.json', ${JSON.stringify(installed)});`,
  );
  const run = (...args: string[]) =>
    startProcess(process.execPath, ['scripts/with-node.mjs', ...args], {
      cwd: root,
      env: {
        ...process.env,
        ...{ npm_execpath: join(root, 'npm.js'), no_proxy: 'interno.example', CLAVE_HUELLA: 'secreta' },
      },
    });
  const calls = () => (existsSync(join(root, 'calls')) ? readFileSync(join(root, 'calls'), 'utf8') : '');
  return { root, run, calls };
}

test('a fresh clone installs first, with progress on stderr, and stdout holds only what the command says', async () => {
  const { run, calls } = clone();

  const ended = await runToEnd(run('-p', '"the token"'));

  expect(ended).toMatchObject({ code: 0, stdout: 'the token\n' });
  expect(ended.stderr).toMatch(/Installing packages \(npm ci\)[^]*Packages installed in \d+ s\./);
  expect(calls()).toBe('ci ');
});

test('what is installed is not installed again', async () => {
  const { run, calls } = clone();
  await runToEnd(run('-p', '1'));

  const ended = await runToEnd(run('-p', '2'));

  expect(ended).toMatchObject({ code: 0, stdout: '2\n', stderr: '' });
  expect(calls()).toBe('ci ');
});

test('a lock file with another version installs again', async () => {
  const { root, run, calls } = clone();
  await runToEnd(run('-p', '1'));
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify(LOCK).replace('2.0.0', '2.0.1'));

  await runToEnd(run('-p', '2'));

  expect(calls()).toBe('ci ci ');
});

test('two commands on a fresh clone install once', async () => {
  const { run, calls } = clone('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);');

  const ended: Ended[] = await Promise.all([runToEnd(run('-p', '1')), runToEnd(run('-p', '2'))]);

  expect(ended.map(({ stdout }) => stdout)).toEqual(['1\n', '2\n']);
  expect(calls()).toBe('ci ');
});

test('an install that was killed does not hold up the next one', async () => {
  const { root, run } = clone();
  const dead = startProcess(process.execPath, ['-e', '']);
  await runToEnd(dead);
  mkdirSync(join(root, '.cache'));
  writeFileSync(join(root, '.cache', 'install.lock'), String(dead.pid));

  expect(await runToEnd(run('-p', '1'))).toMatchObject({ code: 0, stdout: '1\n' });
});

test('an install that fails ends in words, and the command does not run', async () => {
  const { run } = clone('process.exit(1);');

  const ended = await runToEnd(run('-p', '1'));

  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toContain('npm ci failed');
});

test('a command runs under the Node of the project where it has one', async () => {
  const { root, run } = clone();
  const own = join(root, 'node_modules', '.bin', 'node');
  await runToEnd(run('-p', '1'));
  mkdirSync(join(root, 'node_modules', '.bin'));
  writeFileSync(own, '#!/bin/sh\necho "own node ran: $*"\n');
  chmodSync(own, 0o755);

  expect((await runToEnd(run('file.ts', 'argument'))).stdout).toBe('own node ran: file.ts argument\n');
});

test('the exit code of the command is passed on', async () => {
  const { run } = clone();

  expect((await runToEnd(run('-e', 'process.exit(7)'))).code).toBe(7);
});

test('what ran the command ends by the signal that ended it', async () => {
  const { run } = clone();

  const ended = await runToEnd(
    run('-e', 'process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000)'),
  );

  expect(ended.signal).toBe('SIGKILL');
});

test('a signal is passed on, once for a Ctrl-C that arrives twice, and the command is waited for as it drains', async () => {
  const { run } = clone();
  const child = run(
    '-e',
    `let count = 0;
    process.on('SIGINT', () => { count += 1; setTimeout(() => { console.log(count); process.exit(0); }, 200); });
    setInterval(() => {}, 1000); console.log('up');`,
  );
  if (child.stdout === null) throw new Error('no stdout');
  await once(child.stdout, 'data');
  const ended = runToEnd(child);

  child.kill('SIGINT');
  child.kill('SIGINT');

  expect(await ended).toMatchObject({ code: 0, stdout: '1\n' });
});

test.each(['?', '!'])(
  'a folder of the project with %s in its path is refused by its name, at once',
  async (character) => {
    const { run, calls } = clone('', `proyecto${character}`);

    const ended = await runToEnd(run('-p', '1'));

    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(
      new RegExp(`The project's folder .*proyecto\\${character}/ has a "\\${character}" in its path`),
    );
    expect(calls()).toBe('');
  },
);

test("what is asked of this machine goes through no proxy, and the operator's list stays", async () => {
  const { run } = clone('', "a#b%20c 'd");

  const ended = await runToEnd(
    run('-p', 'process.env.no_proxy === process.env.NO_PROXY && process.env.no_proxy'),
  );

  expect(ended.stdout.trim().split(',')).toEqual(
    expect.arrayContaining(['localhost', '127.0.0.1', '::1', '[::1]', 'interno.example']),
  );
});

test('the installer sees no key of ours', async () => {
  const { root, run } = clone("fs.writeFileSync('environment', JSON.stringify(process.env));");

  await runToEnd(run('-p', '1'));

  const seen = JSON.parse(readFileSync(join(root, 'environment'), 'utf8')) as Record<string, string>;
  expect(seen).toHaveProperty('PATH');
  expect(seen).not.toHaveProperty('CLAVE_HUELLA');
});

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataDirInUse, lockDataDir } from '../../../scripts/start/data-dir/lock.ts';
import { temporaryFolder } from '../../support/procesos/temporary-folder.ts';
import { runToEnd, startProcess } from '../../support/procesos/test-process.ts';

const lockFile = (folder: string) => join(folder, 'inicio.pid');

test('a second start on the same folder is told who holds it and since when', async () => {
  const folder = temporaryFolder();
  await lockDataDir(folder);
  const { since } = JSON.parse(readFileSync(lockFile(folder), 'utf8')) as { since: string };

  const second = lockDataDir(folder);

  await expect(second).rejects.toThrow(DataDirInUse);
  await expect(second).rejects.toThrow(`pid ${process.pid}, since ${since}`);
});

test('giving the lock back removes its file and lets the next start in', async () => {
  const folder = temporaryFolder();
  const unlock = await lockDataDir(folder);

  unlock();

  expect(existsSync(lockFile(folder))).toBe(false);
  await expect(lockDataDir(folder)).resolves.toBeInstanceOf(Function);
});

test('a start makes the folder where there is none', async () => {
  const folder = join(temporaryFolder(), 'a', 'b');

  await lockDataDir(folder);

  expect(existsSync(lockFile(folder))).toBe(true);
});

test('a lock whose owner is dead is taken over', async () => {
  const folder = temporaryFolder();
  const dead = startProcess(process.execPath, ['-e', '']);
  await runToEnd(dead);
  writeFileSync(lockFile(folder), JSON.stringify({ pid: dead.pid, startTime: 'then', since: 'then' }));

  await lockDataDir(folder);

  expect(JSON.parse(readFileSync(lockFile(folder), 'utf8'))).toMatchObject({ pid: process.pid });
});

test('a lock whose pid now belongs to a later process is taken over', async () => {
  const folder = temporaryFolder();
  const stale = { pid: process.pid, startTime: 'of an earlier process', since: 'then' };
  writeFileSync(lockFile(folder), JSON.stringify(stale));

  await lockDataDir(folder);

  expect(readFileSync(lockFile(folder), 'utf8')).not.toContain('of an earlier process');
});

test('a lock that its owner never finished writing is taken over', async () => {
  const folder = temporaryFolder();
  writeFileSync(lockFile(folder), '');

  await expect(lockDataDir(folder)).resolves.toBeInstanceOf(Function);
});

test('of many starts at once that find a stale lock, exactly one gets it', async () => {
  const folder = temporaryFolder();
  writeFileSync(lockFile(folder), JSON.stringify({ pid: process.pid, startTime: 'stale', since: 'then' }));
  const module = new URL('../../../scripts/start/data-dir/lock.ts', import.meta.url).href;
  const script = `
    const { lockDataDir } = await import(${JSON.stringify(module)});
    try { await lockDataDir(${JSON.stringify(folder)}); console.log('mine'); } catch { console.log('refused'); }
    process.stdin.resume(); process.stdin.on('end', () => process.exit(0));`;
  const starts = Array.from({ length: 6 }, () =>
    startProcess(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  );

  const answers = await Promise.all(
    starts.map(
      (start) =>
        new Promise<string>((resolve) =>
          start.stdout?.once('data', (said) => {
            resolve(String(said).trim());
          }),
        ),
    ),
  );
  starts.forEach((start) => start.stdin?.end());

  expect(answers.sort()).toEqual(['mine', ...Array.from({ length: 5 }, () => 'refused')]);
});

test('an owner that lost its lock does not remove the next one’s', async () => {
  const folder = temporaryFolder();
  const unlock = await lockDataDir(folder);
  writeFileSync(lockFile(folder), 'of another start');

  unlock();

  expect(readFileSync(lockFile(folder), 'utf8')).toBe('of another start');
});

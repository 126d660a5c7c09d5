import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify } from '../../../scripts/start/data-dir/process-identity.ts';
import { endLeftChildren, recordChildren } from '../../../scripts/start/data-dir/recorded-children.ts';
import { temporaryFolder } from '../../support/procesos/temporary-folder.ts';
import { startGroupLeader } from '../../support/procesos/test-process.ts';

const WAITS = 'setInterval(() => {}, 1000)';
const IGNORES_SIGTERM = `process.on('SIGTERM', () => {}); ${WAITS}`;

function identityOf(pid: number) {
  const identity = identify(pid);
  if (identity === null) throw new Error(`${pid} does not run`);
  return { name: 'niño', ...identity };
}

test('the next start ends a child that a killed one left, and says so', async () => {
  const folder = temporaryFolder();
  const left = await startGroupLeader(WAITS);
  const ended = once(left, 'exit');
  recordChildren(folder, [identityOf(left.pid)]);
  const said: string[] = [];

  await endLeftChildren(folder, 5000, (line) => said.push(line));

  expect(await ended).toEqual([null, 'SIGTERM']);
  expect(said.join()).toContain(`niño (pid ${left.pid})`);
  expect(existsSync(join(folder, 'procesos.json'))).toBe(false);
});

test('the next start kills a child that does not heed SIGTERM within the grace', async () => {
  const folder = temporaryFolder();
  const stubborn = await startGroupLeader(IGNORES_SIGTERM);
  const ended = once(stubborn, 'exit');
  recordChildren(folder, [identityOf(stubborn.pid)]);

  await endLeftChildren(folder, 100, () => undefined);

  expect(await ended).toEqual([null, 'SIGKILL']);
});

test.each([
  ['command line', { commandLine: 'temporal server start-dev' }],
  ['start time', { startTime: 'another boot 1' }],
])('the next start leaves alone a process whose %s is not the recorded one', async (_what, other) => {
  const folder = temporaryFolder();
  const stranger = await startGroupLeader(WAITS);
  recordChildren(folder, [{ ...identityOf(stranger.pid), ...other }]);

  await endLeftChildren(folder, 100, () => undefined);

  expect(identify(stranger.pid)).not.toBeNull();
});

test.each([
  ['is absent', undefined],
  ['is not JSON', '{'],
  [
    'names a process group that is ours or everybody’s',
    '[{"name":"x","pid":-1,"startTime":"","commandLine":""}]',
  ],
])('the next start ends nothing where the record %s', async (_what, content) => {
  const folder = temporaryFolder();
  if (content !== undefined) writeFileSync(join(folder, 'procesos.json'), content);

  await expect(endLeftChildren(folder, 100, () => undefined)).resolves.toBeUndefined();
});

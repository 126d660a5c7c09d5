/** What reaches stderr, in a process of its own: the logger writes to the descriptor. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const TOKEN = Buffer.from('the token of a task').toString('base64');

async function logged(script: string): Promise<string> {
  const imports = `
    import { createLogger } from './shared/runtime/logger.ts';
    import { instalarRuntime } from './worker/runtime.ts';
    import { Runtime } from '@temporalio/worker';
    const logger = createLogger('prueba');
  `;
  const args = ['--input-type=module', '--eval', imports + script];
  return (await promisify(execFile)(process.execPath, args)).stderr;
}

test('what the SDK says of an activity comes without the token of its task', async () => {
  const said = await logged(`
    instalarRuntime(logger);
    const attributes = { isLocal: false, attempt: 1, taskToken: '${TOKEN}', activityType: 'emitir', activityId: '4' };
    Runtime.instance().logger.warn('Activity failed', { ...attributes, error: new Error('broken') });
    Runtime.instance().logger.error('Network error', { task_token: '${TOKEN}', nested: { taskToken: '${TOKEN}', attempt: 2 } });
    await Runtime.instance().shutdown();
  `);

  expect(said).not.toContain(TOKEN);
  expect(said).toMatch(/"activityType":"emitir".*"message":"broken".*"msg":"Activity failed"/);
  expect(said).toMatch(/"nested":\{"attempt":2\}.*"msg":"Network error"/);
});

test.each(['token', 'access_token', 'idToken', 'TASK_TOKEN'])(
  'a field named %s is never written',
  async (name) => {
    const said = await logged(`logger.info({ ${name}: '${TOKEN}', kept: 1 }, 'said')`);

    expect(said).not.toContain(TOKEN);
    expect(said).toContain('"kept":1');
  },
);

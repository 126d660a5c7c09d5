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

const EN_BYTES = [...Buffer.from(TOKEN, 'base64')];
test.each([
  ['a task as JSON', JSON.stringify({ taskToken: TOKEN, variant: 'start' })],
  ['a task as JSON within JSON', JSON.stringify({ task: JSON.stringify({ taskToken: TOKEN }) })],
  ['a task whose token is a Buffer', JSON.stringify({ taskToken: Buffer.from(EN_BYTES), variant: 'start' })],
  ['a task whose token is a Uint8Array', JSON.stringify({ taskToken: new Uint8Array(EN_BYTES) })],
  ['a task as the core prints it', `ActivityTask { task_token: TaskToken(${TOKEN}), attempt: 1 }`],
  ['bytes as the core prints them', `task_token: [${EN_BYTES.join(', ')}]`],
  ['words', `no task for token=${TOKEN}`],
])('in a text, a token is not written either: %s', async (_name, text) => {
  const given = JSON.stringify(text);
  const said = await logged(`
    logger.error({ task: ${given}, list: [${given}], err: new Error(${given}) }, ${given});
  `);

  const lines = said.trim().split('\n');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 50, err: { name: 'Error' } });
  expect(said).not.toContain(TOKEN);
  expect(said).not.toContain(EN_BYTES.join(','));
  expect(said).not.toContain(EN_BYTES.join(', '));
  expect(said).not.toContain(`"0\\":${EN_BYTES[0]}`);
});

test('what else is said of tokens stays', async () => {
  const said = await logged(`logger.warn({ why: 'token: expired', keys: 3 }, 'the token = none')`);

  expect(said).toContain('"why":"token: expired"');
  expect(said).toContain('"msg":"the token = none"');
});

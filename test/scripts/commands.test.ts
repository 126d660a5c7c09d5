/** What commands say of what they were given, and how they end. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram, type Run } from '../support/procesos/run-program.ts';
import { temporaryFolder } from '../support/procesos/temporary-folder.ts';

function command(file: string, args: string[], variables: Record<string, string> = {}): Promise<Run> {
  const env = { PATH: process.env.PATH, DATA_DIR: temporaryFolder(), ...variables };
  return runProgram(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', file, ...args],
    process.cwd(),
    env,
  );
}

test('recifrar refuses a word that it does not know, before it does anything', async () => {
  const { code, output } = await command('scripts/recifrar.ts', ['--simular']);

  expect(code).toBe(1);
  expect(output).toContain('--simular');
});

describe('temporal-certificates', () => {
  const certificates = (...args: string[]) => command('deploy/write-temporal-certificates.ts', args);

  test('tells of each certificate whether it was made or kept, until when, and the server’s hosts', async () => {
    const folder = join(temporaryFolder(), 'tls');
    const lines = async () => (await certificates(folder, 'temporal', '127.0.0.1')).stdout.trim().split('\n');
    const [made, kept] = [await lines(), await lines()];

    expect(made).toHaveLength(6);
    expect(made[0]).toMatch(
      /servidor\/tls\.crt: made, until \d{4}-\d\d-\d\d, DNS:temporal, IP Address:127\.0\.0\.1$/,
    );
    expect(kept).toEqual(made.map((line) => line.replace(': made,', ': kept,')));
  });

  test.each([
    [
      'without a folder, where keys would lie in the project',
      ['temporal.example.pe', '127.0.0.1'],
      2,
      'Usage: ',
    ],
    ['without a host', ['./tls'], 2, 'Usage: '],
    ['with a host that is none', ['/nowhere/tls', 'temporal:7233'], 1, '"temporal:7233" is neither a name'],
  ])('%s it makes nothing, and says why', async (_, args, code, words) => {
    const ended = await certificates(...args);

    expect([ended.code, ended.stdout]).toEqual([code, '']);
    expect(ended.output).toContain(words);
    expect(ended.output).not.toContain('    at ');
  });
});

describe('seguir', () => {
  const ID = '5f0c8b1e-8d0f-4e55-9a3c-2d8a1f3f7c10';
  const NOBODY = { API_URL: 'http://127.0.0.1:1', EMITIR_TOKEN: 'x' };

  test('goes on past an API that does not answer and a file that it cannot read, and names both', async () => {
    const folder = temporaryFolder();
    const log = join(folder, 'api.log');
    const line = { time: '2026-11-22T10:00:00.000Z', level: 30, name: 'api', msg: 'una', correlationId: ID };
    writeFileSync(log, JSON.stringify(line));
    mkdirSync(join(folder, 'carpeta'));
    const { code, output } = await command(
      'scripts/seguir.ts',
      [ID, '/no/hay.log', join(folder, 'carpeta'), log],
      NOBODY,
    );

    expect(code).toBe(1);
    for (const words of [
      'la API no responde en http://127.0.0.1:1',
      'No se pudo leer /no/hay.log',
      `No se pudo leer ${folder}/carpeta`,
    ])
      expect(output).toContain(words);
    expect(output).toMatch(/^ {2}2026-11-22T10:00:00\.000Z {2}api +una$/m);
  });

  test('ends with 1 where nothing is known, and with 2 where it was given no id', async () => {
    const unknown = await command('scripts/seguir.ts', [ID], NOBODY);
    expect([unknown.code, unknown.stdout]).toEqual([1, expect.stringContaining(`Nada consta de ${ID}`)]);

    const none = await command('scripts/seguir.ts', ['SOL-1'], NOBODY);
    expect([none.code, none.output]).toEqual([2, expect.stringContaining('Uso: ')]);
  });
});

import { readdirSync } from 'node:fs';
import { runProgram } from '../../support/procesos/run-program.ts';
import { temporaryFolder } from '../../support/procesos/temporary-folder.ts';

test('npm run mudar-temporal says in words that nobody answers, and has opened no register', async () => {
  const DATA_DIR = temporaryFolder();
  const order = ['scripts/mudar-temporal.ts', '--motivo', 'se retira el cluster'];

  const run = await runProgram(process.execPath, order, process.cwd(), {
    ...{ PATH: process.env.PATH, USER: 'ana', DATA_DIR, TEMPORAL_ADDRESS: '127.0.0.1:1' },
  });

  expect(run.code).toBe(1);
  expect(run.output).toMatch(
    /^Temporal no responde en 127\.0\.0\.1:1: arranque el servicio \(npm start\) o indique TEMPORAL_ADDRESS\.$/m,
  );
  expect(run.output).not.toMatch(/DEADLINE|UNAVAILABLE|\bat /);
  expect(readdirSync(DATA_DIR)).toEqual(['claves.json']);
});

/** Tools of PyPI, each in a virtual environment of its own under .cache, which is made when the tool is first asked for. */
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { runProgram } from '../procesos/run-program.ts';

/** For the hook that first asks for a tool: it may have to be downloaded. */
export const PYTHON_TOOL_SETUP_MS = 300_000;

const CACHE = path.resolve(import.meta.dirname, '../../../.cache');

/**
 * Installs the tool where it is not there yet, once for all test processes.
 * @param requirements as pip takes them, with the versions that the tests rely on
 * @returns the folder of its programs, `python` among them
 * @throws Error that says what is missing
 */
export async function preparePythonTool(name: string, requirements: readonly string[]): Promise<string> {
  const venv = path.join(CACHE, name);
  const programs = path.join(venv, 'bin');
  const ready = path.join(venv, requirements.join(' '));
  if (existsSync(ready)) return programs;
  await mkdir(CACHE, { recursive: true });
  // SQLite's lock makes the second process wait, and ends with the first one even if that is killed.
  const lock = new DatabaseSync(path.join(CACHE, `${name}.lock`), { timeout: PYTHON_TOOL_SETUP_MS });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    if (!existsSync(ready)) {
      await install(name, venv, requirements);
      await writeFile(ready, '');
    }
  } finally {
    lock.close();
  }
  return programs;
}

async function install(name: string, venv: string, requirements: readonly string[]): Promise<void> {
  await rm(venv, { recursive: true, force: true });
  const made = await runProgram('python3', ['-m', 'venv', venv], CACHE);
  if (made.code !== 0) {
    throw new Error(
      `${name} needs python3 with venv and pip on the PATH (Debian: python3-venv): ${made.output}`,
    );
  }
  const python = path.join(venv, 'bin', 'python');
  const installed = await runProgram(python, ['-m', 'pip', 'install', '--quiet', ...requirements], CACHE);
  if (installed.code !== 0)
    throw new Error(`pip could not install ${requirements.join(' ')}: ${installed.output}`);
}

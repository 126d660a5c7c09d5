/** Tools of PyPI and of npm, each in a folder of its own under .cache, which is made when the tool is first asked for. */
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { runProgram } from '../procesos/run-program.ts';

/** For the hook that first asks for a tool: it may have to be downloaded. */
export const TOOL_SETUP_MS = 300_000;

const CACHE = path.resolve(import.meta.dirname, '../../../.cache');

/**
 * Installs a tool of PyPI where it is not there yet, once for all test processes.
 * @param requirements as pip takes them, with the versions that the tests rely on
 * @returns the folder of its programs, `python` among them
 * @throws Error that says what is missing
 */
export async function preparePythonTool(name: string, requirements: readonly string[]): Promise<string> {
  const folder = await prepare(name, requirements, async (venv) => {
    const made = await runProgram('python3', ['-m', 'venv', venv], CACHE);
    if (made.code !== 0) {
      throw new Error(
        `${name} needs python3 with venv and pip on the PATH (Debian: python3-venv): ${made.output}`,
      );
    }
    const python = path.join(venv, 'bin', 'python');
    return runProgram(python, ['-m', 'pip', 'install', '--quiet', ...requirements], CACHE);
  });
  return path.join(folder, 'bin');
}

/**
 * The same of npm: for what brings so much of its own that the project's lockfile would be mostly about it.
 * @param requirements as npm takes them, with exact versions
 * @returns the folder that holds its node_modules
 */
export function prepareNpmTool(name: string, requirements: readonly string[]): Promise<string> {
  return prepare(name, requirements, async (folder) => {
    await mkdir(folder);
    await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    return runProgram('npm', ['install', ...quiet, '--save-exact', ...requirements], folder);
  });
}

/** @returns the tool's folder, which `install` fills from nothing */
async function prepare(
  name: string,
  requirements: readonly string[],
  install: (folder: string) => Promise<{ code: number | null; output: string }>,
): Promise<string> {
  const folder = path.join(CACHE, name);
  const ready = path.join(folder, requirements.join(' ').replaceAll('/', '+'));
  if (existsSync(ready)) return folder;
  await mkdir(CACHE, { recursive: true });
  // SQLite's lock makes the second process wait, and ends with the first one even if that is killed.
  const lock = new DatabaseSync(path.join(CACHE, `${name}.lock`), { timeout: TOOL_SETUP_MS });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    if (existsSync(ready)) return folder;
    await rm(folder, { recursive: true, force: true });
    const installed = await install(folder);
    if (installed.code !== 0)
      throw new Error(`could not install ${requirements.join(' ')}: ${installed.output}`);
    await writeFile(ready, '');
    return folder;
  } finally {
    lock.close();
  }
}

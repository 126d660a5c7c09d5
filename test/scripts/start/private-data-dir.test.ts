import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { claimDataDir, closeWhatIsThere } from '../../../scripts/start/data-dir/private-data-dir.ts';
import { temporaryFolder } from '../../support/procesos/temporary-folder.ts';

const modeOf = (path: string) => statSync(path).mode & 0o777;

function openFolder(...names: string[]): string {
  const folder = join(temporaryFolder(), 'data');
  mkdirSync(folder);
  for (const name of names)
    if (name.endsWith('/')) mkdirSync(join(folder, name));
    else writeFileSync(join(folder, name), '');
  chmodSync(folder, 0o755);
  return folder;
}

test.each<[string, () => string]>([
  ['that is not there', () => join(temporaryFolder(), 'new', 'data')],
  ['that is empty', () => openFolder()],
  ['that an earlier version left open', () => openFolder('claves.json', 'logs', 'inicio.pid')],
  ['that a token lies in', () => openFolder('token-siirc.cabecera')],
  ['that a log goes to', () => openFolder('start.log')],
  ['that a killed start left', () => openFolder('procesos.json.new', 'inicio.pid.4711', 'claves.json.0-a')],
])('a folder %s is made for its user alone', (_, folderOf) => {
  const folder = folderOf();

  claimDataDir(folder);

  expect(modeOf(folder)).toBe(0o700);
});

test('a folder that is closed already may hold other things', () => {
  const folder = openFolder('somebodys.txt');
  chmodSync(folder, 0o700);

  expect(() => {
    claimDataDir(folder);
  }).not.toThrow();
});

function sharedFolder(): string {
  const folder = openFolder();
  chmodSync(folder, 0o1777);
  return folder;
}

test.each<[string, () => string, RegExp]>([
  ['a file', () => join(openFolder('file'), 'file'), /EEXIST|not a directory/i],
  ['/tmp', () => '/tmp', /folder that all users share|open to other users/],
  ['the root of all', () => '/', /open to other users/],
  ['a folder that all users share, empty too', sharedFolder, /it is a folder that all users share\. Name/],
  [
    'a folder of a site',
    () => openFolder('www/', 'index.html', 'registro'),
    /holds what no start leaves \(www\).*chmod 700/,
  ],
  ['a folder of many things', () => openFolder('a/', 'b/', 'c/', 'd/'), /\(a, b, c, …\)/],
  ['a folder of something whose name begins as ours', () => openFolder('temporal.db/'), /no start/],
])('%s is refused by the name of the variable, and left as it is', (_, folderOf, why) => {
  const folder = folderOf();
  const before = statSync(folder).mode;

  const claim = () => {
    claimDataDir(folder);
  };

  expect(claim).toThrow(why);
  expect(claim).toThrow(`DATA_DIR: ${folder} cannot be this service's`);
  expect(statSync(folder).mode).toBe(before);
});

test('what an earlier version left in it is closed to the last file, and no link is followed', () => {
  const folder = openFolder();
  mkdirSync(join(folder, 'registro', 'base'), { recursive: true });
  const [inside, program] = [join(folder, 'registro', 'base', '1'), join(folder, 'temporal')];
  for (const file of [inside, program]) writeFileSync(file, '');
  chmodSync(inside, 0o666);
  chmodSync(program, 0o755);
  const outside = join(openFolder('outside'), 'outside');
  chmodSync(outside, 0o644);
  symlinkSync(outside, join(folder, 'registro', 'link'));

  closeWhatIsThere(folder);

  expect([join(folder, 'registro'), join(folder, 'registro', 'base'), inside, program].map(modeOf)).toEqual([
    0o700, 0o700, 0o600, 0o700,
  ]);
  expect(modeOf(outside)).toBe(0o644);
});

import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { claimDataDir, closeWhatIsThere } from '../../scripts/start/private-data-dir.ts';
import { temporaryFolder } from './temporary-folder.ts';

const modeOf = (path: string) => statSync(path).mode & 0o777;

function openFolder(...names: string[]): string {
  const folder = join(temporaryFolder(), 'data');
  mkdirSync(folder);
  for (const name of names) writeFileSync(join(folder, name), '');
  chmodSync(folder, 0o755);
  return folder;
}

test.each<[string, () => string]>([
  ['that is not there', () => join(temporaryFolder(), 'new', 'data')],
  ['that is empty', () => openFolder()],
  ['that an earlier version left open', () => openFolder('claves.json')],
  ['that was made for it and holds a log already', () => openFolder('start.log')],
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

test.each<[string, () => string, RegExp]>([
  ['a file', () => join(openFolder('file'), 'file'), /EEXIST|not a directory/i],
  ['/tmp', () => '/tmp', /open to other users/],
  ['the root of all', () => '/', /open to other users/],
])('%s is refused by the name of the variable, and left as it is', (_, folderOf, why) => {
  const folder = folderOf();
  const before = modeOf(folder);

  const claim = () => {
    claimDataDir(folder);
  };

  expect(claim).toThrow(why);
  expect(claim).toThrow(`DATA_DIR: ${folder} cannot be this service's`);
  expect(modeOf(folder)).toBe(before);
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

/** DATA_DIR holds keys and personal data: it belongs to one user, and so does everything in it. */
import { chmodSync, type Dirent, mkdirSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { ConfiguracionInvalida } from '../../../shared/runtime/config.ts';
import { cerrarAOtros } from '../../../shared/runtime/privado.ts';

/** What a start leaves. */
const OURS = [
  'inicio.pid',
  'procesos.json',
  'claves.json',
  'registro',
  'temporal',
  'simulador',
  'emisor',
  'bitacora',
  'logs',
];
/** And what `npm run token` leaves, and a write that was cut. */
const OURS_BY_FORM = [
  /^token-.*\.cabecera$/,
  /^(inicio\.pid\.\d+|procesos\.json\.new|claves\.json\.[\da-f-]+)$/,
];

const OPEN_TO_OTHERS = 0o077;
/** The mode of folders that many users share, such as /tmp. */
const STICKY = 0o1000;
const SHOWN = 3;

/**
 * Makes the folder where there is none, and closes it to other users.
 * @throws ConfiguracionInvalida where it cannot be made, or is somebody else's or for other things too: to close a home, a
 *   /tmp, a /var/lib or the folder that the program lies in would break what lives there
 */
export function claimDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const { mode, uid } = statSync(dataDir);
    if ((mode & OPEN_TO_OTHERS) === 0) return;
    if (uid !== process.getuid?.()) throw new Error('it is open to other users and belongs to one of them');
    if ((mode & STICKY) !== 0) throw new Error('it is a folder that all users share');
    if ([homedir(), process.cwd()].some((place) => holds(dataDir, place)))
      throw new Error('it is open to other users and for other things too');
    const others = readdirSync(dataDir, { withFileTypes: true })
      .filter((entry) => !isOurs(entry.name) && !isOwnFile(entry, uid))
      .map(({ name }) => name);
    if (others.length > 0)
      throw new Error(
        `it is open to other users and holds what no start leaves (${shown(others)}); where that is yours alone, close it: chmod 700`,
      );
    chmodSync(dataDir, 0o700);
  } catch (error) {
    throw new ConfiguracionInvalida([
      `DATA_DIR: ${dataDir} cannot be this service's: ${(error as Error).message}. Name a folder of its own`,
    ]);
  }
}

function isOurs(name: string): boolean {
  return OURS.includes(name) || OURS_BY_FORM.some((form) => form.test(name));
}

/** A file that the same user has put there: what `npm start` prints may go into one. */
function isOwnFile(entry: Dirent, uid: number): boolean {
  return entry.isFile() && statSync(join(entry.parentPath, entry.name)).uid === uid;
}

function shown(names: string[]): string {
  return `${names.slice(0, SHOWN).join(', ')}${names.length > SHOWN ? ', …' : ''}`;
}

function holds(folder: string, place: string): boolean {
  const way = relative(resolve(folder), place);
  return !way.startsWith('..') && !isAbsolute(way);
}

/** What an earlier version left open to others. Whoever calls it holds the lock of the folder. */
export function closeWhatIsThere(dataDir: string): void {
  for (const name of OURS) cerrarAOtros(join(dataDir, name));
}

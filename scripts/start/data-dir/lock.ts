/** One start per DATA_DIR: a pid file that names its owner, and that a start takes over from one that was killed. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { identify } from './process-identity.ts';

const FILE = 'inicio.pid';
/** An owner writes its name right after it creates the file; an empty one older than this lost its owner. */
const WRITING_LIMIT_MS = 1000;
const WRITING_CHECK_MS = 50;

interface Owner {
  pid: number;
  startTime: string;
  since: string;
}

export class DataDirInUse extends Error {
  constructor(dataDir: string, owner: Owner) {
    super(
      `${dataDir} is in use by another start: pid ${owner.pid}, since ${owner.since}. ` +
        `Stop it with Ctrl-C in its terminal (or: kill ${owner.pid}), or set DATA_DIR to another folder.`,
    );
    this.name = 'DataDirInUse';
  }
}

/**
 * Takes the lock and answers how to give it back.
 * @throws DataDirInUse naming the living owner
 */
export async function lockDataDir(dataDir: string): Promise<() => void> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, FILE);
  const me = identify(process.pid);
  if (me === null) throw new Error('this process cannot read its own start time (neither /proc nor ps)');
  const owner: Owner = { pid: me.pid, startTime: me.startTime, since: new Date().toISOString() };
  const content = JSON.stringify(owner);
  while (!create(path, content)) {
    const held = await readOwner(path);
    if (held === 'GONE') continue;
    if (held !== 'UNREADABLE' && identify(held.pid)?.startTime === held.startTime) {
      throw new DataDirInUse(dataDir, held);
    }
    removeStale(path, held);
  }
  return () => {
    if (readText(path) === content) rmSync(path, { force: true });
  };
}

function create(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Moved aside, then looked at again: two starts that find one stale lock must not remove each other's new one. */
function removeStale(path: string, stale: Owner | 'UNREADABLE'): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  const moved = readText(aside);
  const expected = stale === 'UNREADABLE' || moved === JSON.stringify(stale);
  if (!expected && moved !== null) create(path, moved);
  rmSync(aside, { force: true });
}

async function readOwner(path: string): Promise<Owner | 'GONE' | 'UNREADABLE'> {
  for (let waitedMs = 0; waitedMs <= WRITING_LIMIT_MS; waitedMs += WRITING_CHECK_MS) {
    const text = readText(path);
    if (text === null) return 'GONE';
    const owner = parseOwner(text);
    if (owner !== null) return owner;
    await pause(WRITING_CHECK_MS);
  }
  return 'UNREADABLE';
}

function parseOwner(text: string): Owner | null {
  try {
    return JSON.parse(text) as Owner;
  } catch {
    return null;
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}

/** DATA_DIR/procesos.json: the children of this start, so that the next one can end what a killed one left. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { type ProcessIdentity, isStillRunning } from './process-identity.ts';

const FILE = 'procesos.json';
const CHECK_MS = 50;

const recorded = z.array(
  z.object({
    name: z.string(),
    // The leader of a process group: 0 would signal this process's own group, and -1 every process.
    pid: z.int().min(2),
    startTime: z.string(),
    commandLine: z.string(),
  }),
);

export type RecordedChild = ProcessIdentity & { name: string };

export function recordChildren(dataDir: string, children: RecordedChild[]): void {
  const path = join(dataDir, FILE);
  writeFileSync(`${path}.new`, JSON.stringify(children, null, 2));
  renameSync(`${path}.new`, path);
}

export function forgetChildren(dataDir: string): void {
  rmSync(join(dataDir, FILE), { force: true });
}

/**
 * Ends what a killed start left: SIGTERM, then SIGKILL once the grace is over. A pid whose command line or start
 * time is not the recorded one belongs to somebody else and is left alone.
 */
export async function endLeftChildren(
  dataDir: string,
  graceMs: number,
  progress: (line: string) => void,
): Promise<void> {
  await Promise.all(
    readRecorded(dataDir).map(async (child) => {
      if (!isStillRunning(child)) return;
      progress(`Ending ${child.name} (pid ${child.pid}), left by a start that was killed ...`);
      signalGroup(child.pid, 'SIGTERM');
      for (let waitedMs = 0; waitedMs < graceMs && isStillRunning(child); waitedMs += CHECK_MS) {
        await pause(CHECK_MS);
      }
      if (!isStillRunning(child)) return;
      signalGroup(child.pid, 'SIGKILL');
      while (isStillRunning(child)) await pause(CHECK_MS);
    }),
  );
  forgetChildren(dataDir);
}

/** Every child leads a process group, so that its own children end with it. One that is gone already is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function readRecorded(dataDir: string): RecordedChild[] {
  try {
    return recorded.parse(JSON.parse(readFileSync(join(dataDir, FILE), 'utf8')));
  } catch {
    // Absent after a clean stop; unreadable names no process that we could check.
    return [];
  }
}

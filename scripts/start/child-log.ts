/** DATA_DIR/logs/<name>.log: a child writes there itself, so that it never blocks on a start that was killed. */
import { closeSync, mkdirSync, openSync, readSync, fstatSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const SIZE_CAP_BYTES = 20 * 1024 * 1024;
const TAIL_BYTES = 4096;
const TAIL_LINES = 12;

export function childLogPath(dataDir: string, name: string): string {
  return join(dataDir, 'logs', `${name}.log`);
}

/** File descriptor to append to; a log past the cap makes place, and one old copy is kept. */
export function openChildLog(path: string, capBytes = SIZE_CAP_BYTES): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > capBytes) renameSync(path, `${path}.1`);
  return openSync(path, 'a', 0o600);
}

/** The last lines past a position in bytes, as people read them, for the moment when the child has died. */
export function tailOfLog(path: string, from = 0): string {
  const file = openSync(path, 'r');
  try {
    const start = Math.max(from, fstatSync(file).size - TAIL_BYTES);
    const buffer = Buffer.alloc(TAIL_BYTES);
    const length = readSync(file, buffer, 0, TAIL_BYTES, start);
    const lines = buffer.toString('utf8', 0, length).trimEnd().split('\n').slice(-TAIL_LINES);
    return lines.map(readable).join('\n');
  } finally {
    closeSync(file);
  }
}

const written = z.object({ msg: z.string(), err: z.unknown().optional() });

/** The words of a line in JSON, which may be several lines; any other line as it is. */
function readable(line: string): string {
  if (!line.startsWith('{')) return line;
  try {
    const { msg, err } = written.parse(JSON.parse(line));
    return [msg, ...causesOf(err)].join(': ');
  } catch {
    return line;
  }
}

function causesOf(err: unknown): string[] {
  const { data } = z.object({ message: z.string(), cause: z.unknown().optional() }).safeParse(err);
  return data === undefined ? [] : [data.message, ...causesOf(data.cause)];
}

/** Tells a process from a later one that got the same pid. Linux by /proc, elsewhere by `ps`. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  pid: number;
  /** When it started, in the system's own words: only equality counts. */
  startTime: string;
  commandLine: string;
}

/** What runs under this pid now; null where nothing does (a zombie counts as nothing). */
export function identify(pid: number): ProcessIdentity | null {
  return process.platform === 'linux' ? identifyByProc(pid) : identifyByPs(pid);
}

export function isStillRunning(known: ProcessIdentity): boolean {
  const now = identify(known.pid);
  return now !== null && now.startTime === known.startTime && now.commandLine === known.commandLine;
}

function identifyByProc(pid: number): ProcessIdentity | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name stands in parentheses and may hold blanks and parentheses itself.
    const [state, ...numbers] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return null;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    // Field 22 of proc(5), clock ticks since boot; the first three are not among these numbers.
    return { pid, startTime: `${boot} ${numbers[18] ?? ''}`, commandLine };
  } catch {
    return null;
  }
}

function identifyByPs(pid: number): ProcessIdentity | null {
  const options = { encoding: 'utf8', env: { LC_ALL: 'C', TZ: 'UTC' } } as const;
  const said = spawnSync('/bin/ps', ['-o', 'stat=,lstart=,command=', '-p', String(pid)], options);
  // "S+   Sun Nov 22 12:33:35 2026     node servicio/servicio-completo.ts  "
  const parts = /^(\S+)\s+(\S+\s+\S+\s+\d+\s+\S+\s+\d+)\s+(.*)$/.exec(said.stdout.trim());
  if (said.status !== 0 || parts?.[1] === undefined || parts[1].startsWith('Z')) return null;
  return { pid, startTime: parts[2] ?? '', commandLine: parts[3] ?? '' };
}

/** Small Node programs that tests start, and that end with the test file at the latest. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

const started: ChildProcess[] = [];

afterAll(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

export function startProcess(command: string, args: string[], options: SpawnOptions = {}): ChildProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  started.push(child);
  return child;
}

/** Starts JavaScript in a process group of its own and waits until it has said "up". */
export async function startGroupLeader(script: string): Promise<ChildProcess & { pid: number }> {
  const child = startProcess(process.execPath, ['-e', `${script}; console.log('up')`], { detached: true });
  if (child.stdout === null) throw new Error('no stdout');
  await once(child.stdout, 'data');
  return child as ChildProcess & { pid: number };
}

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export async function runToEnd(child: ChildProcess): Promise<Ended> {
  const [stdout, stderr, [code, signal]] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  return { code, signal, stdout, stderr };
}

async function textOf(stream: Readable | null): Promise<string> {
  let text = '';
  for await (const chunk of stream ?? []) text += String(chunk);
  return text;
}

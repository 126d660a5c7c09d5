/** A program's run, to its end. */
import { execFile } from 'node:child_process';

export interface Run {
  code: number;
  stdout: string;
  /** Both streams: what a person would read. */
  output: string;
}

/** @param env of the program instead of ours */
export async function runProgram(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Run> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd, env, maxBuffer: 16 << 20 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      const unstarted = error !== null && typeof error.code === 'string' ? error.message : '';
      resolve({ code, stdout, output: stdout + stderr + unstarted });
    });
  });
}

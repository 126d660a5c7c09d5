/** Runs a command as if it had been started in our place: same terminal, its signals, its exit code. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** One Ctrl-C arrives twice, from the terminal and from npm, which forwards it: closer than this is the same one. */
const SAME_SIGNAL_MS = 1000;
const PARENT_CHECK_MS = 1000;

export function runInForeground(command, args, env = process.env) {
  const child = spawn(command, args, { stdio: 'inherit', env });
  const lastSent = new Map();
  for (const signal of FORWARDED) {
    process.on(signal, () => {
      if (Date.now() - (lastSent.get(signal) ?? 0) < SAME_SIGNAL_MS) return;
      lastSent.set(signal, Date.now());
      child.kill(signal);
    });
  }
  stopWithNpm(child);
  child.once('error', (error) => {
    process.stderr.write(`Cannot run ${command}: ${error.message}\n`);
    process.exit(1);
  });
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const forwarded of FORWARDED) process.removeAllListeners(forwarded);
    process.kill(process.pid, signal);
  });
}

/** npm was killed outright (kill -9): what it started ends too, in order, instead of holding ports and DATA_DIR. */
function stopWithNpm(child) {
  if (process.env.npm_lifecycle_event === undefined) return;
  // npm runs a script by a shell, which stays between the two or becomes the script: npm is above it or above us.
  const shell = process.ppid;
  const isBetween = /^(ba|da)?sh$/.test(statusOf(shell)?.name ?? '');
  const npm = () => (isBetween ? statusOf(shell)?.parent : process.ppid);
  const first = npm();
  const timer = setInterval(() => {
    if (npm() === first) return;
    clearInterval(timer);
    child.kill('SIGTERM');
  }, PARENT_CHECK_MS);
  timer.unref();
}

/** Name and parent of a process; null where it is gone or the system has no /proc. */
function statusOf(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return { name: /^Name:\t(.*)$/m.exec(status)?.[1], parent: /^PPid:\t(.*)$/m.exec(status)?.[1] };
  } catch {
    return null;
  }
}

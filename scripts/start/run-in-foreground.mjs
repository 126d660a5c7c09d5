/** Runs a command as if it had been started in our place: same terminal, its signals, its exit code. */
import { spawn } from 'node:child_process';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** One Ctrl-C arrives twice, from the terminal and from npm, which forwards it: closer than this is the same one. */
const SAME_SIGNAL_MS = 1000;
const PARENT_CHECK_MS = 1000;

export function runInForeground(command, args) {
  const child = spawn(command, args, { stdio: 'inherit' });
  const lastSent = new Map();
  for (const signal of FORWARDED) {
    process.on(signal, () => {
      if (Date.now() - (lastSent.get(signal) ?? 0) < SAME_SIGNAL_MS) return;
      lastSent.set(signal, Date.now());
      child.kill(signal);
    });
  }
  stopWithParent(child);
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
function stopWithParent(child) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    child.kill('SIGTERM');
  }, PARENT_CHECK_MS);
  timer.unref();
}

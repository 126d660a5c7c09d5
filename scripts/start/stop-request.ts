/** Ctrl-C, SIGTERM, a closed terminal, or the death of npm: each asks for a drain; asked again, an end at once. */

/** One Ctrl-C may arrive twice, from the terminal and from npm, which forwards it. */
const SAME_SIGNAL_MS = 1000;
const PARENT_CHECK_MS = 1000;

export interface StopRequest {
  /** Resolves with the reason at the first request. */
  readonly asked: Promise<string>;
  /** Called at a second one. */
  onInsistence: (end: () => void) => void;
}

export function listenForStop(): StopRequest {
  let end: () => void = () => undefined;
  let firstAt = 0;
  let ask: (reason: string) => void = () => undefined;
  const asked = new Promise<string>((resolve) => (ask = resolve));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      const now = Date.now();
      if (firstAt === 0) {
        firstAt = now;
        ask(signal);
      } else if (now - firstAt > SAME_SIGNAL_MS) end();
    });
  }
  // A closed terminal takes stdout with it: the drain goes on without words.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) ask('the end of the process that started this one');
  }, PARENT_CHECK_MS);
  timer.unref();
  return {
    asked,
    onInsistence: (action) => (end = action),
  };
}

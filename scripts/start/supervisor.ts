/** Starts the children one asks for, keeps them running, and stops them in the reverse order of their start. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { childLogPath, openChildLog, tailOfLog } from './child-log.ts';
import { type ProcessIdentity, identify } from './data-dir/process-identity.ts';
import { NotListeningYet } from './readiness.ts';
import { forgetChildren, recordChildren, signalGroup } from './data-dir/recorded-children.ts';

export interface ChildSpec {
  /** Name of its log. */
  name: string;
  /** How people call it. */
  title: string;
  command: string;
  args: string[];
  /** Folder to run in, if not this process's. */
  cwd?: string;
  env: NodeJS.ProcessEnv;
  /** Where it is not ready it may reject, with words for what is missing. */
  isReady: () => Promise<boolean>;
  /** Longest drain after SIGTERM; SIGKILL then. */
  stopGraceMs: number;
}

export interface SupervisorLimits {
  readyMs: number;
  readyCheckMs: number;
  /** A start that waits longer says what it waits for. */
  sayAfterMs: number;
  /** So many deaths of one child within the window end the whole. */
  deaths: number;
  deathWindowMs: number;
  /** Wait before the first restart; it doubles with each death in the window. */
  firstBackoffMs: number;
}

export const LIMITS: SupervisorLimits = {
  // A slow machine makes the simulator's CA keys and bundles the workflows in this time.
  readyMs: 120_000,
  readyCheckMs: 150,
  sayAfterMs: 5_000,
  deaths: 5,
  deathWindowMs: 60_000,
  firstBackoffMs: 500,
};

export interface Supervisor {
  /** Starts a child and waits until it is ready. @throws Error with the last lines of its log */
  start(spec: ChildSpec): Promise<void>;
  /** Drains all, last started first. */
  stopAll(): Promise<void>;
  /** Ends all at once. */
  killAll(): void;
  /** Rejects, in words, when a child died too often. */
  readonly failure: Promise<never>;
}

interface Child {
  spec: ChildSpec;
  logPath: string;
  /** Where in the log this run of it begins. */
  logStart: number;
  process: ChildProcess | null;
  identity: ProcessIdentity | null;
  wasReady: boolean;
  deaths: number[];
}

export function createSupervisor(
  dataDir: string,
  report: (line: string) => void,
  limits: SupervisorLimits = LIMITS,
): Supervisor {
  const children: Child[] = [];
  let isStopping = false;
  let fail: (error: Error) => void = () => undefined;
  const failure = new Promise<never>((_resolve, reject) => (fail = reject));
  // Whoever waits for it hears of it; until then it must not count as unhandled.
  failure.catch(() => undefined);

  const record = () => {
    const running = children.flatMap(({ spec, identity }) =>
      identity === null ? [] : [{ name: spec.name, ...identity }],
    );
    recordChildren(dataDir, running);
  };

  function launch(child: Child): void {
    const { spec } = child;
    const log = openChildLog(child.logPath);
    child.logStart = fstatSync(log).size;
    // A group of its own: Ctrl-C in the terminal reaches only this process, which then drains in order.
    const launched = spawn(spec.command, spec.args, {
      detached: true,
      stdio: ['ignore', log, log],
      env: spec.env,
      cwd: spec.cwd,
    });
    closeSync(log);
    child.process = launched;
    child.identity = launched.pid === undefined ? null : identify(launched.pid);
    record();
    launched.once('error', (error) => {
      onDeath(child, `cannot run ${spec.command}: ${error.message}`);
    });
    launched.once('exit', (code, signal) => {
      onDeath(child, signal === null ? `ended with code ${code ?? 'none'}` : `was ended by ${signal}`);
    });
  }

  function onDeath(child: Child, how: string): void {
    child.process = null;
    child.identity = null;
    if (isStopping) return;
    record();
    const now = Date.now();
    child.deaths = [...child.deaths.filter((death) => now - death < limits.deathWindowMs), now];
    const { title } = child.spec;
    const lastWords = lastLinesOf(child);
    // What never ran does not run at the next try either: a bad variable, a missing file.
    if (!child.wasReady) {
      fail(new Error(`${title} ${how} before it was ready. ${lastWords}`));
      return;
    }
    if (child.deaths.length >= limits.deaths) {
      fail(
        new Error(`${title} ${how}, ${child.deaths.length} times in a short while: giving up. ${lastWords}`),
      );
      return;
    }
    const backoffMs = limits.firstBackoffMs * 2 ** (child.deaths.length - 1);
    report(`${title} ${how}: starting it again in ${backoffMs / 1000} s. ${lastWords}`);
    setTimeout(() => {
      if (isStopping) return;
      launch(child);
      waitUntilReady(child).then(() => {
        report(`${title} runs again.`);
      }, fail);
    }, backoffMs);
  }

  async function waitUntilReady(child: Child): Promise<void> {
    const { title, isReady } = child.spec;
    const begin = Date.now();
    /** What was said already: that it is starting (true), and what it waits for (false). */
    const said = new Set<boolean>();
    for (;;) {
      if (isStopping) throw new Error('stopping');
      const fault: unknown = await isReady().then(
        (ready) => (ready ? null : new Error('it does not say why')),
        (error: unknown) => error,
      );
      const missing = fault === null ? null : wordsOf(fault);
      // Its death may come while it is asked.
      if (missing === null && isAlive(child)) {
        child.wasReady = true;
        // Right after its start the system may not tell its command line yet, by which the next start would know it.
        child.identity = identify(child.process?.pid ?? 0) ?? child.identity;
        record();
        return;
      }
      const waitedMs = Date.now() - begin;
      if (waitedMs > limits.readyMs) {
        const seconds = limits.readyMs / 1000;
        throw new Error(
          `${title} was not ready within ${seconds} s (${missing ?? 'it ended'}). ${lastLinesOf(child)}`,
        );
      }
      if (missing !== null && waitedMs > limits.sayAfterMs) {
        const isStarting = fault instanceof NotListeningYet;
        if (!said.has(isStarting))
          report(isStarting ? `${title} is still starting ...` : `${title} is not ready yet: ${missing}`);
        said.add(isStarting);
      }
      await pause(limits.readyCheckMs);
    }
  }

  async function stop(child: Child): Promise<void> {
    const { process: running } = child;
    if (running?.pid === undefined) return;
    const { pid } = running;
    const ended = new Promise<void>((resolve) =>
      running.once('exit', () => {
        resolve();
      }),
    );
    running.kill('SIGTERM');
    const overdue = setTimeout(() => {
      report(`${child.spec.title} did not stop within ${child.spec.stopGraceMs / 1000} s: ending it.`);
      signalGroup(pid, 'SIGKILL');
    }, child.spec.stopGraceMs);
    await ended;
    clearTimeout(overdue);
  }

  return {
    failure,
    async start(spec) {
      if (isStopping) throw new Error('stopping');
      const logPath = childLogPath(dataDir, spec.name);
      const child: Child = {
        ...{ spec, logPath, logStart: 0 },
        ...{ process: null, identity: null, wasReady: false, deaths: [] },
      };
      children.push(child);
      launch(child);
      await Promise.race([waitUntilReady(child), failure]);
    },
    async stopAll() {
      isStopping = true;
      for (const child of children.toReversed()) await stop(child);
      forgetChildren(dataDir);
    },
    killAll() {
      isStopping = true;
      for (const { process: running } of children) {
        if (running?.pid !== undefined) signalGroup(running.pid, 'SIGKILL');
      }
      forgetChildren(dataDir);
    },
  };
}

function isAlive({ process: running }: Child): boolean {
  return running !== null && running.exitCode === null && running.signalCode === null;
}

function lastLinesOf({ logPath, logStart }: Child): string {
  return `Last lines of ${logPath}:\n${tailOfLog(logPath, logStart).replaceAll(/^/gm, '    ')}`;
}

/** With its causes: fetch says "fetch failed", and its cause why. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const words = error.message || error.name;
  return error.cause === undefined ? words : `${words}: ${wordsOf(error.cause)}`;
}

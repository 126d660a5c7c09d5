/** `npm start`: lock, ports, servers that are not given, service, banner; then waits and stops it all in order. */
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { entornoPara } from '../../shared/runtime/config.ts';
import { escribirSoloParaEsteUsuario } from '../../shared/runtime/privado.ts';
import { findTemporalCli } from '../temporal-cli.ts';
import { banner } from './banner.ts';
import { lockDataDir } from './data-dir/lock.ts';
import { service, standIns } from './children.ts';
import { type Plan, makePlan, neededPorts, readStartConfig, temporalFolderOf } from './plan.ts';
import { requireFreePorts } from './ports.ts';
import { closeWhatIsThere } from './data-dir/private-data-dir.ts';
import { endLeftChildren } from './data-dir/recorded-children.ts';
import { witnessFileOf } from './data-dir/witness-file.ts';
import { listenForStop } from './stop-request.ts';
import { type ChildSpec, type Supervisor, createSupervisor } from './supervisor.ts';

const LEFT_CHILD_GRACE_MS = 10_000;

const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  escribirSoloParaEsteUsuario();
  const stop = listenForStop();
  const config = readStartConfig();
  const dataDir = resolve(config.comun.DATA_DIR);
  const unlock = await lockDataDir(dataDir);
  const supervisor = createSupervisor(dataDir, say);
  stop.onInsistence(() => {
    supervisor.killAll();
    unlock();
    say('Ended at once.');
    process.exit(130);
  });
  try {
    const running = async () => {
      await endLeftChildren(dataDir, LEFT_CHILD_GRACE_MS, say);
      closeWhatIsThere(dataDir);
      const plan = await makePlan(config, dataDir);
      await requireFreePorts(plan.host, neededPorts(plan));
      await startAll(supervisor, plan, config.inicio.TEMPORAL_CLI_PATH);
      say(banner(plan));
      return supervisor.failure;
    };
    const reason = await Promise.race([running(), stop.asked]);
    say(`\nStopping (${reason}): what is under way is finished first ...`);
    return 0;
  } catch (error) {
    say(`\n${wordsOf(error)}`);
    return 1;
  } finally {
    await supervisor.stopAll();
    unlock();
    say('Stopped.');
  }
}

async function startAll(
  supervisor: Supervisor,
  plan: Plan,
  temporalCliPath: string | undefined,
): Promise<void> {
  let temporalCli: string | null = null;
  if (plan.startsTemporal) {
    temporalCli = await findTemporalCli({
      givenPath: temporalCliPath,
      path: entornoPara({}).PATH ?? '',
      cacheDir: fileURLToPath(new URL('../../.cache', import.meta.url)),
      progress: say,
    });
    mkdirSync(temporalFolderOf(plan.dataDir), { recursive: true });
  }
  // For a path that was given nothing is made, so that a mistyped one is noticed.
  if (plan.witnessFile === witnessFileOf(plan.dataDir))
    mkdirSync(dirname(plan.witnessFile), { recursive: true });
  await Promise.all(standIns(plan, temporalCli).map((spec) => startOne(supervisor, spec)));
  await startOne(supervisor, service(plan));
}

async function startOne(supervisor: Supervisor, spec: ChildSpec): Promise<void> {
  const begin = Date.now();
  say(`Starting ${spec.title} ...`);
  await supervisor.start(spec);
  say(`${spec.title} is ready (${((Date.now() - begin) / 1000).toFixed(1)} s).`);
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

try {
  process.exit(await main());
} catch (error) {
  process.stderr.write(`${wordsOf(error)}\n`);
  process.exit(1);
}

/**
 * `npm run topology`: docker-compose.temporal.yml without containers, on this machine, until Ctrl-C. PostgreSQL, Temporal's own
 * server with all its roles closed by mutual TLS, its UI, simulator, issuer, worker, API and codec server, each a process of its
 * own with the environment that the file gives it. What it stores ends with it. With --build it only builds Temporal's programs,
 * and tells their folder. CONTRIBUTING.md.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { entornoPara, leerConfiguracion } from '../shared/runtime/config.ts';
import { escribirSoloParaEsteUsuario } from '../shared/runtime/privado.ts';
import { LOOPBACK, urlLocal } from '../shared/runtime/url-local.ts';
import { shellWord } from './shell-word.ts';
import { START } from './start/configuration.ts';
import { pickFreePort, requireFreePorts } from './start/ports.ts';
import { listenForStop } from './start/stop-request.ts';
import { createSupervisor } from './start/supervisor.ts';
import { findTemporalCli } from './temporal-cli.ts';
import { childrenOf, registerUrl, SERVED, type PortVariable, type Topology } from './topology/children.ts';
import { ROOT } from './topology/compose.ts';
import { TOPOLOGY } from './topology/configuration.ts';
import { startPostgres } from './topology/postgres.ts';
import { startTemporalCluster, type TemporalCluster } from './topology/temporal-cluster.ts';
import { findTemporalPrograms } from './topology/temporal-programs.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);
const variables = Object.keys(SERVED) as PortVariable[];

async function main(): Promise<number> {
  const { build } = parseArgs({ options: { build: { type: 'boolean', default: false } } }).values;
  if (build) {
    const { topologia } = leerConfiguracion({ topologia: TOPOLOGY });
    const { folder } = await findTemporalPrograms(topologia.TEMPORAL_SERVER_BIN, (line) =>
      process.stderr.write(`${line}\n`),
    );
    say(folder);
    return 0;
  }
  escribirSoloParaEsteUsuario();
  const stop = listenForStop();
  const { inicio, topologia } = leerConfiguracion({ inicio: START, topologia: TOPOLOGY });
  const given = { ...inicio, ...topologia };
  const ports = Object.fromEntries(
    await Promise.all(
      variables.map(
        async (variable) => [variable, given[variable] || (await pickFreePort(LOOPBACK))] as const,
      ),
    ),
  ) as Topology['ports'];
  await requireFreePorts(
    LOOPBACK,
    variables.map((variable) => ({ variable, port: ports[variable], use: SERVED[variable].title })),
  );
  const programs = await findTemporalPrograms(topologia.TEMPORAL_SERVER_BIN, say);
  const search = { givenPath: inicio.TEMPORAL_CLI_PATH, path: entornoPara({}).PATH ?? '' };
  const temporal = await findTemporalCli({ ...search, cacheDir: join(ROOT, '.cache'), progress: say });

  const folder = await mkdtemp(join(tmpdir(), 'topology-'));
  const supervisor = createSupervisor(folder, say);
  const ends: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  stop.onInsistence(() => {
    supervisor.killAll();
    process.exit(130);
  });
  try {
    const running = async () => {
      say('Starting PostgreSQL ...');
      const server = await startPostgres();
      ends.push(() => server.stop());
      say('Starting Temporal ...');
      const cluster = await startTemporalCluster({ programs, temporal, postgres: server });
      ends.push(() => cluster.teardown());
      const topology = { folder, ports, programs, cluster, postgres: new URL(server.url).host };
      for (const child of childrenOf(topology)) {
        say(`Starting ${child.title} ...`);
        await supervisor.start(child);
      }
      say(banner(topology, cluster));
      return supervisor.failure;
    };
    const reason = await Promise.race([running(), stop.asked]);
    say(`\nStopping (${reason}) ...`);
    return 0;
  } catch (error) {
    say(`\n${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    await supervisor.stopAll();
    for (const end of ends.toReversed()) await end();
    say('Stopped; what was stored is gone.');
  }
}

function banner({ folder, ports, postgres }: Topology, cluster: TemporalCluster): string {
  const of = (entries: [name: string, value: string | number][]) =>
    entries.map(([name, value]) => `${name}=${shellWord(String(value))}`).join(' ');
  const url = (variable: PortVariable) => urlLocal(LOOPBACK, ports[variable]);
  const tls = Object.entries(cluster.variablesOf('operador'));
  return [
    '',
    'The topology of docker-compose.temporal.yml is ready.',
    '',
    ...variables.map((variable) => `  ${SERVED[variable].title.padEnd(16)}${url(variable)}`),
    `  ${'PostgreSQL'.padEnd(16)}${registerUrl(postgres)}`,
    `  ${'Temporal'.padEnd(16)}${cluster.address}`,
    `  ${'Logs'.padEnd(16)}${folder}/logs`,
    '',
    'Issue three certificates, from another terminal, in this folder:',
    '',
    `${of([
      ['PORT', ports.PORT],
      ['OIDC_PORT', ports.OIDC_PORT],
      ['PKI_TRUST_ANCHORS', join(folder, 'simulador/simulador/ca/cadena.pem')],
    ])} npm run emitir -- samples/solicitud.json`,
    '',
    'Ask Temporal as an operator:',
    '',
    `${of([['TEMPORAL_ADDRESS', cluster.address], ...tls])} temporal workflow list`,
    '',
    'Ctrl-C stops everything.',
    '',
  ].join('\n');
}

try {
  process.exit(await main());
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

/**
 * `npm run topology`: docker-compose.temporal.yml without containers, on this machine, until Ctrl-C. PostgreSQL, Temporal's own
 * server with all its roles closed by mutual TLS, its UI, simulator, issuer, worker, API and codec server, each a process of its
 * own with the environment that the file gives it; Prometheus, Grafana and the collector are left out. What it stores ends with
 * it. With --build it only builds Temporal's programs, and tells their folder. CONTRIBUTING.md.
 */
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { entornoPara, leerConfiguracion } from '../shared/runtime/config.ts';
import { escribirSoloParaEsteUsuario } from '../shared/runtime/privado.ts';
import { LOOPBACK, urlLocal } from '../shared/runtime/url-local.ts';
import { shellWord } from './shell-word.ts';
import { pickFreePort, requireFreePorts } from './start/ports.ts';
import { listenForStop } from './start/stop-request.ts';
import { createSupervisor, type ChildSpec } from './start/supervisor.ts';
import { findTemporalCli } from './temporal-cli.ts';
import { childrenOf, SERVED, type PortVariable, type Topology } from './topology/children.ts';
import { ROOT, serviceOf } from './topology/compose.ts';
import { TOPOLOGY } from './topology/configuration.ts';
import { startPostgresOfContainers, type LocalPostgres } from './topology/postgres.ts';
import { PASSWORDS, prepareTemporalCluster, type TemporalCluster } from './topology/temporal-cluster.ts';
import { findTemporalPrograms } from './topology/temporal-programs.ts';
import { until } from './topology/until.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);
const variables = Object.keys(SERVED) as PortVariable[];

const NAMESPACE_LIMIT_MS = 60_000;

async function main(): Promise<number> {
  const { build } = parseArgs({ options: { build: { type: 'boolean', default: false } } }).values;
  const { topologia } = leerConfiguracion({ topologia: TOPOLOGY });
  const given = topologia.TEMPORAL_SERVER_BIN;
  if (build) {
    // The folder alone on stdout, for whoever reads it.
    const progress = (line: string) => process.stderr.write(`${line}\n`);
    say((await findTemporalPrograms({ given, progress })).folder);
    return 0;
  }

  escribirSoloParaEsteUsuario();
  const stop = listenForStop();
  const stopping = new AbortController();
  const folder = await mkdtemp(join(tmpdir(), 'topology-'));
  const supervisor = createSupervisor(folder, say);
  /** What ends once the children have; each may still be on its way up. */
  const ends: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  stop.onInsistence(() => {
    supervisor.killAll();
    // At least no key outlasts it.
    rmSync(folder, { recursive: true, force: true });
    process.exit(130);
  });

  const start = async (child: ChildSpec) => {
    say(`Starting ${child.title} ...`);
    await supervisor.start(child);
  };
  const comeUp = async (): Promise<LocalPostgres> => {
    const ports = await choosePorts(topologia);
    const programs = await findTemporalPrograms({ given, progress: say, signal: stopping.signal });
    const temporal = await findTemporalCli({
      givenPath: topologia.TEMPORAL_CLI_PATH,
      ...{ path: entornoPara({}).PATH ?? '', cacheDir: join(ROOT, '.cache'), progress: say },
    });

    say('Starting PostgreSQL ...');
    const starting = startPostgresOfContainers();
    ends.push(() => starting.then((postgres) => postgres.stop()));
    const postgres = await starting;
    const ofCluster = join(folder, 'temporal');
    await mkdir(ofCluster);
    const cluster = await prepareTemporalCluster({
      folder: ofCluster,
      programs,
      temporal,
      postgres: postgres.url,
    });
    await cluster.bringSchema();
    await start(serverOf(cluster));
    await cluster.makeNamespace();
    await until('Temporal to know its namespace', () => cluster.knowsNamespace(), NAMESPACE_LIMIT_MS);
    const topology = { folder, ports, programs, cluster, postgres: new URL(postgres.url).host };
    for (const child of childrenOf(topology)) await start(child);
    say(banner(topology, cluster, temporal));
    return postgres;
  };
  const up = comeUp();
  try {
    const down = up.then((postgres) => Promise.race([supervisor.failure, postgres.death]));
    const reason = await Promise.race([down, stop.asked]);
    say(`\nStopping (${reason}) ...`);
    return 0;
  } catch (error) {
    say(`\n${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    stopping.abort();
    await supervisor.stopAll();
    // What was on its way up when it was stopped is given up before what it stands on goes.
    await up.catch(() => undefined);
    for (const end of ends.toReversed()) await end().catch(() => undefined);
    say('Stopped; what was stored is gone.');
  }
}

async function choosePorts(given: Record<PortVariable, number>): Promise<Topology['ports']> {
  const chosen = variables.map(
    async (variable) => [variable, given[variable] || (await pickFreePort(LOOPBACK))] as const,
  );
  const ports = Object.fromEntries(await Promise.all(chosen)) as Topology['ports'];
  await requireFreePorts(
    LOOPBACK,
    variables.map((variable) => ({ variable, port: ports[variable], use: SERVED[variable].title })),
  );
  return ports;
}

function serverOf(cluster: TemporalCluster): ChildSpec {
  const { command, args, env } = cluster;
  return {
    ...{ name: 'temporal', title: 'Temporal', command, args, env },
    isReady: () => cluster.isReady(),
    stopGraceMs: serviceOf('temporal').stop_grace_period,
  };
}

function banner({ folder, ports, postgres }: Topology, cluster: TemporalCluster, temporal: string): string {
  const line = (given: [name: string, value: string | number][], command: string) =>
    [...given.map(([name, value]) => `${name}=${shellWord(String(value))}`), command].join(' ');
  const rows: [name: string, value: string][] = [
    ...variables.map((variable): [string, string] => [
      SERVED[variable].title,
      urlLocal(LOOPBACK, ports[variable]),
    ]),
    ['PostgreSQL', `postgres://registro:${PASSWORDS.REGISTRO_DB_PASSWORD}@${postgres}/registro`],
    ['Temporal', cluster.address],
    ['Logs', `${folder}/logs`],
  ];
  return [
    '',
    'The topology of docker-compose.temporal.yml is ready.',
    '',
    ...rows.map(([name, value]) => `  ${name.padEnd(16)}${value}`),
    '',
    'Issue three certificates, from another terminal, in this folder:',
    '',
    line(
      [
        ['PORT', ports.PORT],
        ['OIDC_PORT', ports.OIDC_PORT],
        ['PKI_TRUST_ANCHORS', join(folder, 'simulador/simulador/ca/cadena.pem')],
      ],
      'npm run emitir -- samples/solicitud.json',
    ),
    '',
    'Ask Temporal as an operator:',
    '',
    line(
      [['TEMPORAL_ADDRESS', cluster.address], ...Object.entries(cluster.variablesOf('operador'))],
      `${shellWord(temporal)} workflow list`,
    ),
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

/** The processes of docker-compose.temporal.yml that serve, each on a port of its own on loopback. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generarClaveDeFirma } from '../../shared/bitacora/punto-de-control/nota.ts';
import { PARA_SALIR_A_LA_RED, entornoPara } from '../../shared/runtime/config.ts';
import { LOOPBACK, urlLocal } from '../../shared/runtime/url-local.ts';
import { answersReady } from '../start/readiness.ts';
import type { ChildSpec } from '../start/supervisor.ts';
import { environmentOf, ROOT, serviceOf } from './compose.ts';
import { PASSWORDS, type TemporalCluster } from './temporal-cluster.ts';
import type { TemporalPrograms } from './temporal-programs.ts';

/** By the variable of its port, in the order in which they start: who is needed comes first. */
export const SERVED = {
  SIMULADOR_PORT: { service: 'simulador', title: 'PKI simulator' },
  OIDC_PORT: { service: 'emisor', title: 'OpenID issuer' },
  WORKER_PORT: { service: 'worker', title: 'Worker' },
  PORT: { service: 'api', title: 'API' },
  CODEC_PORT: { service: 'codec', title: 'Codec server' },
  TEMPORAL_UI_PORT: { service: 'temporal-ui', title: 'Temporal UI' },
} as const;
export type PortVariable = keyof typeof SERVED;

export interface Topology {
  /** Of what the containers keep in volumes. */
  folder: string;
  ports: Record<PortVariable, number>;
  programs: TemporalPrograms;
  cluster: Pick<TemporalCluster, 'address' | 'certificates'>;
  /** host:port of PostgreSQL. */
  postgres: string;
}

export function childrenOf({ folder, ports, programs, cluster, postgres }: Topology): ChildSpec[] {
  const given = {
    ...PASSWORDS,
    ...Object.fromEntries(Object.entries(ports).map(([variable, port]) => [variable, String(port)])),
    CLAVES_CIFRADO: `local:${randomBytes(32).toString('base64')}`,
    CLAVE_HUELLA: randomBytes(32).toString('base64'),
    BITACORA_CLAVE_FIRMA: generarClaveDeFirma('localhost/bitacora'),
  };
  const hosts = {
    'postgres:5432': postgres,
    'temporal:7233': cluster.address,
    'http://simulador:8090': urlLocal(LOOPBACK, ports.SIMULADOR_PORT),
    'http://emisor:8091': urlLocal(LOOPBACK, ports.OIDC_PORT),
    '0.0.0.0': LOOPBACK,
  };
  return Object.entries(SERVED).map(([variable, { service, title }]) => {
    const port = ports[variable as PortVariable];
    const url = urlLocal(LOOPBACK, port);
    const kept = join(folder, service);
    mkdirSync(kept, { recursive: true, mode: 0o700 });
    const cambios = {
      ...environmentOf(service, given, {
        ...hosts,
        '/tls/': `${join(cluster.certificates, service === 'temporal-ui' ? 'ui' : service)}/`,
        '/pki/': `${join(folder, 'simulador')}/`,
        '/testigo/': `${kept}/`,
        '/datos': kept,
      }),
      // Of what stands beside the service nothing runs here.
      OTEL_EXPORTER_OTLP_ENDPOINT: undefined,
      [variable]: String(port),
      DATA_DIR: kept,
    };
    const itself = {
      command: process.execPath,
      args: serviceOf(service).command.slice(1),
      isReady: () => answersReady(url),
    };
    return {
      ...{ name: service, title, cwd: ROOT },
      ...(service === 'temporal-ui' ? { ...uiOf(programs, kept), isReady: () => answers(url) } : itself),
      env: entornoPara({ otras: [/^NODE_OPTIONS$/, PARA_SALIR_A_LA_RED], cambios }),
      stopGraceMs: serviceOf(service).stop_grace_period,
    };
  });
}

/** As its image starts it; but there it listens on every address of a container, of which one is published. */
function uiOf({ ui, uiConfig }: TemporalPrograms, folder: string): Pick<ChildSpec, 'command' | 'args'> {
  const [first = '', ...lines] = readFileSync(uiConfig, 'utf8').split('\n');
  writeFileSync(join(folder, 'docker.yaml'), [first, `host: ${LOOPBACK}`, ...lines].join('\n'));
  return { command: ui, args: ['--root', folder, '--config', '.', '--env', 'docker', 'start'] };
}

async function answers(url: string): Promise<true> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  return true;
}

/** What one start runs: whatever the configuration does not give. The last one of the list needs all the others. */
import { fileURLToPath } from 'node:url';
import { ConfiguracionInvalida, entornoCon, type leerConfiguracion } from '../../shared/runtime/config.ts';
import { direccionLocal, urlLocal } from '../../shared/runtime/url-local.ts';
import { type NeededPort, pickFreePort } from './ports.ts';
import { answersReady, servesNamespace } from './readiness.ts';
import type { ChildSpec } from './supervisor.ts';
import { embeddedServerArgs } from './temporal-server.ts';

export type StartConfig = ReturnType<
  typeof leerConfiguracion<'comun' | 'motor' | 'inicio' | 'emisorOidc' | 'bitacora'>
>;

/** The ports of this start and what of the system it starts itself. */
export interface Plan {
  host: string;
  dataDir: string;
  ports: Record<'api' | 'temporal' | 'temporalUi' | 'simulator' | 'issuer', number>;
  startsTemporal: boolean;
  startsSimulator: boolean;
  startsIssuer: boolean;
  temporalAddress: string;
  namespace: string;
  adapterUrl: string;
  trustAnchors: string;
  issuerUrl: string;
  /** Where the newest checkpoint of the audit log is kept outside of its database. */
  witnessFile: string;
}

/** @throws ConfiguracionInvalida where one variable needs another one */
export async function makePlan(config: StartConfig, dataDir: string): Promise<Plan> {
  requireCompanions(config);
  const { HOST: host } = config.comun;
  const { inicio, motor, bitacora } = config;
  const choose = (port: number) => (port === 0 ? pickFreePort(host) : port);
  const ports = {
    api: await choose(inicio.PORT),
    temporal: await choose(inicio.TEMPORAL_PORT),
    temporalUi: await choose(inicio.TEMPORAL_UI_PORT),
    simulator: await choose(inicio.SIMULADOR_PORT),
    issuer: await choose(inicio.OIDC_PORT),
  };
  return {
    host,
    dataDir,
    ports,
    startsTemporal: motor.TEMPORAL_ADDRESS === undefined,
    startsSimulator: inicio.PKI_ADAPTER_URL === undefined,
    startsIssuer: inicio.OIDC_ISSUER === undefined,
    temporalAddress: motor.TEMPORAL_ADDRESS ?? direccionLocal(host, ports.temporal),
    namespace: motor.TEMPORAL_NAMESPACE,
    adapterUrl: inicio.PKI_ADAPTER_URL ?? urlLocal(host, ports.simulator),
    trustAnchors: inicio.PKI_TRUST_ANCHORS ?? `${dataDir}/simulador/ca/cadena.pem`,
    issuerUrl: inicio.OIDC_ISSUER ?? urlLocal(host, ports.issuer),
    witnessFile: bitacora.BITACORA_TESTIGO_ARCHIVO ?? witnessFileOf(dataDir),
  };
}

/** Outside of the register's folder, so that a copy of that alone, put back, is noticed. */
export function witnessFileOf(dataDir: string): string {
  return `${dataDir}/bitacora/testigo.txt`;
}

function requireCompanions({ comun, inicio }: StartConfig): void {
  const faults: string[] = [];
  if (inicio.PKI_ADAPTER_URL !== undefined && inicio.PKI_TRUST_ANCHORS === undefined) {
    faults.push('PKI_TRUST_ANCHORS: with PKI_ADAPTER_URL, name the PEM file of its roots and intermediates');
  }
  if (comun.NODE_ENV === 'production') {
    if (inicio.PKI_ADAPTER_URL === undefined) faults.push('PKI_ADAPTER_URL: production has no simulator');
    if (inicio.OIDC_ISSUER === undefined) faults.push('OIDC_ISSUER: production has no issuer of its own');
  }
  if (faults.length > 0) throw new ConfiguracionInvalida(faults);
}

export function neededPorts({ ports, startsTemporal, startsSimulator, startsIssuer }: Plan): NeededPort[] {
  const needed: NeededPort[] = [{ variable: 'PORT', port: ports.api, use: 'API' }];
  if (startsTemporal) {
    needed.push({ variable: 'TEMPORAL_PORT', port: ports.temporal, use: 'Temporal' });
    needed.push({ variable: 'TEMPORAL_UI_PORT', port: ports.temporalUi, use: "Temporal's UI" });
  }
  if (startsSimulator)
    needed.push({ variable: 'SIMULADOR_PORT', port: ports.simulator, use: 'PKI simulator' });
  if (startsIssuer) needed.push({ variable: 'OIDC_PORT', port: ports.issuer, use: 'OpenID issuer' });
  return needed;
}

/** The servers that the service needs, all of which may start at once. */
export function standIns(plan: Plan, temporalCli: string | null): ChildSpec[] {
  const { host, dataDir, ports } = plan;
  const specs: ChildSpec[] = [];
  if (temporalCli !== null) {
    const dbFilename = `${dataDir}/temporal/temporal.db`;
    const { namespace } = plan;
    const place = { host, port: ports.temporal, uiPort: ports.temporalUi, namespace, dbFilename };
    specs.push({
      name: 'temporal',
      title: 'Temporal',
      command: temporalCli,
      args: embeddedServerArgs(place),
      env: entornoCon({}),
      isReady: () => servesNamespace(plan.temporalAddress, namespace),
      stopGraceMs: 10_000,
    });
  }
  if (plan.startsIssuer) {
    const changes = { OIDC_PORT: String(ports.issuer), OIDC_ISSUER: plan.issuerUrl };
    specs.push(nodeChild(plan, 'emisor', 'OpenID issuer', 'simulator/oidc/main.ts', changes, plan.issuerUrl));
  }
  if (plan.startsSimulator) {
    const changes = { SIMULADOR_PORT: String(ports.simulator) };
    specs.push(nodeChild(plan, 'simulador', 'PKI simulator', 'simulator/main.ts', changes, plan.adapterUrl));
  }
  return specs;
}

/** API and worker in one process. */
export function service(plan: Plan): ChildSpec {
  const changes = {
    PORT: String(plan.ports.api),
    TEMPORAL_ADDRESS: plan.temporalAddress,
    PKI_ADAPTER_URL: plan.adapterUrl,
    PKI_TRUST_ANCHORS: plan.trustAnchors,
    OIDC_ISSUER: plan.issuerUrl,
    BITACORA_TESTIGO_ARCHIVO: plan.witnessFile,
    // The simulator keeps the promises; another adapter's owner says so himself.
    ...(plan.startsSimulator ? { PKI_ADAPTER_IDEMPOTENTE: 'true' } : {}),
  };
  const url = urlLocal(plan.host, plan.ports.api);
  // Its drain waits for a PKI call that is under way.
  return {
    ...nodeChild(plan, 'servicio', 'Service', 'scripts/service.ts', changes, url),
    stopGraceMs: 30_000,
  };
}

function nodeChild(
  plan: Plan,
  name: string,
  title: string,
  file: string,
  changes: Record<string, string>,
  url: string,
): ChildSpec {
  return {
    name,
    title,
    command: process.execPath,
    args: [fileURLToPath(new URL(`../../${file}`, import.meta.url))],
    env: entornoCon({ ...changes, DATA_DIR: plan.dataDir }),
    isReady: () => answersReady(url),
    stopGraceMs: 10_000,
  };
}

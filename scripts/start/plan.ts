/** What one start runs: whatever the configuration does not give. The service needs all the others, and starts last. */
import { join, resolve } from 'node:path';
import {
  ConfiguracionInvalida,
  entornoPara,
  leerConfiguracion,
  reunirFaltas,
  type Configuracion,
  type NecesidadesDeUnHijo,
} from '../../shared/runtime/config.ts';
import { LOOPBACK, cabeEnUnaUrl, direccionLocal, urlLocal } from '../../shared/runtime/url-local.ts';
import { BITACORA } from '../../shared/bitacora/configuracion.ts';
import { CARPETA_DE_DATOS, COMUN, TEMPORAL } from '../../shared/runtime/secciones.ts';
import { revisarConfiguracion } from '../../servicio/configuracion.ts';
import { TODAS_LAS_PARTES, SECCIONES } from '../../servicio/partes.ts';
import { ISSUER } from '../../simulator/oidc/configuration.ts';
import { SIMULATOR } from '../../simulator/pki/configuration.ts';
import { START } from './configuration.ts';
import { type NeededPort, pickFreePort } from './ports.ts';
import { claimDataDir } from './data-dir/private-data-dir.ts';
import { witnessFileOf } from './data-dir/witness-file.ts';

const SECTIONS = {
  comun: COMUN,
  temporal: TEMPORAL,
  inicio: START,
  bitacora: BITACORA,
  simulador: SIMULATOR,
  emisorOidc: ISSUER,
};

export type StartConfig = Pick<Configuracion<typeof SECTIONS>, 'comun' | 'temporal' | 'inicio' | 'bitacora'>;

/** The ports of this start and what of the system it starts itself. */
export interface Plan {
  host: string;
  dataDir: string;
  ports: Record<'api' | 'codec' | 'temporal' | 'temporalUi' | 'simulator' | 'issuer', number>;
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
  /** Of the codec server, as browsers reach it. */
  codecUrl: string;
  /** Of Temporal's UI; absent where this start has none. */
  uiUrl: string | undefined;
}

/**
 * What all processes of this start read, before there is any of them.
 * @throws ConfiguracionInvalida with every fault of every variable
 */
export function readStartConfig(): StartConfig {
  const environment = entornoPara(SERVICE_NEEDS);
  const { config } = reunirFaltas({
    config: () => leerConfiguracion(SECTIONS),
    companions: () => {
      requireCompanions(environment);
    },
    service: () => {
      const simulated = !environment['PKI_ADAPTER_URL'] || !environment['PKI_TRUST_ANCHORS'];
      revisarConfiguracion(
        TODAS_LAS_PARTES,
        withStandIns(environment),
        simulated ? ['PKI_TRUST_ANCHORS'] : [],
      );
    },
    dataDir: () => {
      claimDataDir(resolve(leerConfiguracion({ carpeta: CARPETA_DE_DATOS }).carpeta.DATA_DIR));
    },
  });
  return config;
}

/** The environment with stand-ins for what the plan gives to the service later, of which only the form counts. */
function withStandIns(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_ENV, PKI_ADAPTER_URL, PKI_ADAPTER_IDEMPOTENTE, PKI_TRUST_ANCHORS, OIDC_ISSUER } = environment;
  const simulated = !PKI_ADAPTER_URL && NODE_ENV !== 'production';
  return {
    ...environment,
    PKI_ADAPTER_URL: PKI_ADAPTER_URL || urlLocal(LOOPBACK, 0),
    PKI_TRUST_ANCHORS: PKI_TRUST_ANCHORS || 'cadena.pem',
    OIDC_ISSUER: OIDC_ISSUER || urlLocal(LOOPBACK, 0),
    PKI_ADAPTER_IDEMPOTENTE: simulated ? 'true' : PKI_ADAPTER_IDEMPOTENTE,
  };
}

export async function makePlan(config: StartConfig, dataDir: string): Promise<Plan> {
  const { HOST: host } = config.comun;
  const { inicio, temporal, bitacora } = config;
  const choose = (port: number, on = host) => (port === 0 ? pickFreePort(on) : port);
  const ports = {
    api: await choose(inicio.PORT),
    codec: await choose(inicio.CODEC_PORT, LOOPBACK),
    temporal: await choose(inicio.TEMPORAL_PORT, LOOPBACK),
    temporalUi: await choose(inicio.TEMPORAL_UI_PORT, LOOPBACK),
    simulator: await choose(inicio.SIMULADOR_PORT, LOOPBACK),
    issuer: await choose(inicio.OIDC_PORT),
  };
  return {
    host,
    dataDir,
    ports,
    startsTemporal: temporal.TEMPORAL_ADDRESS === undefined,
    startsSimulator: inicio.PKI_ADAPTER_URL === undefined,
    startsIssuer: inicio.OIDC_ISSUER === undefined,
    temporalAddress: temporal.TEMPORAL_ADDRESS ?? direccionLocal(LOOPBACK, ports.temporal),
    namespace: temporal.TEMPORAL_NAMESPACE,
    adapterUrl: inicio.PKI_ADAPTER_URL ?? urlLocal(LOOPBACK, ports.simulator),
    trustAnchors: inicio.PKI_TRUST_ANCHORS ?? `${dataDir}/simulador/ca/cadena.pem`,
    issuerUrl: inicio.OIDC_ISSUER ?? urlLocal(host, ports.issuer),
    codecUrl: inicio.CODEC_URL ?? urlLocal(LOOPBACK, ports.codec),
    uiUrl:
      inicio.CODEC_ORIGEN_UI ??
      (temporal.TEMPORAL_ADDRESS === undefined ? urlLocal(LOOPBACK, ports.temporalUi) : undefined),
    witnessFile: bitacora.BITACORA_TESTIGO_ARCHIVO ?? witnessFileOf(dataDir),
  };
}

function requireCompanions(environment: NodeJS.ProcessEnv): void {
  const { HOST, NODE_ENV, PKI_ADAPTER_URL, PKI_TRUST_ANCHORS, OIDC_ISSUER } = environment;
  const faults: string[] = [];
  if (HOST && !cabeEnUnaUrl(HOST)) faults.push(`HOST: ${HOST} is no address or name of a machine`);
  if (PKI_ADAPTER_URL && !PKI_TRUST_ANCHORS) {
    faults.push('PKI_TRUST_ANCHORS: with PKI_ADAPTER_URL, name the PEM file of its roots and intermediates');
  }
  if (NODE_ENV === 'production') {
    if (!PKI_ADAPTER_URL) faults.push('PKI_ADAPTER_URL: production has no simulator');
    if (!OIDC_ISSUER) faults.push('OIDC_ISSUER: production has no issuer of its own');
  }
  if (faults.length > 0) throw new ConfiguracionInvalida(faults);
}

/** What the service reads: its sections, Temporal's SDK (TLS, API key), PostgreSQL's driver. */
export const SERVICE_NEEDS = {
  secciones: SECCIONES,
  otras: [/^(TEMPORAL|PG)/],
} as const satisfies NecesidadesDeUnHijo;

export function neededPorts({ ports, startsTemporal, startsSimulator, startsIssuer }: Plan): NeededPort[] {
  const needed: NeededPort[] = [
    { variable: 'PORT', port: ports.api, use: 'API' },
    { variable: 'CODEC_PORT', port: ports.codec, use: 'codec server', host: LOOPBACK },
  ];
  if (startsTemporal) {
    needed.push({ variable: 'TEMPORAL_PORT', port: ports.temporal, use: 'Temporal', host: LOOPBACK });
    const ui = { variable: 'TEMPORAL_UI_PORT', port: ports.temporalUi, use: "Temporal's UI" };
    needed.push({ ...ui, host: LOOPBACK });
  }
  if (startsSimulator)
    needed.push({
      ...{ variable: 'SIMULADOR_PORT', port: ports.simulator, use: 'PKI simulator' },
      host: LOOPBACK,
    });
  if (startsIssuer) needed.push({ variable: 'OIDC_PORT', port: ports.issuer, use: 'OpenID issuer' });
  return needed;
}

/** Where the embedded Temporal keeps its file, and runs. */
export function temporalFolderOf(dataDir: string): string {
  return join(dataDir, 'temporal');
}

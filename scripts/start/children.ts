/** The processes of a start, each as the supervisor runs it. */
import { fileURLToPath } from 'node:url';
import { COMUN } from '../../shared/runtime/secciones.ts';
import { PARA_SALIR_A_LA_RED, entornoPara, type NecesidadesDeUnHijo } from '../../shared/runtime/config.ts';
import { LOOPBACK, urlLocal } from '../../shared/runtime/url-local.ts';
import { ISSUER } from '../../simulator/oidc/configuration.ts';
import { SIMULATOR } from '../../simulator/pki/configuration.ts';
import { SERVICE_NEEDS, temporalFolderOf, type Plan } from './plan.ts';
import { answersReady, servesNamespace } from './readiness.ts';
import type { ChildSpec } from './supervisor.ts';
import { embeddedServerArgs } from './temporal-server.ts';

/**
 * DATABASE_URL holds a password, and COMUN, which the stand-ins read, names it: they have no use for it and do not get
 * it.
 */
const WITHOUT_DATABASE = { DATABASE_URL: undefined };

/** The servers that the service needs, all of which may start at once. */
export function standIns(plan: Plan, temporalCli: string | null): ChildSpec[] {
  const { dataDir, ports } = plan;
  const specs: ChildSpec[] = [];
  if (temporalCli !== null) {
    const { namespace } = plan;
    const place = {
      ...{ port: ports.temporal, uiPort: ports.temporalUi, namespace, dbFilename: 'temporal.db' },
      codecUrl: plan.codecUrl,
    };
    specs.push({
      name: 'temporal',
      title: 'Temporal',
      command: temporalCli,
      args: embeddedServerArgs(place),
      cwd: temporalFolderOf(dataDir),
      env: entornoPara({}),
      isReady: () => servesNamespace(plan.temporalAddress, namespace),
      stopGraceMs: 10_000,
    });
  }
  if (plan.startsIssuer) {
    const cambios = {
      ...WITHOUT_DATABASE,
      OIDC_PORT: String(ports.issuer),
      OIDC_ISSUER: plan.issuerUrl,
      CODEC_URL: plan.codecUrl,
    };
    specs.push(
      nodeChild(
        plan,
        { name: 'emisor', title: 'OpenID issuer', file: 'simulator/oidc/main.ts' },
        plan.issuerUrl,
        {
          secciones: [COMUN, ISSUER],
          cambios,
        },
      ),
    );
  }
  if (plan.startsSimulator) {
    // Its sandbox answers whoever asks: only the service and the people of this machine need to reach it.
    const cambios = { ...WITHOUT_DATABASE, SIMULADOR_PORT: String(ports.simulator), HOST: LOOPBACK };
    specs.push(
      nodeChild(
        plan,
        { name: 'simulador', title: 'PKI simulator', file: 'simulator/pki/main.ts' },
        plan.adapterUrl,
        {
          secciones: [COMUN, SIMULATOR],
          cambios,
        },
      ),
    );
  }
  return specs;
}

/** API, worker and codec server in one process. */
export function service(plan: Plan): ChildSpec {
  const cambios = {
    PORT: String(plan.ports.api),
    CODEC_PORT: String(plan.ports.codec),
    CODEC_URL: plan.codecUrl,
    CODEC_ORIGEN_UI: plan.uiUrl,
    TEMPORAL_ADDRESS: plan.temporalAddress,
    PKI_ADAPTER_URL: plan.adapterUrl,
    PKI_TRUST_ANCHORS: plan.trustAnchors,
    OIDC_ISSUER: plan.issuerUrl,
    BITACORA_TESTIGO_ARCHIVO: plan.witnessFile,
    // The simulator keeps the adapter's promises; the owner of another adapter must say so.
    ...(plan.startsSimulator ? { PKI_ADAPTER_IDEMPOTENTE: 'true' } : {}),
  };
  const url = urlLocal(plan.host, plan.ports.api);
  const program = { name: 'servicio', title: 'Service', file: 'servicio/servicio-completo.ts' };
  // Its drain waits for a PKI call that is under way.
  return { ...nodeChild(plan, program, url, { ...SERVICE_NEEDS, cambios }), stopGraceMs: 30_000 };
}

/** What Node itself reads. */
const OF_NODE = [PARA_SALIR_A_LA_RED, /^NODE_OPTIONS$/];

function nodeChild(
  plan: Plan,
  { name, title, file }: Pick<ChildSpec, 'name' | 'title'> & { file: string },
  url: string,
  { secciones = [], otras = [], cambios }: NecesidadesDeUnHijo,
): ChildSpec {
  return {
    name,
    title,
    command: process.execPath,
    args: [fileURLToPath(new URL(`../../${file}`, import.meta.url))],
    env: entornoPara({
      secciones,
      otras: [...OF_NODE, ...otras],
      cambios: { ...cambios, DATA_DIR: plan.dataDir },
    }),
    isReady: () => answersReady(url),
    stopGraceMs: 10_000,
  };
}

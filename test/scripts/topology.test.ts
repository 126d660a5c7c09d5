/** What `npm run topology` makes of docker-compose.temporal.yml. The whole of it: topology.long.test.ts. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { API } from '../../api/configuracion.ts';
import { CODEC } from '../../api/codec/configuracion.ts';
import { childrenOf, SERVED, type PortVariable } from '../../scripts/topology/children.ts';
import { environmentOf, versionOf } from '../../scripts/topology/compose.ts';
import { findTemporalPrograms } from '../../scripts/topology/temporal-programs.ts';
import { BITACORA } from '../../shared/bitacora/configuracion.ts';
import { ACEPTACION, ADAPTADOR, EJECUCION } from '../../shared/emision/configuracion.ts';
import { leerConfiguracion } from '../../shared/runtime/config.ts';
import { CLAVES, COMUN, TEMPORAL, TRAZAS } from '../../shared/runtime/secciones.ts';
import { ISSUER } from '../../simulator/oidc/configuration.ts';
import { SIMULATOR } from '../../simulator/pki/configuration.ts';
import { WORKER } from '../../worker/configuracion.ts';
import { temporaryFolder } from '../support/procesos/temporary-folder.ts';

/** The programs of a folder, empty but for the UI's configuration. */
async function programsOf(...names: string[]) {
  const folder = mkdtempSync(join(temporaryFolder(), 'programs-'));
  for (const name of names) writeFileSync(join(folder, name), '# enable-template\nport: 8080\n');
  return findTemporalPrograms(folder, () => undefined);
}

const PORTS = Object.fromEntries(Object.keys(SERVED).map((variable, i) => [variable, 20_001 + i])) as Record<
  PortVariable,
  number
>;

const CERTIFICATES = '/certificates';

async function children() {
  const folder = temporaryFolder();
  const cluster = { address: 'localhost:20000', certificates: CERTIFICATES };
  const programs = await programsOf('server', 'sql', 'ui-server', 'ui.yaml');
  return {
    folder,
    specs: childrenOf({ folder, ports: PORTS, programs, cluster, postgres: '127.0.0.1:19999' }),
  };
}

const COMMON = { comun: COMUN, claves: CLAVES, temporal: TEMPORAL, trazas: TRAZAS };

test.each([
  ['simulador', { comun: COMUN, simulador: SIMULATOR }],
  ['emisor', { comun: COMUN, emisor: ISSUER }],
  ['worker', { ...COMMON, worker: WORKER, adaptador: ADAPTADOR, ejecucion: EJECUCION, bitacora: BITACORA }],
  ['api', { ...COMMON, api: API, aceptacion: ACEPTACION, adaptador: ADAPTADOR }],
  ['codec', { ...COMMON, api: API, codec: CODEC }],
])('%s is given what it reads, and nothing of a container', async (name, sections) => {
  const { folder, specs } = await children();
  const { env = {} } = specs.find((spec) => spec.name === name) ?? {};

  expect(() => leerConfiguracion(sections, env)).not.toThrow();
  for (const value of Object.values(env).filter((given) => given !== undefined)) {
    expect(value).not.toMatch(
      /0\.0\.0\.0|postgres:5432|temporal:7233|\/\/(emisor|simulador|colector)\b|^\/(tls|pki|testigo|datos)\b/,
    );
    expect(value).not.toMatch(/\$\{/);
  }
  const [, itsPort] =
    Object.entries(PORTS).find(([variable]) => SERVED[variable as PortVariable].service === name) ?? [];
  expect(Object.values(env)).toContain(String(itsPort));
  expect(env.DATA_DIR).toBe(join(folder, name));
});

test('each that calls Temporal does so with its own certificate', async () => {
  const { specs } = await children();
  const keys = specs.map(({ name, env }) => [name, env.TEMPORAL_TLS_CLIENT_KEY_PATH ?? env.TEMPORAL_TLS_KEY]);

  expect(Object.fromEntries(keys)).toEqual({
    ...{ simulador: undefined, emisor: undefined },
    worker: `${CERTIFICATES}/worker/tls.key`,
    api: `${CERTIFICATES}/api/tls.key`,
    codec: `${CERTIFICATES}/codec/tls.key`,
    'temporal-ui': `${CERTIFICATES}/ui/tls.key`,
  });
});

test('Temporal’s UI listens on this machine only', async () => {
  const { folder } = await children();

  expect(readFileSync(join(folder, 'temporal-ui/docker.yaml'), 'utf8')).toBe(
    '# enable-template\nhost: 127.0.0.1\nport: 8080\n',
  );
});

test('a value that has a default takes it where none is given', () => {
  expect(environmentOf('codec', { CODEC_PORT: '1' }, {})).toMatchObject({
    CODEC_URL: 'http://127.0.0.1:1',
    CODEC_ORIGEN_UI: 'http://127.0.0.1:8233',
  });
});

test('the programs are those of the images, and a folder that lacks one is told by its name', async () => {
  expect([versionOf('temporal'), versionOf('temporal-ui'), versionOf('prometheus')]).toEqual([
    expect.stringMatching(/^1\.\d+\.\d+$/),
    expect.stringMatching(/^2\.\d+\.\d+$/),
    expect.stringMatching(/^3\.\d+\.\d+$/),
  ]);
  await expect(programsOf('server', 'ui-server', 'ui.yaml')).rejects.toThrow(
    /^TEMPORAL_SERVER_BIN: \S+\/sql is not there\.$/,
  );
});

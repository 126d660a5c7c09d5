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

/** A folder of what answers `--version` as Temporal's programs do. */
function folderOf(programs: Record<string, string>): string {
  const folder = mkdtempSync(join(temporaryFolder(), 'programs-'));
  for (const [name, version] of Object.entries(programs))
    writeFileSync(join(folder, name), `#!/bin/sh\necho 'temporal version ${version}'\n`, { mode: 0o700 });
  writeFileSync(join(folder, 'ui.yaml'), '# enable-template\nport: 8080\n');
  return folder;
}

const [SERVER, UI] = [versionOf('temporal'), versionOf('temporal-ui')];
const PROGRAMS = { server: SERVER, sql: SERVER, 'ui-server': UI };
const find = (programs: Record<string, string>) =>
  findTemporalPrograms({ given: folderOf(programs), progress: () => undefined });

const PORTS = Object.fromEntries(Object.keys(SERVED).map((variable, i) => [variable, 20_001 + i])) as Record<
  PortVariable,
  number
>;

const CERTIFICATES = '/certificates';
const GIVEN = {
  ...{ REGISTRO_DB_PASSWORD: 'r', CLAVES_CIFRADO: 'c' },
  CLAVE_HUELLA: 'h' as string | undefined,
};

async function children() {
  const folder = temporaryFolder();
  const cluster = { address: 'localhost:20000', certificates: CERTIFICATES };
  const programs = await find(PROGRAMS);
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

test('variables are replaced as compose replaces them: the given one, its default, or a fault that names it', () => {
  expect(environmentOf('codec', { ...GIVEN, CODEC_PORT: '1' })).toMatchObject({
    CODEC_URL: 'http://127.0.0.1:1',
    CODEC_ORIGEN_UI: 'http://127.0.0.1:8233',
  });
  expect(() => environmentOf('codec', { ...GIVEN, CLAVE_HUELLA: undefined })).toThrow(/^CLAVE_HUELLA: see /);
});

test('what stood in a container is replaced once, wherever it is told', () => {
  const places = {
    'postgres:5432': 'temporal:7233',
    'temporal:7233': 'here',
    '/tls/': '/tmp/datos/tls/',
    '/datos': '/no',
  };

  expect(environmentOf('codec', GIVEN, places)).toMatchObject({
    TEMPORAL_ADDRESS: 'here',
    DATABASE_URL: 'postgres://registro:r@temporal:7233/registro',
    TEMPORAL_TLS_CLIENT_KEY_PATH: '/tmp/datos/tls/tls.key',
  });
});

test('the programs are those of the images', async () => {
  expect([SERVER, UI, versionOf('prometheus')]).toEqual([
    expect.stringMatching(/^1\.\d+\.\d+$/),
    expect.stringMatching(/^2\.\d+\.\d+$/),
    expect.stringMatching(/^3\.\d+\.\d+$/),
  ]);
  await expect(find(PROGRAMS)).resolves.toMatchObject({
    uiConfig: expect.stringContaining('ui.yaml') as unknown,
  });
  await expect(find({ server: SERVER, 'ui-server': UI })).rejects.toThrow(
    /^TEMPORAL_SERVER_BIN: \S+\/sql is not there\.$/,
  );
  await expect(find({ ...PROGRAMS, server: '1.31.9' })).rejects.toThrow(
    `says "temporal version 1.31.9", and docker-compose.temporal.yml has ${SERVER}`,
  );
});

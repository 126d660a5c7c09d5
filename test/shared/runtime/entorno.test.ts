import { SIMULATOR } from '../../../simulator/pki/configuration.ts';
import { PARA_SALIR_A_LA_RED, entornoPara } from '../../../shared/runtime/config.ts';
import { standIns } from '../../../scripts/start/children.ts';
import { SERVICE_NEEDS, type Plan } from '../../../scripts/start/plan.ts';

const SECRETAS = [
  ...['CLAVES_CIFRADO', 'CLAVE_HUELLA', 'DATABASE_URL', 'PKI_ADAPTER_TOKEN', 'BITACORA_CLAVE_FIRMA'],
  ...['TEMPORAL_API_KEY', 'PGPASSWORD', 'EMITIR_TOKEN', 'AWS_SECRET_ACCESS_KEY', 'http_proxy', 'HTTPS_PROXY'],
];

let antes: NodeJS.ProcessEnv;
beforeEach(() => {
  antes = process.env;
  process.env = { PATH: '/bin', HOME: '/root', LC_ALL: 'C', PORT: '1', SIMULADOR_PORT: '2' };
  for (const nombre of SECRETAS) process.env[nombre] = 'secreta';
});
afterEach(() => {
  process.env = antes;
});

test('a child that reads no section gets what any program needs, and nothing secret', () => {
  expect(entornoPara({})).toEqual({ PATH: '/bin', HOME: '/root', LC_ALL: 'C' });
});

test('a child gets the variables of its sections and of its tools, and what is changed for it', () => {
  const entorno = entornoPara({
    secciones: [SIMULATOR],
    otras: [PARA_SALIR_A_LA_RED],
    cambios: { DATA_DIR: '/datos' },
  });

  expect(Object.keys(entorno).sort()).toEqual(
    ['PATH', 'HOME', 'LC_ALL', 'SIMULADOR_PORT', 'http_proxy', 'HTTPS_PROXY', 'DATA_DIR'].sort(),
  );
});

const PROXIES = ['http', 'https', 'all', 'grpc', 'no', 'no_grpc'].flatMap((cual) =>
  ['a', 'A', 'Aa'].map((escrito) => {
    const nombre = `${cual}_proxy`;
    if (escrito === 'A') return nombre.toUpperCase();
    return escrito === 'a' ? nombre : nombre.replace(/^./, (letra) => letra.toUpperCase());
  }),
);

test.each(PROXIES)('%s reaches a process of Node, and no other child', (nombre) => {
  process.env[nombre] = 'http://ana:secreta@proxy.example';

  expect(entornoPara({ otras: [PARA_SALIR_A_LA_RED] })).toHaveProperty(nombre);
  expect(entornoPara({})).not.toHaveProperty(nombre);
});

test('Temporal gets neither a key, a token, a proxy nor an address of ours', () => {
  Object.assign(process.env, Object.fromEntries(PROXIES.map((nombre) => [nombre, 'secreta'])));
  const plan: Plan = {
    ...{ host: '127.0.0.1', dataDir: '/datos', namespace: 'default', startsTemporal: true },
    ...{ startsSimulator: true, startsIssuer: true, trustAnchors: '/ca.pem', witnessFile: '/testigo' },
    ...{ codecUrl: 'http://127.0.0.1:1', uiUrl: 'http://127.0.0.1:3' },
    ports: { api: 1, codec: 1, temporal: 2, temporalUi: 3, simulator: 4, issuer: 5 },
    ...{ temporalAddress: '127.0.0.1:2', adapterUrl: 'http://127.0.0.1:4', issuerUrl: 'http://127.0.0.1:5' },
  };

  const [temporal, emisor, simulador] = standIns(plan, '/bin/temporal');

  expect(temporal?.env).toEqual({ PATH: '/bin', HOME: '/root', LC_ALL: 'C' });
  for (const hijo of [emisor, simulador]) {
    const secretas = Object.entries(hijo?.env ?? {}).filter(([nombre, valor]) => {
      return valor === 'secreta' && !/proxy$/i.test(nombre);
    });
    expect(secretas).toEqual([]);
  }
});

test('the service gets what it and its libraries read, and nothing else', () => {
  expect(entornoPara(SERVICE_NEEDS)).toMatchObject({
    ...{ CLAVES_CIFRADO: 'secreta', DATABASE_URL: 'secreta', BITACORA_CLAVE_FIRMA: 'secreta', PORT: '1' },
    ...{ TEMPORAL_API_KEY: 'secreta', PGPASSWORD: 'secreta' },
  });
  expect(entornoPara(SERVICE_NEEDS)).not.toHaveProperty('AWS_SECRET_ACCESS_KEY');
});

import { PARA_SALIR_A_LA_RED, entornoPara } from '../../shared/runtime/config.ts';
import { SERVICE_NEEDS } from '../../scripts/start/plan.ts';

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
    secciones: ['simulador'],
    otras: [PARA_SALIR_A_LA_RED],
    cambios: { DATA_DIR: '/datos' },
  });

  expect(Object.keys(entorno).sort()).toEqual(
    ['PATH', 'HOME', 'LC_ALL', 'SIMULADOR_PORT', 'http_proxy', 'HTTPS_PROXY', 'DATA_DIR'].sort(),
  );
});

test('the service gets what it and its libraries read, and nothing else', () => {
  expect(entornoPara(SERVICE_NEEDS)).toMatchObject({
    ...{ CLAVES_CIFRADO: 'secreta', DATABASE_URL: 'secreta', BITACORA_CLAVE_FIRMA: 'secreta', PORT: '1' },
    ...{ TEMPORAL_API_KEY: 'secreta', PGPASSWORD: 'secreta' },
  });
  expect(entornoPara(SERVICE_NEEDS)).not.toHaveProperty('AWS_SECRET_ACCESS_KEY');
});

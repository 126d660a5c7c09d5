/** Each process tells all that is wrong with its configuration at its first start, and has made nothing by then. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readStartConfig } from '../../../scripts/start/plan.ts';
import { ConfiguracionInvalida } from '../../../shared/runtime/config.ts';
import { runProgram } from '../../support/procesos/run-program.ts';
import { temporaryFolder } from '../../support/procesos/temporary-folder.ts';

/** One fault of each kind: a form, a file, a key, something that is missing, and none that hides another. */
const FAULTS = {
  ...{ DATABASE_URL: 'hola', PORT: 'abc', LIMITE_OFICINA_POR_MINUTO: '-1', LOG_LEVEL: 'loud' },
  ...{
    CLAVES_CIFRADO: 'hola',
    BITACORA_CLAVES_ANTERIORES: 'x',
    DOCUMENTOS_ADMITIDOS: 'x',
    TRUST_PROXY: 'yes',
  },
  ...{ PERFIL_CERTIFICADOS: '/no/profile.json', PKI_TRUST_ANCHORS: '/no/anchors.pem', PKI_TIMEOUT_MS: '0' },
};

const OF_ALL = ['LOG_LEVEL', 'DATABASE_URL', 'CLAVES_CIFRADO', 'CLAVE_HUELLA'];
const OF_API = [
  'PORT',
  'LIMITE_OFICINA_POR_MINUTO',
  'DOCUMENTOS_ADMITIDOS',
  'PKI_TRUST_ANCHORS',
  'TRUST_PROXY',
];
const OF_WORKER = [
  ...['PKI_TIMEOUT_MS', 'BITACORA_CLAVE_FIRMA', 'BITACORA_CLAVES_ANTERIORES', 'PKI_TRUST_ANCHORS'],
  'PERFIL_CERTIFICADOS',
];

const named = (words: string) =>
  [...new Set([...words.matchAll(/- ([A-Z_]+):/g)].map(([, name = '']) => name))].sort();

let before: NodeJS.ProcessEnv;
beforeEach(() => {
  before = process.env;
});
afterEach(() => {
  process.env = before;
});

function faultsOf(environment: Record<string, string>): readonly string[] {
  process.env = { PATH: before.PATH, ...environment };
  try {
    readStartConfig();
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfiguracionInvalida);
    return (error as ConfiguracionInvalida).faltas;
  }
}

it.each([
  ['servicio/api.ts', [...OF_ALL, ...OF_API, 'OIDC_ISSUER']],
  ['servicio/worker.ts', [...OF_ALL, ...OF_WORKER, 'PKI_ADAPTER_URL']],
])('%s tells all faults of its variables at once', async (file, expected) => {
  const DATA_DIR = join(temporaryFolder(), 'data');

  const run = await runProgram(process.execPath, [file], process.cwd(), {
    ...{ PATH: process.env.PATH, DATA_DIR },
    ...FAULTS,
  });

  expect(run.code).toBe(1);
  expect(named(run.output)).toEqual([...new Set(expected)].sort());
  expect(existsSync(DATA_DIR)).toBe(false);
});

it('a process tells of a database that cannot be reached in words, without a stack', async () => {
  const key = (byte: number) => Buffer.alloc(32, byte).toString('base64');

  const run = await runProgram(process.execPath, ['servicio/api.ts'], process.cwd(), {
    ...{ PATH: process.env.PATH, OIDC_ISSUER: 'http://issuer.example' },
    ...{ CLAVES_CIFRADO: `k1:${key(1)}`, CLAVE_HUELLA: key(2), DATABASE_URL: 'postgres://127.0.0.1:1/base' },
  });

  expect(run.code).toBe(1);
  expect(JSON.parse(run.output)).toMatchObject({
    msg: expect.stringContaining('DATABASE_URL: PostgreSQL at 127.0.0.1:1/base') as string,
  });
  expect(run.output).not.toContain('stack');
});

it('npm start on one machine tells all faults at once, and leaves its folder empty', () => {
  const DATA_DIR = join(temporaryFolder(), 'data');
  const more = { SIMULADOR_LATENCIA_MS: 'x', TEMPORAL_PORT: 'y', OIDC_PORT: 'z', HOST: 'a b' };

  const faults = faultsOf({ ...FAULTS, ...more, DATA_DIR, PKI_ADAPTER_URL: 'http://adapter.example' });

  expect(named(faults.map((fault) => `- ${fault}`).join('\n'))).toEqual(
    [...new Set([...OF_ALL, ...OF_API, ...OF_WORKER, ...Object.keys(more)])].sort(),
  );
  expect(readdirSync(DATA_DIR)).toEqual([]);
});

it('npm start in production names all that it must be given', () => {
  const faults = faultsOf({ NODE_ENV: 'production', DATA_DIR: join(temporaryFolder(), 'data') });

  expect(faults.map((fault) => fault.replace(/:.*/, '')).sort()).toEqual([
    'BITACORA_CLAVE_FIRMA',
    'CLAVES_CIFRADO',
    'CLAVE_HUELLA',
    'OIDC_ISSUER',
    'PKI_ADAPTER_IDEMPOTENTE',
    'PKI_ADAPTER_URL',
  ]);
});

it('a start that is given nothing has no fault, though nothing of its simulator is there yet', () => {
  const DATA_DIR = join(temporaryFolder(), 'data');

  expect(faultsOf({ DATA_DIR })).toEqual([]);
  expect(readdirSync(DATA_DIR)).toEqual([]);
});

it('npm start tells of a DATA_DIR that it cannot have together with the rest', () => {
  expect(faultsOf({ DATA_DIR: '/tmp', PORT: 'x' })).toEqual([
    expect.stringContaining('PORT: '),
    expect.stringContaining("DATA_DIR: /tmp cannot be this service's"),
  ]);
});

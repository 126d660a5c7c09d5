import { COMUN } from '../../../shared/runtime/secciones.ts';
import { conNombres, SECCIONES } from '../../support/secciones.ts';
import { ConfiguracionInvalida, leerConfiguracion, reunirFaltas } from '../../../shared/runtime/config.ts';

const REQUERIDAS = {
  OIDC_ISSUER: 'http://issuer.example',
  PKI_ADAPTER_URL: 'http://adapter.example',
  PKI_TRUST_ANCHORS: 'anchors.pem',
};

const faltasDe = (leer: () => unknown): readonly string[] => {
  try {
    leer();
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfiguracionInvalida);
    return (error as ConfiguracionInvalida).faltas;
  }
};

const leerTodas = (entorno: Record<string, string>) => leerConfiguracion(conNombres(SECCIONES), entorno);

it('the configuration tells every fault of every section at once, in words', () => {
  const entorno = {
    ...{ NODE_ENV: 'prod', LOG_LEVEL: 'loud', PORT: 'abc', LIMITE_OFICINA_POR_MINUTO: '-1' },
    ...{ RETENCION_DIAS: 'x', SIMULADOR_IDEMPOTENTE: 'si', OIDC_ISSUER: 'issuer', WORKER_VERSION: 'a b' },
  };

  expect([...faltasDe(() => leerTodas(entorno))].sort()).toEqual(
    [
      'NODE_ENV: must be production, development or test; received "prod"',
      'LOG_LEVEL: must be fatal, error, warn, info, debug, trace or silent; received "loud"',
      'PORT: must be a whole number from 0 to 65535; received "abc"',
      'LIMITE_OFICINA_POR_MINUTO: must be a whole number of 1 or more; received "-1"',
      'RETENCION_DIAS: must be a number of 0 or more; received "x"',
      'SIMULADOR_IDEMPOTENTE: must be true or false; received "si"',
      'OIDC_ISSUER: must be an address: http://host:port or https://host',
      'WORKER_VERSION: must be 1 to 64 letters, digits or . _ + -',
      'PKI_ADAPTER_URL: is missing',
      'PKI_TRUST_ANCHORS: is missing',
    ].sort(),
  );
});

it('the configuration asks in production whether the adapter repeats its answers, whatever else is wrong', () => {
  const faltas = faltasDe(() =>
    leerTodas({ ...REQUERIDAS, NODE_ENV: 'production', DATABASE_URL: 'x', PORT: 'x' }),
  );

  expect(faltas.map((falta) => falta.replace(/:.*/, '')).sort()).toEqual([
    'DATABASE_URL',
    'PKI_ADAPTER_IDEMPOTENTE',
    'PORT',
  ]);
});

it.each([
  ['PORT', ['0', '65535', ' 8080 '], ['65536', '-1', '1.5', 'NaN', 'Infinity', ' ']],
  ['CONEXIONES_MAX', ['1', '1e3'], ['0', '1e99', '1,5']],
  ['RETENCION_DIAS', ['0', '0.5'], ['-0.1', 'Infinity']],
  ['CONCILIACION_CADA_MS', ['1000'], ['999']],
])('%s takes numbers within its bounds alone', (nombre, buenos, malos) => {
  for (const valor of buenos)
    expect(
      Object.values(leerTodas({ ...REQUERIDAS, [nombre]: valor })).flatMap((seccion) =>
        Object.entries(seccion as object),
      ),
    ).toContainEqual([nombre, Number(valor)]);
  for (const valor of malos)
    expect(faltasDe(() => leerTodas({ ...REQUERIDAS, [nombre]: valor }))).toEqual([
      expect.stringContaining(`; received "${valor}"`),
    ]);
});

it.each([
  'postgres://user:p%40ss@host:5432/base',
  'postgresql://host/base?sslmode=require',
  'postgres://host',
  'postgres:///base',
  'postgres://user@/base?host=/var/run/postgresql',
  'postgres://[::1]:5432/base',
  'socket:/var/run/postgresql?db=base',
  '/var/run/postgresql base',
])('a DATABASE_URL that the driver reads is taken: %s', (DATABASE_URL) => {
  expect(leerConfiguracion({ comun: COMUN }, { DATABASE_URL }).comun.DATABASE_URL).toBe(DATABASE_URL);
});

it.each([
  'hola',
  'mysql://host/base',
  'http://host/base',
  'host:5432/base',
  'postgres:base',
  'postgres://user:secreto#1@host/base',
  'postgres://user:secreto@host:puerto/base',
  'postgres://user:secreto/1@host/base',
])('a DATABASE_URL of another form is refused without its value: %s', (DATABASE_URL) => {
  const faltas = faltasDe(() => leerConfiguracion({ comun: COMUN }, { DATABASE_URL }));

  expect(faltas).toEqual([expect.stringMatching(/^DATABASE_URL: must be postgres:\/\/user:password@host/)]);
  expect(faltas.join()).not.toContain('secreto');
});

describe('faults that are told together', () => {
  const mala = (falta: string) => () => {
    throw new ConfiguracionInvalida([falta]);
  };

  it('are those of all readers, each once', () => {
    const leer = () => reunirFaltas({ a: mala('A: x'), b: () => 1, c: mala('C: x'), d: mala('A: x') });

    expect(faltasDe(leer)).toEqual(['A: x', 'C: x']);
  });

  it('are nothing but faults of configuration', () => {
    const otro = () => {
      throw new TypeError('a mistake of ours');
    };

    expect(() => reunirFaltas({ a: mala('A: x'), b: otro })).toThrow(TypeError);
  });

  it('leave what was read where there are none', () => {
    expect(reunirFaltas({ a: () => 1, b: () => 'dos' })).toEqual({ a: 1, b: 'dos' });
  });
});

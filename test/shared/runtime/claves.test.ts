/** The keys of a process: given, made, refused, never replaced. Long by its table of bad ones. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { abrirClaves, revisarClaves } from '../../../shared/runtime/claves/claves.ts';
import { ConfiguracionInvalida } from '../../../shared/runtime/config.ts';

const CLAVE = Buffer.alloc(32, 5).toString('base64');
const OTRA = Buffer.alloc(32, 6).toString('base64');
const CLAVES_CIFRADO = `k1:${OTRA}`;
const MODULO = new URL('../../../shared/runtime/claves/claves.ts', import.meta.url).href;

describe('the keys', () => {
  let DATA_DIR: string;
  beforeEach(() => {
    DATA_DIR = join(mkdtempSync(join(tmpdir(), 'claves-')), 'datos');
  });
  afterEach(() => {
    rmSync(join(DATA_DIR, '..'), { recursive: true, force: true });
  });

  it('are those of the environment, and no file is made', () => {
    const claves = abrirClaves({
      NODE_ENV: 'production',
      DATA_DIR,
      CLAVES_CIFRADO,
      CLAVE_HUELLA: CLAVE,
    });

    expect(claves.cifrado.claveActiva).toBe('k1');
    expect(existsSync(DATA_DIR)).toBe(false);
  });

  it.each([
    ['both', {}, ['CLAVES_CIFRADO', 'CLAVE_HUELLA']],
    ['those of encryption', { CLAVE_HUELLA: CLAVE }, ['CLAVES_CIFRADO']],
    ['that of the hashes', { CLAVES_CIFRADO }, ['CLAVE_HUELLA']],
  ])('are demanded in production where %s are missing', (_, dadas, faltan) => {
    const abrir = () => abrirClaves({ NODE_ENV: 'production', DATA_DIR, ...dadas });

    expect(abrir).toThrow(ConfiguracionInvalida);
    expect(lineasDe(abrir)).toEqual(faltan);
    expect(existsSync(DATA_DIR)).toBe(false);
  });

  it.each([
    ['both', {}, ['CLAVES_CIFRADO', 'CLAVE_HUELLA']],
    ['those of encryption', { CLAVE_HUELLA: CLAVE }, ['CLAVES_CIFRADO']],
    ['that of the hashes', { CLAVES_CIFRADO }, ['CLAVE_HUELLA']],
  ])('are never made beside a DATABASE_URL, in development neither: %s', (_, dadas, faltan) => {
    const DATABASE_URL = 'postgres://registro@db:5432/registro';
    const abrir = () => abrirClaves({ NODE_ENV: 'development', DATA_DIR, DATABASE_URL, ...dadas });

    expect(abrir).toThrow(/openssl rand -base64 32/);
    expect(lineasDe(abrir)).toEqual(faltan);
    expect(existsSync(DATA_DIR)).toBe(false);
  });

  it('are not made again for a register whose file of keys is gone', () => {
    mkdirSync(join(DATA_DIR, 'registro'), { recursive: true });
    writeFileSync(join(DATA_DIR, 'registro', 'PG_VERSION'), '17');

    expect(() => abrirClaves({ NODE_ENV: 'development', DATA_DIR })).toThrow(
      /CLAVES_CIFRADO, CLAVE_HUELLA: .*claves\.json is missing/,
    );
    expect(readdirSync(DATA_DIR)).toEqual(['registro']);
  });

  describe('of either variable', () => {
    const CEROS = Buffer.alloc(32).toString('base64');
    const CORTA = Buffer.alloc(31, 5).toString('base64');
    const IMPRESAS = ['a', 'b'].map((letra) =>
      Buffer.from(`solo-para-desarrollo-${letra}-32-octeto`).toString('base64'),
    );
    const MALAS: [string, Partial<Record<'CLAVES_CIFRADO' | 'CLAVE_HUELLA', string>>, string[]][] = [
      ['a word', { CLAVE_HUELLA: 'FALTA' }, ['CLAVE_HUELLA']],
      ['a word', { CLAVES_CIFRADO: 'FALTA' }, ['CLAVES_CIFRADO']],
      ['a word under an id', { CLAVES_CIFRADO: 'k1:FALTA' }, ['CLAVES_CIFRADO']],
      ['both of them a word', { CLAVE_HUELLA: 'x', CLAVES_CIFRADO: 'x' }, ['CLAVES_CIFRADO', 'CLAVE_HUELLA']],
      ['31 bytes', { CLAVE_HUELLA: CORTA }, ['CLAVE_HUELLA']],
      ['31 bytes', { CLAVES_CIFRADO: `k1:${CORTA}` }, ['CLAVES_CIFRADO']],
      ['no padding', { CLAVE_HUELLA: CLAVE.slice(0, -1) }, ['CLAVE_HUELLA']],
      ['bits behind the last byte', { CLAVE_HUELLA: `${CLAVE.slice(0, -2)}V=` }, ['CLAVE_HUELLA']],
      ...[' ', '\t', '\n', '\r\n', '\u00a0'].flatMap((blanco): typeof MALAS => [
        [`${JSON.stringify(blanco)} behind it`, { CLAVE_HUELLA: `${CLAVE}${blanco}` }, ['CLAVE_HUELLA']],
        [
          `${JSON.stringify(blanco)} inside`,
          { CLAVE_HUELLA: `${CLAVE.slice(0, 9)}${blanco}${CLAVE.slice(9)}` },
          ['CLAVE_HUELLA'],
        ],
        [
          `${JSON.stringify(blanco)} inside`,
          { CLAVES_CIFRADO: `k1:${OTRA.slice(0, 9)}${blanco}${OTRA.slice(9)}` },
          ['CLAVES_CIFRADO'],
        ],
      ]),
      ['a line break behind it', { CLAVES_CIFRADO: `${CLAVES_CIFRADO}\n` }, ['CLAVES_CIFRADO']],
      ['zeros', { CLAVE_HUELLA: CEROS }, ['CLAVE_HUELLA']],
      ['zeros', { CLAVES_CIFRADO: `k1:${CEROS}` }, ['CLAVES_CIFRADO']],
      ['zeros further behind', { CLAVES_CIFRADO: `k1:${OTRA},k2:${CEROS}` }, ['CLAVES_CIFRADO']],
      ['the other’s key', { CLAVES_CIFRADO: `k1:${CLAVE}` }, ['CLAVES_CIFRADO']],
      ['the other’s key, not the first', { CLAVES_CIFRADO: `k1:${OTRA},k2:${CLAVE}` }, ['CLAVES_CIFRADO']],
      ['one key under two ids', { CLAVES_CIFRADO: `k1:${OTRA},k2:${OTRA}` }, ['CLAVES_CIFRADO']],
      ['an id twice', { CLAVES_CIFRADO: `k1:${OTRA},k1:${CEROS}` }, ['CLAVES_CIFRADO']],
      ...IMPRESAS.flatMap((impresa): typeof MALAS => [
        ['a key that was printed', { CLAVE_HUELLA: impresa }, ['CLAVE_HUELLA']],
        ['a key that was printed', { CLAVES_CIFRADO: `propia:${impresa}` }, ['CLAVES_CIFRADO']],
        ['a key that was printed', { CLAVES_CIFRADO: `k1:${OTRA},k2:${impresa}` }, ['CLAVES_CIFRADO']],
      ]),
    ];

    it.each(MALAS)('are refused with %s, by name and without their value: %j', (_, dadas, nombres) => {
      for (const NODE_ENV of ['production', 'development', 'test']) {
        const origen = { NODE_ENV, DATA_DIR, CLAVES_CIFRADO, CLAVE_HUELLA: CLAVE, ...dadas };
        const dicho = faltaDe(() => abrirClaves(origen));

        expect([...new Set([...dicho.matchAll(/^ {2}- (\w+):/gm)].map(([, nombre]) => nombre))]).toEqual(
          nombres,
        );
        for (const valor of Object.values(dadas).filter(({ length }) => length > 9))
          expect(dicho).not.toContain(valor.slice(-20, -5));
      }
    });
  });

  it('are demanded in development where only one of two is given', () => {
    const abrir = () => abrirClaves({ NODE_ENV: 'development', DATA_DIR, CLAVES_CIFRADO });

    expect(lineasDe(abrir)).toEqual(['CLAVE_HUELLA']);
    expect(abrir).toThrow(/openssl rand/);
  });

  it.each([
    ['CLAVE_HUELLA', { CLAVES_CIFRADO }],
    ['CLAVES_CIFRADO', { CLAVE_HUELLA: CLAVE }],
  ])(
    'are given both or none beside a file that holds the pair, and no other %s is to be made',
    (falta, dadas) => {
      abrirClaves({ NODE_ENV: 'development', DATA_DIR });

      const dicho = faltaDe(() => abrirClaves({ NODE_ENV: 'development', DATA_DIR, ...dadas }));

      expect(dicho).toContain(
        `${falta}: is missing, and ${join(DATA_DIR, 'claves.json')} holds the pair: give both`,
      );
      expect(dicho).not.toContain('openssl');
    },
  );

  it('are given both beside a register whose file of keys is gone', () => {
    mkdirSync(join(DATA_DIR, 'registro'), { recursive: true });
    writeFileSync(join(DATA_DIR, 'registro', 'PG_VERSION'), '17');

    const dicho = faltaDe(() => abrirClaves({ NODE_ENV: 'development', DATA_DIR, CLAVES_CIFRADO }));

    expect(dicho).toContain('CLAVE_HUELLA: is missing, and the register in DATA_DIR was written under one');
    expect(dicho).not.toContain('openssl');
  });

  it('are told to be wrong and to be missing at once', () => {
    const dicho = faltaDe(() => abrirClaves({ NODE_ENV: 'production', DATA_DIR, CLAVES_CIFRADO: 'hola' }));

    expect([...dicho.matchAll(/^ {2}- (\w+):/gm)].map(([, nombre]) => nombre)).toEqual([
      'CLAVES_CIFRADO',
      'CLAVE_HUELLA',
    ]);
  });

  it('are looked at without being made', () => {
    revisarClaves({ DATA_DIR });

    expect(existsSync(DATA_DIR)).toBe(false);
    expect(() => {
      revisarClaves({ DATA_DIR, NODE_ENV: 'production' });
    }).toThrow('CLAVES_CIFRADO: is missing');
  });

  it('are made at the first start of development, for the owner’s eyes, and found at the next', () => {
    const origen = { NODE_ENV: 'development', DATA_DIR };

    const primeras = abrirClaves(origen);
    const segundas = abrirClaves(origen);

    const cifrado = primeras.cifrado.cifrar(Buffer.from('María'), 'x');
    expect(segundas.cifrado.descifrar(cifrado, 'x').toString()).toBe('María');
    expect(segundas.huella('a', 'b')).toBe(primeras.huella('a', 'b'));
    expect(readdirSync(DATA_DIR)).toEqual(['claves.json']);
    expect(statSync(join(DATA_DIR, 'claves.json')).mode & 0o777).toBe(0o600);
  });

  it('are others in another folder', () => {
    const unas = abrirClaves({ NODE_ENV: 'development', DATA_DIR });
    const otras = abrirClaves({ NODE_ENV: 'development', DATA_DIR: join(DATA_DIR, 'otra') });

    expect(otras.huella('a', 'b')).not.toBe(unas.huella('a', 'b'));
  });

  it('are one pair for first starts at the same moment, under one process id (as in two containers)', async () => {
    const inicios = 8;
    const arranque = new Int32Array(new SharedArrayBuffer(4));
    const hilo = `
      import { parentPort, workerData } from 'node:worker_threads';
      const { abrirClaves } = await import(workerData.modulo);
      parentPort.postMessage('listo');
      Atomics.wait(workerData.arranque, 0, 0);
      const { huella } = abrirClaves({ NODE_ENV: 'development', DATA_DIR: workerData.carpeta });
      parentPort.postMessage(huella('a', 'b'));`;
    const hilos = Array.from({ length: inicios }, () => {
      const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(hilo)}`), {
        workerData: { modulo: MODULO, arranque, carpeta: DATA_DIR },
      });
      const dicho: string[] = [];
      worker.on('message', (palabra: string) => dicho.push(palabra));
      return {
        listo: new Promise<void>((resolve, reject) => {
          worker.once('message', () => {
            resolve();
          });
          worker.once('error', reject);
        }),
        huella: new Promise<string | undefined>((resolve, reject) => {
          worker.once('exit', () => {
            resolve(dicho[1]);
          });
          worker.once('error', reject);
        }),
      };
    });
    await Promise.all(hilos.map(({ listo }) => listo));

    Atomics.store(arranque, 0, 1);
    Atomics.notify(arranque, 0);

    const huellas = await Promise.all(hilos.map(({ huella }) => huella));
    const esperada = abrirClaves({ NODE_ENV: 'development', DATA_DIR }).huella('a', 'b');
    expect(huellas).toEqual(Array(inicios).fill(esperada));
    expect(readdirSync(DATA_DIR)).toEqual(['claves.json']);
  });

  it('are never replaced where their file cannot be understood', () => {
    const archivo = join(DATA_DIR, 'claves.json');
    abrirClaves({ NODE_ENV: 'development', DATA_DIR });
    writeFileSync(archivo, '{"CLAVES_CIFRADO": ');

    expect(() => abrirClaves({ NODE_ENV: 'development', DATA_DIR })).toThrow(ConfiguracionInvalida);
    expect(readFileSync(archivo, 'utf8')).toBe('{"CLAVES_CIFRADO": ');
    expect(readdirSync(DATA_DIR)).toEqual(['claves.json']);
  });
});

/** The variables that the refusal names. */
function lineasDe(abrir: () => unknown): string[] {
  return [...faltaDe(abrir).matchAll(/^ {2}- (\w+): is missing/gm)].map(([, nombre]) => nombre ?? '');
}

function faltaDe(abrir: () => unknown): string {
  try {
    abrir();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfiguracionInvalida);
    return String(error);
  }
  return '';
}

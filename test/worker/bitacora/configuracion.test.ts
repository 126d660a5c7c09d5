import { BITACORA } from '../../../shared/bitacora/configuracion.ts';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generarClaveDeFirma, leerClaveDeFirma } from '../../../shared/bitacora/punto-de-control/nota.ts';
import { ConfiguracionInvalida, leerConfiguracion } from '../../../shared/runtime/config.ts';
import { leerConfiguracionDeBitacora, revisarBitacora } from '../../../worker/bitacora/configuracion.ts';

describe('the key of the audit log', () => {
  let DATA_DIR: string;
  beforeEach(() => {
    DATA_DIR = mkdtempSync(join(tmpdir(), 'firma-'));
  });
  afterEach(() => {
    rmSync(DATA_DIR, { recursive: true });
  });

  const leer = (dadas: Record<string, string> = {}) =>
    leerConfiguracionDeBitacora(leerConfiguracion({ bitacora: BITACORA }, { DATA_DIR, ...dadas }).bitacora);
  const faltas = (dadas: Record<string, string>): readonly string[] => {
    try {
      leer(dadas);
      return [];
    } catch (error) {
      expect(error).toBeInstanceOf(ConfiguracionInvalida);
      return (error as ConfiguracionInvalida).faltas;
    }
  };
  const poner = (...nombres: string[]) => {
    for (const nombre of nombres) {
      mkdirSync(join(DATA_DIR, nombre, '..'), { recursive: true });
      writeFileSync(join(DATA_DIR, nombre), '');
    }
  };

  it('is made at the first start of development, and found at the next', () => {
    const primera = leer();

    expect(leer().clavesPublicas).toEqual(primera.clavesPublicas);
    expect(readdirSync(DATA_DIR)).toEqual(['bitacora']);
  });

  it('is not made again for a register whose key is gone, and says where it is to come from', () => {
    poner('registro/PG_VERSION', 'bitacora/testigo.txt');

    expect(() => leer()).toThrow(ConfiguracionInvalida);
    expect(() => leer()).toThrow(
      /BITACORA_CLAVE_FIRMA: .*bitacora\/clave-de-firma is missing.*from a copy of DATA_DIR/,
    );
    expect(readdirSync(join(DATA_DIR, 'bitacora'))).toEqual(['testigo.txt']);
  });

  it('is taken from the environment where the file is gone', () => {
    poner('registro/PG_VERSION');
    const BITACORA_CLAVE_FIRMA = generarClaveDeFirma('localhost/bitacora');

    expect(leer({ BITACORA_CLAVE_FIRMA }).clavesPublicas).toEqual([
      leerClaveDeFirma(BITACORA_CLAVE_FIRMA).clavePublica,
    ]);
    expect(existsSync(join(DATA_DIR, 'bitacora'))).toBe(false);
  });

  it('is told to be wrong together with the others', () => {
    const malas = {
      ...{ BITACORA_CLAVE_FIRMA: 'x', BITACORA_CLAVES_ANTERIORES: 'y', BITACORA_TESTIGO_CLAVE: 'z' },
    };

    expect(faltas(malas).map((falta) => falta.replace(/:.*/, ''))).toEqual([
      'BITACORA_CLAVE_FIRMA',
      'BITACORA_CLAVES_ANTERIORES',
      'BITACORA_TESTIGO_CLAVE',
    ]);
  });

  it('is looked at without being made', () => {
    revisarBitacora({ DATA_DIR });

    expect(readdirSync(DATA_DIR)).toEqual([]);
    expect(() => {
      revisarBitacora({ DATA_DIR, NODE_ENV: 'production' });
    }).toThrow('BITACORA_CLAVE_FIRMA: is missing');
  });
});

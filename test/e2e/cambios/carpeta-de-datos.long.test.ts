/** `npm start` on a DATA_DIR of which a part was deleted or replaced: refused by name, and mended by putting it back. */
import { once } from 'node:events';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';
import { generarClaveDeFirma } from '../../../shared/bitacora/punto-de-control/nota.ts';
import { runProgram } from '../../support/procesos/run-program.ts';
import { temporaryFolder } from '../../support/procesos/temporary-folder.ts';
import { startProcess } from '../../support/procesos/test-process.ts';

jest.setTimeout(600_000);

const PUERTOS = ['PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT', 'SIMULADOR_PORT', 'OIDC_PORT'];
const carpeta = join(temporaryFolder(), 'datos');
const copia = `${carpeta}-copia`;
const entorno = {
  ...process.env,
  npm_lifecycle_event: undefined,
  DATA_DIR: carpeta,
  ...Object.fromEntries(PUERTOS.map((nombre) => [nombre, '0'])),
};

/** Until it is ready, then stopped; or until it ends by itself. @returns all that it said */
async function arrancar(): Promise<string> {
  const proceso = startProcess(process.execPath, ['scripts/start.mjs'], { env: entorno });
  let dicho = '';
  for (const salida of [proceso.stdout, proceso.stderr])
    salida?.on('data', (texto: Buffer) => {
      dicho += texto.toString();
      if (dicho.includes('curl ')) proceso.kill('SIGTERM');
    });
  await once(proceso, 'close');
  return dicho;
}

beforeAll(async () => {
  expect(await arrancar()).toContain('curl ');
  cpSync(carpeta, copia, { recursive: true });
});
afterEach(() => {
  rmSync(carpeta, { recursive: true });
  cpSync(copia, carpeta, { recursive: true });
});

const claves = () =>
  JSON.stringify({
    CLAVES_CIFRADO: `desarrollo-1:${randomBytes(32).toString('base64')}`,
    CLAVE_HUELLA: randomBytes(32).toString('base64'),
  });

it.each<[string, () => void, RegExp]>([
  [
    'claves.json is gone',
    () => {
      rmSync(join(carpeta, 'claves.json'));
    },
    /claves\.json is missing/,
  ],
  [
    'claves.json is another one',
    () => {
      writeFileSync(join(carpeta, 'claves.json'), claves());
    },
    /CLAVE_HUELLA: is not the key of this register/,
  ],
  [
    'the key of the audit log is another one',
    () => {
      writeFileSync(join(carpeta, 'bitacora/clave-de-firma'), generarClaveDeFirma('localhost/bitacora'));
    },
    /BITACORA_CLAVE_FIRMA: is not the key/,
  ],
  [
    'the key of the audit log is gone',
    () => {
      rmSync(join(carpeta, 'bitacora/clave-de-firma'));
    },
    /BITACORA_CLAVE_FIRMA: .*clave-de-firma is missing/,
  ],
])('npm start refuses to start where %s', async (_, estropear, dicho) => {
  estropear();

  const salida = await arrancar();

  expect(salida).toMatch(dicho);
  expect(salida).not.toContain('curl ');
});

it('npm start refuses to start where Temporal’s data are gone, until an operator moves it', async () => {
  rmSync(join(carpeta, 'temporal'), { recursive: true });

  expect(await arrancar()).toMatch(/TEMPORAL_ADDRESS: .*npm run mudar-temporal/);
  const { code, output } = await runProgram(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', 'scripts/mudar-temporal.ts', '--motivo', 'Disco nuevo'],
    process.cwd(),
    entorno,
  );
  expect([code, output]).toEqual([0, expect.stringContaining('el Temporal que vea el próximo arranque')]);
  expect(await arrancar()).toContain('curl ');
});

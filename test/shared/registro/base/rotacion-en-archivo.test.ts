/** A rotation where the keys lie in DATA_DIR, by the steps of docs/operacion.md, «Claves». */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { abrirRegistro, DOMINIOS } from '../../../../shared/registro/dominios.ts';
import { exigirClavesDelRegistro } from '../../../../shared/registro/base/claves-del-registro.ts';
import { createRegistroDeClaves } from '../../../../shared/registro/base/registro-de-claves.ts';
import { createRegistro } from '../../../../shared/registro/emision/registro.ts';
import { abrirClaves } from '../../../../shared/runtime/claves/claves.ts';
import { createFakeMotor } from '../../../support/registro/fake-motor.ts';
import { entradaDePrueba } from '../../../support/registro/registro-de-prueba.ts';
import { GUARDA_CONFIADA } from '../../../support/registro/guarda-confiada.ts';

interface Textos {
  CLAVES_CIFRADO: string;
  CLAVE_HUELLA: string;
}

let DATA_DIR: string;
beforeEach(() => {
  DATA_DIR = mkdtempSync(join(tmpdir(), 'rotacion-'));
});
afterEach(() => {
  rmSync(DATA_DIR, { recursive: true });
});

const archivo = () => join(DATA_DIR, 'claves.json');
const enArchivo = () => JSON.parse(readFileSync(archivo(), 'utf8')) as Textos;

it.each<[string, (textos: Textos) => Partial<Textos>]>([
  [
    'in the file',
    (textos) => {
      writeFileSync(archivo(), JSON.stringify(textos));
      return {};
    },
  ],
  ['by both variables', (textos) => textos],
])('a new key %s encrypts what was there, and the old one may go', async (_, dar) => {
  const nueva = `2027-01:${randomBytes(32).toString('base64')}`;
  const arrancar = async (dadas: Partial<Textos> = {}) => {
    const claves = abrirClaves({ NODE_ENV: 'development', DATA_DIR, ...dadas });
    const db = await abrirRegistro({ DATA_DIR }, exigirClavesDelRegistro(DOMINIOS, { claves }));
    const registro = createRegistro({
      db,
      claves,
      motor: createFakeMotor(),
      guarda: GUARDA_CONFIADA,
      adaptadorIdempotente: true,
    });
    const titular = async () => (await registro.leer('SOL-1'))?.peticion?.solicitud.ciudadano;
    return { claves, db, registro, titular };
  };
  const entrada = entradaDePrueba('SOL-1');
  const primero = await arrancar();
  await primero.registro.registrarSolicitud(entrada, 'R1');
  await primero.db.destroy();
  const { CLAVES_CIFRADO: vieja, CLAVE_HUELLA } = enArchivo();

  const conDos = await arrancar(dar({ CLAVES_CIFRADO: `${nueva},${vieja}`, CLAVE_HUELLA }));
  expect(conDos.claves.cifrado.claveActiva).toBe('2027-01');
  expect(await conDos.titular()).toEqual(entrada.solicitud.ciudadano);
  const { cifrado } = conDos.claves;
  const registro = createRegistroDeClaves(conDos.db, DOMINIOS, cifrado);
  for (const tabla of registro.tablas) await registro.recifrarPagina(tabla, null, 1_000);
  await registro.anotarRecifrado();
  await conDos.db.destroy();

  const conUna = await arrancar(dar({ CLAVES_CIFRADO: nueva, CLAVE_HUELLA }));
  expect(await conUna.titular()).toEqual(entrada.solicitud.ciudadano);
  await conUna.db.destroy();
});

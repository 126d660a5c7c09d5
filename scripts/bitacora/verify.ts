/**
 * Verifies the whole log and prints what it found. With DATABASE_URL it reads the database itself and asks nobody; on
 * PGlite it opens the folder, or, while `npm start` has it, asks that service.
 */
import { BITACORA } from '../../shared/bitacora/configuracion.ts';
import { BASE_DE_DATOS, CLAVES, COMUN } from '../../shared/runtime/secciones.ts';
import { compararDominios } from '../../shared/registro/dominios.ts';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  COLA_BITACORA,
  RESUMEN_VERIFICACION,
  WORKFLOW_VERIFICACION,
  type InformeDeBitacora,
} from '../../shared/bitacora/contrato.ts';
import type { Verificador } from '../../shared/bitacora/punto-de-control/nota.ts';
import { verificarBitacora } from '../../shared/bitacora/verificacion/verificacion.ts';
import { abrirParaLeer } from '../../shared/registro/base/base-de-datos.ts';
import { compararClaves } from '../../shared/registro/base/claves-del-registro.ts';
import { abrirClaves } from '../../shared/runtime/claves/claves.ts';
import { leerConfiguracion } from '../../shared/runtime/config.ts';
import { leerConfiguracionDeBitacora } from '../../worker/bitacora/configuracion.ts';
import { runWorkflow } from '../maintenance/run-workflow.ts';
import { DataDirInUse, lockDataDir } from '../start/data-dir/lock.ts';
import { witnessFileOf } from '../start/data-dir/witness-file.ts';
import { fileIn, publicKeyIn } from './given.ts';
import { reportLines } from './report.ts';

/** @returns whether nothing was found */
export async function verify(args: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args,
    options: { testigo: { type: 'string', multiple: true }, clave: { type: 'string', multiple: true } },
  });
  const notas = await Promise.all((values.testigo ?? []).map((file) => fileIn('--testigo', file)));
  const publicKeys = (values.clave ?? []).map(publicKeyIn);
  const informe = await withDataDir(
    () => verifyHere(notas, publicKeys),
    () => {
      if (values.clave)
        throw new Error('Con --clave se lee la base de datos: detenga el servicio, o indique DATABASE_URL.');
      console.log('El servicio tiene abierta la carpeta de datos: se le pide la verificación.');
      return askService(notas);
    },
  );
  console.log(reportLines(informe).join('\n'));
  return informe.hallados === 0;
}

/** Holds the folder of PGlite while it is read. */
async function withDataDir<R>(free: () => Promise<R>, taken: () => Promise<R>): Promise<R> {
  const { comun, database } = leerConfiguracion({ comun: COMUN, database: BASE_DE_DATOS });
  if (database.DATABASE_URL) return free();
  let unlock: () => void;
  try {
    unlock = await lockDataDir(resolve(comun.DATA_DIR));
  } catch (error) {
    if (error instanceof DataDirInUse) return taken();
    throw error;
  }
  try {
    return await free();
  } finally {
    unlock();
  }
}

async function verifyHere(notas: string[], publicKeys: Verificador[]): Promise<InformeDeBitacora> {
  const configuration = leerConfiguracion({
    comun: COMUN,
    claves: CLAVES,
    database: BASE_DE_DATOS,
    bitacora: BITACORA,
  });
  const { comun, claves, database, bitacora } = configuration;
  const witness = bitacora.BITACORA_TESTIGO_ARCHIVO ?? witnessFileOf(comun.DATA_DIR);
  const own = existsSync(witness) ? await readFile(witness, 'utf8') : null;
  // Whoever has only the public key can verify too; what is encrypted or sealed then stays unread.
  const keys = publicKeys.length > 0 && !claves.CLAVES_CIFRADO ? null : abrirClaves({ ...comun, ...claves });
  if (keys === null)
    console.log(
      'Sin CLAVES_CIFRADO y CLAVE_HUELLA no se leen los sellos, ni los datos personales, ni nada de lo cifrado: lo que sigue vale sólo para lo demás.',
    );
  const db = await abrirParaLeer({ ...comun, ...database });
  try {
    if (keys) await compararClaves(db, keys);
    return await verificarBitacora({
      db,
      verificadores:
        publicKeys.length > 0
          ? publicKeys
          : leerConfiguracionDeBitacora(configuration.bitacora).verificadores,
      claves: keys,
      // An empty file waits for its first checkpoint.
      notasDeTestigos: own ? [...notas, own] : notas,
      deDominios: compararDominios(db, keys),
    });
  } finally {
    await db.destroy();
  }
}

function askService(notas: string[]): Promise<InformeDeBitacora> {
  return runWorkflow<InformeDeBitacora>({
    workflow: WORKFLOW_VERIFICACION,
    queue: COLA_BITACORA,
    summary: RESUMEN_VERIFICACION,
    args: [notas],
  });
}

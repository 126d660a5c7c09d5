/**
 * The workflows in one file, as a worker loads them. Where it was made before, for an image, a worker starts without making
 * it; its name tells what it was made of, so that no other is ever taken for it.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type Logger, type WorkflowBundleOption } from '@temporalio/worker';
import { FAILURE_CONVERTER_PATH } from '../shared/runtime/temporal/codec.ts';

const PROYECTO = fileURLToPath(new URL('..', import.meta.url));
const CARPETA = join(PROYECTO, '.cache');
/** All that may be in it: the workflows, what they import, and the versions of the libraries, where they are told. */
const FUENTES = ['workflows', 'shared', 'package-lock.json'];

/** What is bundled, by its paths: the workflows, what stands before each of them, and how failures are read. */
export const WORKFLOWS = {
  workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)),
  workflowInterceptorModules: [
    fileURLToPath(new URL('../workflows/ejecuciones/interceptores.ts', import.meta.url)),
  ],
  failureConverterPath: FAILURE_CONVERTER_PATH,
};

export async function abrirPaquete(logger: Logger, carpeta = CARPETA): Promise<WorkflowBundleOption> {
  const codePath = archivoDelPaquete(carpeta);
  return existsSync(codePath) ? { codePath } : bundleWorkflowCode({ ...WORKFLOWS, logger });
}

/** @returns its path */
export async function guardarPaquete(logger: Logger, carpeta = CARPETA): Promise<string> {
  const archivo = archivoDelPaquete(carpeta);
  const { code } = await bundleWorkflowCode({ ...WORKFLOWS, logger });
  await mkdir(carpeta, { recursive: true });
  // Whole, or not there.
  const aMedias = `${archivo}.${process.pid}`;
  await writeFile(aMedias, code);
  await rename(aMedias, archivo);
  return archivo;
}

/** @param proyecto its root */
export function archivoDelPaquete(carpeta: string, proyecto = PROYECTO): string {
  const huella = createHash('sha256');
  for (const archivo of FUENTES.flatMap((fuente) => archivosDe(fuente, proyecto)).sort()) {
    huella.update(`${archivo}\0`);
    huella.update(readFileSync(join(proyecto, archivo)));
  }
  return join(carpeta, `workflows-${huella.digest('hex').slice(0, 32)}.js`);
}

function archivosDe(fuente: string, proyecto: string): string[] {
  const ruta = join(proyecto, fuente);
  if (!existsSync(ruta)) return [];
  if (!statSync(ruta).isDirectory()) return [fuente];
  return readdirSync(ruta, { recursive: true, withFileTypes: true })
    .filter((entrada) => entrada.isFile())
    .map((entrada) => relative(proyecto, join(entrada.parentPath, entrada.name)));
}

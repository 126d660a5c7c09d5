/** A copy of the worker whose issuance begins in another way: neither version can replay the other's runs. */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROYECTO = fileURLToPath(new URL('../../../', import.meta.url));
const PARTES = ['workflows', 'activities', 'shared', 'worker', 'servicio', 'package.json'];

/** One timer more, before all else. */
const CAMBIOS = [
  [`import {\n  ActivityCancellationType,`, `import {\n  sleep,\n  ActivityCancellationType,`],
  [`const avance = exponerAvance(entrada);\n`, `const avance = exponerAvance(entrada);\n  await sleep(1);\n`],
] as const;

export interface OtraVersion {
  /** Its program, below the project's folder. */
  archivo: string;
  borrar(): Promise<void>;
}

export async function copiarConOtroWorkflow(): Promise<OtraVersion> {
  const carpeta = await mkdtemp(join(tmpdir(), 'otra-version-'));
  for (const parte of PARTES) await cp(join(PROYECTO, parte), join(carpeta, parte), { recursive: true });
  await symlink(join(PROYECTO, 'node_modules'), join(carpeta, 'node_modules'));
  const workflow = join(carpeta, 'workflows/emision/emitir-certificado-digital.ts');
  let texto = await readFile(workflow, 'utf8');
  for (const [antes, despues] of CAMBIOS) {
    if (!texto.includes(antes)) throw new Error(`the workflow no longer reads: ${antes}`);
    texto = texto.replace(antes, despues);
  }
  await writeFile(workflow, texto);
  return {
    archivo: relative(PROYECTO, join(carpeta, 'servicio/worker.ts')),
    borrar: () => rm(carpeta, { recursive: true, force: true }),
  };
}

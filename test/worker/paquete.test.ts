import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { createDataConverter } from '../../shared/runtime/temporal/codec.ts';
import { abrirPaquete, archivoDelPaquete, guardarPaquete } from '../../worker/paquete.ts';
import { CLAVES_DE_PRUEBA } from '../support/emision/claves-de-prueba.ts';
import { deJson } from '../support/temporal/historia-en-archivo.ts';
import { temporaryFolder } from '../support/procesos/temporary-folder.ts';
import { CALLADO } from '../support/temporal/sdk-callado.ts';

const GRABADA = new URL('../workflows/historias/completada.json', import.meta.url);

it('the workflows are made once: a worker that finds their file loads it, and replays what began before', async () => {
  const carpeta = temporaryFolder();
  const archivo = await guardarPaquete(CALLADO, carpeta);

  const paquete = await abrirPaquete(CALLADO, carpeta);

  expect(paquete).toEqual({ codePath: archivo });
  expect(readdirSync(carpeta)).toHaveLength(1);
  expect(readFileSync(archivo, 'utf8')).toContain('emitirCertificadoDigital');
  const grabada = deJson(readFileSync(GRABADA, 'utf8'));
  const { workflowId } = grabada.events?.[0]?.workflowExecutionStartedEventAttributes ?? {};
  const dataConverter = createDataConverter(CLAVES_DE_PRUEBA.cifrado);
  await expect(
    Worker.runReplayHistory({ workflowBundle: paquete, dataConverter }, grabada, workflowId ?? ''),
  ).resolves.toBeUndefined();
}, 60_000);

it('a worker without such a file makes them', async () => {
  expect(await abrirPaquete(CALLADO, temporaryFolder())).toHaveProperty('code');
}, 60_000);

describe('the name of the file', () => {
  const FUENTES = ['workflows/index.ts', 'shared/emision/fallos.ts', 'package-lock.json'] as const;
  function nombreDe(cambios: Record<string, string> = {}): string {
    const proyecto = temporaryFolder();
    for (const carpeta of ['workflows', 'shared/emision'])
      mkdirSync(join(proyecto, carpeta), { recursive: true });
    for (const [archivo, texto] of Object.entries({
      ...Object.fromEntries(FUENTES.map((uno) => [uno, uno])),
      ...cambios,
    }))
      writeFileSync(join(proyecto, archivo), texto);
    return archivoDelPaquete('carpeta', proyecto);
  }

  it('is the same for the same sources, wherever they stand', () => {
    expect(nombreDe()).toBe(nombreDe());
    expect(nombreDe()).toMatch(/^carpeta.workflows-[0-9a-f]{32}\.js$/);
  });

  it.each([...FUENTES, 'workflows/otro.ts'])('is another where %s is', (archivo) => {
    expect(nombreDe({ [archivo]: 'otro' })).not.toBe(nombreDe());
  });
});

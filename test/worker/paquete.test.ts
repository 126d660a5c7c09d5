import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger, Worker } from '@temporalio/worker';
import { createDataConverter } from '../../shared/runtime/temporal/codec.ts';
import { abrirPaquete, guardarPaquete } from '../../worker/paquete.ts';
import { CLAVES_DE_PRUEBA } from '../support/emision/claves-de-prueba.ts';
import { deJson } from '../support/temporal/historia-en-archivo.ts';
import { temporaryFolder } from '../support/procesos/temporary-folder.ts';

const GRABADA = new URL('../workflows/historias/completada.json', import.meta.url);
const logger = new DefaultLogger('ERROR');

it('the workflows are made once: a worker that finds their file loads it, and replays what began before', async () => {
  const carpeta = temporaryFolder();
  const archivo = await guardarPaquete(logger, carpeta);

  const paquete = await abrirPaquete(logger, carpeta);

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

it('a file that was made of other sources is passed over', async () => {
  const carpeta = temporaryFolder();
  const archivo = await guardarPaquete(logger, join(carpeta, 'otra'));

  expect(archivo).toMatch(/workflows-[0-9a-f]{32}\.js$/);
  expect(await abrirPaquete(logger, carpeta)).toHaveProperty('code');
}, 60_000);

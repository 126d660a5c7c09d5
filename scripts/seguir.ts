/**
 * `npm run seguir -- CORRELATION-ID [LOG...]`: the whole story of a request, by its X-Correlation-ID: what the register has of all
 * that it led to, and what the logs say of it, in the order in which it happened. Without files, the logs of `npm start`; `-` reads
 * them from the standard input. It ends with 1 where something could not be read or nothing is known, with 2 where it was not asked
 * rightly.
 */
import { createReadStream, globSync } from 'node:fs';
import { join } from 'node:path';
import { esUuid } from '../shared/nucleo/uuid.ts';
import { leerConfiguracion } from '../shared/runtime/config.ts';
import { COMUN } from '../shared/runtime/secciones.ts';
import { urlLocal } from '../shared/runtime/url-local.ts';
import { requestDevelopmentToken } from '../simulator/oidc/development-token.ts';
import { API_CLIENT } from './api-client/configuration.ts';
import { readLogLines, type LogLine } from './seguir/log-lines.ts';
import { askRegister, type Answer } from './seguir/register.ts';
import { isOfSomeWork, legible, nothingKnown, storyOf } from './seguir/story.ts';

const USO = 'Uso: npm run seguir -- CORRELATION-ID [ARCHIVO DE LOG | -]...';

async function main(): Promise<void> {
  const [correlationId = '', ...files] = process.argv.slice(2);
  if (!esUuid(correlationId)) throw new Error(`${USO}\n  CORRELATION-ID: debe ser un UUID`);
  const { comun, cliente } = leerConfiguracion({ comun: COMUN, cliente: API_CLIENT });
  const sources = files.length > 0 ? files : globSync(join(comun.DATA_DIR, 'logs', '*.log'));

  let answer: Answer | null = null;
  try {
    const token =
      cliente.EMITIR_TOKEN ??
      (await requestDevelopmentToken(urlLocal(comun.HOST, cliente.OIDC_PORT), 'soporte'));
    answer = await askRegister(cliente.API_URL ?? urlLocal(comun.HOST, cliente.PORT), token, correlationId);
  } catch (error) {
    // The logs are told all the same.
    console.error(`El registro no se pudo leer: ${legible((error as Error).message)}\n`);
    process.exitCode = 1;
  }
  const lines: LogLine[] = [];
  for (const source of sources) {
    try {
      for await (const line of readLogLines(source === '-' ? process.stdin : createReadStream(source)))
        if (isOfSomeWork(line)) lines.push(line);
    } catch (error) {
      // The others are told all the same.
      console.error(`No se pudo leer ${source}: ${legible((error as Error).message)}\n`);
      process.exitCode = 1;
    }
  }
  const story = storyOf(correlationId, answer, lines);
  console.log((story ?? [nothingKnown(correlationId, answer)]).join('\n'));
  if (!story) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

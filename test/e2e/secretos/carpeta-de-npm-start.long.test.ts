/** The folder that npm start keeps, after a citizen went through it. */
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { createBuscador } from './busqueda-de-datos.ts';
import { requestDevelopmentToken } from '../../../simulator/oidc/development-token.ts';
import { runToEnd, startProcess } from '../../support/procesos/test-process.ts';
import { temporaryFolder } from '../../support/procesos/temporary-folder.ts';
import { CABECERAS, CIUDADANO, NOMBRE_DE_CAMPO, buscador, solicitud } from './ciudadano-buscado.ts';

jest.setTimeout(300_000);

test('nothing of the citizen is found in the folder of npm start', async () => {
  const carpeta = temporaryFolder();
  const inicio = startProcess(process.execPath, ['scripts/start.mjs'], {
    env: {
      ...process.env,
      npm_lifecycle_event: undefined,
      DATA_DIR: carpeta,
      LOG_LEVEL: 'trace',
      ...Object.fromEntries(PUERTOS.map((puerto) => [puerto, '0'])),
    },
  });
  const fin = runToEnd(inicio);
  const direcciones = await hastaElAviso(inicio);
  const token = await requestDevelopmentToken(direcciones('Issuer'), 'siirc');
  const cuerpos = [
    solicitud('EN-PGLITE'),
    { ...solicitud('EN-PGLITE'), [NOMBRE_DE_CAMPO]: CIUDADANO.nombres },
  ];
  const codigos = cuerpos.map(async (cuerpo) => {
    const { status } = await fetch(`${direcciones('API')}/obtener-certificado-digital`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Authorization: `Bearer ${token}`,
        'X-Correlation-ID': randomUUID(),
        'X-Request-ID': randomUUID(),
        'X-Office-Code': 'LIMA-CENTRO',
        ...CABECERAS,
      },
      body: JSON.stringify(cuerpo),
    });
    return status;
  });
  expect(await Promise.all(codigos)).toEqual([201, 400]);
  inicio.kill('SIGINT');
  expect((await fin).code).toBe(0);

  const { archivos, hallazgos } = buscador.enCarpeta(carpeta, /^simulador\//);

  expect(hallazgos).toEqual([]);
  expect(archivos).toBeGreaterThan(100);
  const conElCodigo = createBuscador(['EN-PGLITE'])
    .enCarpeta(carpeta)
    .hallazgos.map(({ donde }) => donde);
  expect(conElCodigo).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^registro\//),
      expect.stringMatching(/^temporal\//),
    ]) as unknown,
  );
});

const PUERTOS = ['PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT', 'SIMULADOR_PORT', 'OIDC_PORT'];

/** The addresses that its banner tells, by their names. */
function hastaElAviso(inicio: ChildProcess): Promise<(nombre: string) => string> {
  return new Promise((resolve, reject) => {
    let dicho = '';
    inicio.stdout?.on('data', (texto: Buffer) => {
      dicho += texto.toString();
      if (dicho.includes('Ctrl-C drains'))
        resolve((nombre) => new RegExp(`^ +${nombre} +(\\S+)`, 'm').exec(dicho)?.[1] ?? '');
    });
    inicio.once('exit', () => {
      reject(new Error(`npm start ended:\n${dicho}`));
    });
  });
}

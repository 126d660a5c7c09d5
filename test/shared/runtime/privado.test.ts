/** What a program of ours writes is its user's alone, whatever umask it was started with. */
import { runProgram } from '../../support/procesos/run-program.ts';

const AL_SALIR = `process.on('exit', () => console.log('umask ' + process.umask().toString(8)))`;

it.each([
  'servicio/api.ts',
  'servicio/worker.ts',
  'servicio/servicio-completo.ts',
  'scripts/start/main.ts',
  'simulator/pki/main.ts',
  'simulator/oidc/main.ts',
  'scripts/bitacora.ts',
  'scripts/emitir.ts',
  'scripts/mudar-temporal.ts',
])('%s writes for its user alone from its first step on', async (programa) => {
  const importar = `data:text/javascript,${encodeURIComponent(AL_SALIR)}`;

  // It ends at once: at its configuration, or without its arguments.
  const { output } = await runProgram(
    'sh',
    [
      '-c',
      'umask 022; exec "$0" --disable-warning=ExperimentalWarning --import "$1" "$2"',
      process.execPath,
      importar,
      programa,
    ],
    process.cwd(),
    { PATH: process.env.PATH, LOG_LEVEL: 'none' },
  );

  expect(output).toMatch(/^umask 77$/m);
});

/** samples/clients, each with the client that its generator makes of the published document, compiled and ready to run. */
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runProgram, type Run } from '../support/procesos/run-program.ts';
import { prepareNpmTool, preparePythonTool } from '../support/referees/tools.ts';

const SAMPLES = path.resolve(import.meta.dirname, '../../samples/clients');
const TSC = path.resolve(import.meta.dirname, '../../node_modules/typescript/bin/tsc');

/** Sends the request of the file, as the sample does. @param env `API` and `TOKEN` */
type RunClient = (file: string, env: Record<string, string>) => Promise<Run>;

/** What each sample tells its reader to type. */
const TYPESCRIPT = [
  'openapi-fetch@0.17.0',
  'openapi-typescript@7.13.0',
  'typescript@5.9.3',
  '@types/node@22.18.0',
];
const PYTHON = ['openapi-python-client==0.29.1'];

/** The API is on this machine, and not every client understands every form of NO_PROXY. */
const WITHOUT_PROXY = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name)),
);

export interface Generated {
  /** Of the generator and the compiler; empty where neither complained. */
  complaints: string;
  run: RunClient;
}

/** @param folder an empty one; @param document where the API serves it */
export async function typescriptClient(folder: string, document: string): Promise<Generated> {
  const tools = await prepareNpmTool('openapi-typescript', TYPESCRIPT);
  await mkdir(folder, { recursive: true });
  await cp(path.join(SAMPLES, 'emitir.ts'), path.join(folder, 'emitir.ts'));
  await symlink(path.join(tools, 'node_modules'), path.join(folder, 'node_modules'));
  await writeFile(path.join(folder, 'package.json'), '{ "type": "module" }\n');
  const generator = path.join(tools, 'node_modules/.bin/openapi-typescript');
  const generated = await runProgram(generator, [document, '-o', 'api.ts'], folder);
  const compiled = await runProgram(
    process.execPath,
    [
      TSC,
      ...['--noEmit', '--strict', '--noUncheckedIndexedAccess', '--allowImportingTsExtensions'],
      ...['--module', 'nodenext', '--target', 'es2023', '--types', 'node', 'emitir.ts'],
    ],
    folder,
  );
  return {
    complaints: complaintsOf(generated) + complaintsOf(compiled),
    run: (file, env) =>
      runProgram(process.execPath, ['emitir.ts', file], folder, { ...WITHOUT_PROXY, ...env }),
  };
}

/** @param folder an empty one; @param document where the API serves it */
export async function pythonClient(folder: string, document: string): Promise<Generated> {
  const programs = await preparePythonTool('openapi-python-client', PYTHON);
  const env = { ...WITHOUT_PROXY, PATH: `${programs}${path.delimiter}${process.env.PATH ?? ''}` };
  await mkdir(folder, { recursive: true });
  await cp(path.join(SAMPLES, 'emitir.py'), path.join(folder, 'emitir.py'));
  const generated = await runProgram(
    path.join(programs, 'openapi-python-client'),
    ['generate', '--url', document, '--meta', 'none', '--output-path', 'coreog', '--fail-on-warning'],
    folder,
    env,
  );
  const compiled = await runProgram(
    path.join(programs, 'python'),
    ['-m', 'compileall', '-q', '.'],
    folder,
    env,
  );
  return {
    complaints: complaintsOf(generated) + complaintsOf(compiled),
    run: (file, own) =>
      runProgram(path.join(programs, 'python'), ['emitir.py', file], folder, { ...env, ...own }),
  };
}

function complaintsOf({ code, output }: Run): string {
  return code === 0 ? '' : output;
}

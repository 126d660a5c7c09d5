/** `npm start` with its real servers, on ports that the system chooses. */
import type { ChildProcess } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type ProcessIdentity, isStillRunning } from '../../scripts/start/process-identity.ts';
import { signalGroup } from '../../scripts/start/recorded-children.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { type Ended, runToEnd, startProcess } from './test-process.ts';
import { temporalProgram } from '../support/temporal-server.ts';

const START_LIMIT_MS = 240_000;

const PORTS = ['PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT', 'SIMULADOR_PORT', 'OIDC_PORT'];

// By the network's own way: one of the starts below is given a proxy that nobody serves.
beforeAll(temporalProgram, START_LIMIT_MS);

const dataDirs: string[] = [];
afterEach(() => {
  for (const dataDir of dataDirs.splice(0)) {
    for (const child of children(dataDir)) if (isStillRunning(child)) signalGroup(child.pid, 'SIGKILL');
  }
});

function npmStart(dataDir: string, changes: Record<string, string> = {}): ChildProcess & { pid: number } {
  dataDirs.push(dataDir);
  const given = { DATA_DIR: dataDir, ...Object.fromEntries(PORTS.map((name) => [name, '0'])), ...changes };
  return startProcess(process.execPath, ['scripts/start.mjs'], {
    detached: true,
    env: { ...process.env, npm_lifecycle_event: undefined, ...given },
  }) as ChildProcess & { pid: number };
}

/** What it has said by the time that it says this; rejects with all its words where it ends before. */
function untilSaid(start: ChildProcess, words: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    for (const stream of [start.stdout, start.stderr]) {
      stream?.on('data', (text: Buffer) => {
        said += text.toString();
        if (said.includes(words)) resolve(said);
      });
    }
    start.once('exit', () => {
      reject(new Error(`ended without "${words}":\n${said}`));
    });
  });
}

function shell(line: string): ChildProcess {
  return startProcess('sh', ['-c', line], { env: { ...process.env, npm_lifecycle_event: undefined } });
}

/** The banner's line for the sandbox's slow citizen: three seconds a step. */
function slowRequest(banner: string): { curl: string; emisiones: (banner: string) => string } {
  const curl = /^curl .*$/m.exec(banner)?.[0] ?? '';
  const slow = "sed 's/45678912/99990201/; s/SOL-2026-000001/LENTA/' samples/solicitud.json";
  return {
    curl: `${slow} | ${curl.replace('@samples/solicitud.json', '@-')}`,
    emisiones: (said) => `${/PKI +(http\S+)/.exec(said)?.[1] ?? ''}/simulador/emisiones/LENTA`,
  };
}

/** Sends the request again, under a new X-Request-ID, until its issuance has ended. */
async function finalAnswer(curl: string): Promise<unknown> {
  for (;;) {
    const { stdout } = await runToEnd(shell(curl));
    const answer = JSON.parse(stdout) as { data: { transaccion: { estado: string } } | null };
    if (answer.data?.transaccion.estado !== 'EN_PROCESO') return answer;
    await pause(500);
  }
}

async function untilStep2(emisiones: string): Promise<void> {
  for (;;) {
    const { llamadas } = (await (await fetch(emisiones)).json()) as { llamadas: { paso2: number } };
    if (llamadas.paso2 > 0) return;
    await pause(50);
  }
}

function children(dataDir: string): (ProcessIdentity & { name: string })[] {
  const path = join(dataDir, 'procesos.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as never) : [];
}

/** A folder whose name means something in a URL, in a URI of SQLite and in a shell. */
const ODD = 'a#b?c%20d e\'f"ñ';

/** Of all that lies in the folder, what group or others may touch. */
function openToOthers(folder: string): string[] {
  return ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })].filter(
    (entry) => (lstatSync(join(folder, entry)).mode & 0o077) !== 0,
  );
}

function environmentOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/environ`, 'utf8')
    .split('\0')
    .map((entry) => entry.replace(/=[^]*/, ''));
}

test(
  'prints a line that issues certificates, keeps a second start out, and Ctrl-C ends all that it started',
  async () => {
    const dataDir = join(temporaryFolder(), ODD);
    // What an earlier version left open.
    mkdirSync(join(dataDir, 'logs'), { recursive: true, mode: 0o755 });
    writeFileSync(join(dataDir, 'logs', 'old.log'), 'old');
    chmodSync(join(dataDir, 'logs', 'old.log'), 0o666);
    // Nobody listens there: whoever asked it for something of this machine would get nothing.
    const proxy = 'http://127.0.0.1:9';
    const start = npmStart(dataDir, {
      ...{
        http_proxy: proxy,
        https_proxy: proxy,
        grpc_proxy: proxy,
        HTTP_PROXY: proxy,
        NODE_USE_ENV_PROXY: '1',
      },
      ...{ PKI_ADAPTER_TOKEN: 'of-the-service', SOMEBODYS_SECRET: 'of-nobody' },
    });
    const ended: Promise<Ended> = runToEnd(start);
    const banner = await untilSaid(start, 'Ctrl-C drains');
    const running = children(dataDir);
    const api = /Health +(\S+)/.exec(banner)?.[1] ?? '';

    expect((await fetch(api)).status).toBe(200);
    expect(banner).toMatch(/^curl .*obtener-certificado-digital.*npm run -s token -- siirc/m);
    expect(running.map(({ name }) => name).sort()).toEqual(['emisor', 'servicio', 'simulador', 'temporal']);

    expect(openToOthers(dataDir)).toEqual([]);
    const secrets = Object.fromEntries(
      running.map(({ name, pid }) => [
        name,
        environmentOf(pid).filter((variable) => /TOKEN|SECRET|^CLAVE/.test(variable)),
      ]),
    );
    expect(secrets).toEqual({ temporal: [], emisor: [], simulador: [], servicio: ['PKI_ADAPTER_TOKEN'] });
    const ofTemporal = running.find(({ name }) => name === 'temporal');
    expect(ofTemporal?.commandLine).toMatch(/ --ip 127\.0\.0\.1 .* --ui-ip 127\.0\.0\.1 /);
    expect(environmentOf(ofTemporal?.pid ?? 0)).not.toContain('http_proxy');

    const curl = /^curl .*$/m.exec(banner)?.[0] ?? '';
    expect(JSON.parse((await runToEnd(shell(curl))).stdout)).toMatchObject({ statusCode: 201 });
    expect(JSON.parse((await runToEnd(shell(curl))).stdout)).toMatchObject({ statusCode: 200 });
    expect(curl).not.toContain('Bearer');
    expect(openToOthers(dataDir)).toEqual([]);

    const second = await runToEnd(npmStart(dataDir));
    expect(second.code).not.toBe(0);
    expect(second.stderr).toMatch(/is in use by another start: pid \d+, since \d{4}-/);

    start.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 0, stdout: expect.stringContaining('Stopped.') as string });
    expect(running.filter(isStillRunning)).toEqual([]);
    expect(existsSync(join(dataDir, 'inicio.pid'))).toBe(false);
    expect(existsSync(join(dataDir, 'procesos.json'))).toBe(false);
  },
  START_LIMIT_MS,
);

test(
  'ends the children of a start that was killed, and an issuance that was under way completes, once',
  async () => {
    const dataDir = temporaryFolder();
    const killed = npmStart(dataDir);
    const before = await untilSaid(killed, 'Ctrl-C drains');
    const left = children(dataDir);
    const slow = slowRequest(before);
    const cut = runToEnd(shell(slow.curl));
    await untilStep2(slow.emisiones(before));
    signalGroup(killed.pid, 'SIGKILL');
    expect(left.filter(isStillRunning)).toHaveLength(4);
    // The service dies too, in the middle of step 2; the others are left to the next start.
    for (const { name, pid } of left) if (name === 'servicio') signalGroup(pid, 'SIGKILL');
    await cut;

    const next = npmStart(dataDir);
    const said = await untilSaid(next, 'Ctrl-C drains');

    for (const { name, pid } of left)
      if (name !== 'servicio') expect(said).toContain(`Ending ${name} (pid ${pid})`);
    expect(await finalAnswer(slowRequest(said).curl)).toMatchObject({
      statusCode: 200,
      data: { transaccion: { estado: 'COMPLETADO' } },
    });
    expect(await (await fetch(slow.emisiones(said))).json()).toMatchObject({ emisiones: 1 });
    expect(left.filter(isStillRunning)).toEqual([]);
    const ended = runToEnd(next);
    next.kill('SIGTERM');
    expect((await ended).code).toBe(0);
  },
  START_LIMIT_MS,
);

test('asks for the trust anchors of an adapter that is given', async () => {
  const ended = await runToEnd(npmStart(temporaryFolder(), { PKI_ADAPTER_URL: 'http://adapter.example' }));

  expect(ended.code).toBe(1);
  expect(ended.stdout + ended.stderr).toContain('PKI_TRUST_ANCHORS: with PKI_ADAPTER_URL');
});

test('in production starts no simulator and no issuer of its own', async () => {
  const production = { NODE_ENV: 'production', PKI_ADAPTER_IDEMPOTENTE: 'true' };

  const ended = await runToEnd(npmStart(temporaryFolder(), production));

  expect(ended.code).toBe(1);
  expect(ended.stdout + ended.stderr).toMatch(/PKI_ADAPTER_URL: production[^]*OIDC_ISSUER: production/);
});

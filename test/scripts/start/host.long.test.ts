/** `npm start` on every kind of HOST: it issues, or is refused by its name; never "ready" and unable. */
import { networkInterfaces } from 'node:os';
import { connect } from 'node:net';
import { signalGroup } from '../../../scripts/start/data-dir/recorded-children.ts';
import { temporaryFolder } from '../../support/procesos/temporary-folder.ts';
import { runToEnd, startProcess } from '../../support/procesos/test-process.ts';

const LIMIT_MS = 240_000;
const PORTS = ['PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT', 'SIMULADOR_PORT', 'OIDC_PORT'];
const hasIpv6 = Object.values(networkInterfaces()).some((one) =>
  one?.some(({ address }) => address === '::1'),
);

function npmStart(HOST: string) {
  const ports = Object.fromEntries(PORTS.map((name) => [name, '0']));
  return startProcess(process.execPath, ['scripts/start.mjs'], {
    detached: true,
    env: { ...process.env, npm_lifecycle_event: undefined, DATA_DIR: temporaryFolder(), ...ports, HOST },
  });
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 })
      .once('connect', () => {
        resolve(true);
        socket.destroy();
      })
      .once('error', () => {
        resolve(false);
      });
  });
}

const HOSTS = ['::1', '0.0.0.0', '::', 'localhost'].filter((host) => hasIpv6 || !host.includes(':'));

test.each(HOSTS)(
  'with HOST=%s it issues, and Temporal listens on 127.0.0.1 alone',
  async (host) => {
    const start = npmStart(host);
    const ended = runToEnd(start);
    let said = '';
    start.stdout?.on('data', (text: Buffer) => (said += text.toString()));
    try {
      while (!said.includes('Ctrl-C drains')) {
        expect(start.exitCode).toBeNull();
        await new Promise((resolve) => start.stdout?.once('data', resolve));
      }
      const curl = /^curl .*$/m.exec(said)?.[0] ?? '';
      const issued = await runToEnd(startProcess('sh', ['-c', curl]));
      const ui = Number(/Temporal UI +http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1]);

      expect(JSON.parse(issued.stdout)).toMatchObject({ statusCode: 201 });
      expect(await answers('127.0.0.1', ui)).toBe(true);
      expect(hasIpv6 && (await answers('::1', ui))).toBe(false);
    } finally {
      start.kill('SIGINT');
      await ended;
    }
  },
  LIMIT_MS,
);

test.each(['nombre-que-no-existe.invalid', '192.0.2.1', '127.0.0.1:80', '[::1]', 'fe80::1%nada'])(
  'HOST=%s is refused at once, by its name',
  async (host) => {
    const start = npmStart(host);

    const { code, stdout, stderr } = await runToEnd(start);

    expect(code).toBe(1);
    expect(stdout + stderr).toMatch(/HOST/);
    expect(stdout + stderr).toContain(host);
    expect(stdout + stderr).not.toContain('Starting');
    if (start.pid !== undefined) signalGroup(start.pid, 'SIGKILL');
  },
  30_000,
);

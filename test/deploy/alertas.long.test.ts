/** The alerts, judged by Prometheus' own promtool: each fires and keeps silent as its tests say. */
import { jest } from '@jest/globals';
import { runProgram } from '../support/procesos/run-program.ts';

jest.setTimeout(180_000);

/** By promtool, of Debian's package prometheus. */
async function promtool(...args: string[]): Promise<void> {
  const { code, output } = await runProgram('promtool', args, process.cwd());
  if (code !== 0) throw new Error(`promtool (Debian: prometheus) says of ${args.join(' ')}:\n${output}`);
}

test('Prometheus understands the alerts', async () => {
  await expect(promtool('check', 'rules', 'deploy/monitoring/alertas.yml')).resolves.toBeUndefined();
});

test('each alert fires and keeps silent as its tests say', async () => {
  await expect(promtool('test', 'rules', 'test/deploy/alertas.prueba.yml')).resolves.toBeUndefined();
});

/** deploy/kubernetes, judged by Kubernetes' own schemas (kubernetes-validate, of PyPI, brings them). */
import { globSync } from 'node:fs';
import path from 'node:path';
import { preparePythonTool, TOOL_SETUP_MS } from '../support/referees/tools.ts';
import { runProgram } from '../support/procesos/run-program.ts';

let programs: string;
beforeAll(async () => {
  programs = await preparePythonTool('kubernetes-validate', ['kubernetes-validate==1.37.0']);
}, TOOL_SETUP_MS);

// A kustomization is read by kubectl, and no resource of the cluster.
const FILES = globSync('deploy/kubernetes/**/*.yaml').filter((file) => !file.endsWith('kustomization.yaml'));

test('each resource is one, with no member that there is not', async () => {
  const { code, output } = await runProgram(
    path.join(programs, 'kubernetes-validate'),
    ['--strict', '--kubernetes-version', '1.37.0', ...FILES],
    process.cwd(),
  );
  expect([code, output]).toEqual([0, expect.not.stringContaining('WARN')]);
  expect(FILES.length).toBeGreaterThan(4);
});

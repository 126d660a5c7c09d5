/**
 * `npm run check`: every gate, each also a script of its own; all run, then a report of those that failed.
 * Arguments go to the last gate, the tests: npm run check -- --coverage
 */
import { spawnSync } from 'node:child_process';

const GATES = ['format:check', 'types', 'lint', 'layers', 'knip', 'test'] as const;

const results = GATES.map((gate) => {
  const begin = Date.now();
  console.log(`\n== ${gate}`);
  const { status } = spawnSync(
    'npm',
    ['run', '--silent', gate, '--', ...(gate === 'test' ? process.argv.slice(2) : [])],
    { stdio: 'inherit' },
  );
  return { gate, passed: status === 0, seconds: Math.round((Date.now() - begin) / 1000) };
});

console.log('');
for (const { gate, passed, seconds } of results) {
  console.log(`${passed ? 'passed' : 'FAILED'}  ${gate} (${seconds} s)`);
}
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;

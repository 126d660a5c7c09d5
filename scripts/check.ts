/**
 * `npm run check`: every gate, each also a script of its own; all run, then a report of those that failed. Those that only read
 * the sources run beside each other, and each says what it says at its end; the tests have the machine for themselves.
 * Arguments go to the tests: npm run check -- --coverage
 */
import { spawn } from 'node:child_process';

const READING = ['format:check', 'types', 'lint', 'layers', 'knip'] as const;

interface Result {
  gate: string;
  passed: boolean;
  seconds: number;
}

/** @param isHeard whether what it says is printed as it says it, rather than at its end */
async function run(gate: string, args: readonly string[], isHeard: boolean): Promise<Result> {
  const begin = Date.now();
  const child = spawn('npm', ['run', '--silent', gate, '--', ...args], {
    stdio: isHeard ? 'inherit' : ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const code = await new Promise((ended) => child.once('close', ended));
  if (!isHeard) console.log(`\n== ${gate}\n${said}`);
  return { gate, passed: code === 0, seconds: Math.round((Date.now() - begin) / 1000) };
}

const results = await Promise.all(READING.map((gate) => run(gate, [], false)));
console.log('\n== test');
results.push(await run('test', process.argv.slice(2), true));

console.log('');
for (const { gate, passed, seconds } of results) {
  console.log(`${passed ? 'passed' : 'FAILED'}  ${gate} (${seconds} s)`);
}
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;

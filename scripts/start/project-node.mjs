/** The Node that runs the project: its own package where there is one for this machine, else the running one. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const OWN_NODE = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url));
/** First release that runs TypeScript without a flag; package.json, engines. */
const OLDEST = [22, 18];

/**
 * Path of the executable.
 * @throws Error that says what to install, where neither will do
 */
export function projectNode(
  own = OWN_NODE,
  running = { path: process.execPath, version: process.versions.node },
) {
  // Asked for its version, not only looked for: a glibc binary is there on Alpine too, and does not run.
  if (spawnSync(own, ['--version'], { stdio: 'ignore' }).status === 0) return own;
  if (isRecentEnough(running.version)) return running.path;
  throw new Error(
    `This project needs Node ${OLDEST.join('.')} or newer and found ${running.version}. ` +
      'Install Node 24; on Linux x64 and arm64 `npm ci` brings it as a package, unless it omits optional ones.',
  );
}

function isRecentEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** Installs the packages of package-lock.json when node_modules is missing or holds others. Plain JavaScript, Node 18. */
import { spawn } from 'node:child_process';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Progress and npm's own words go to stderr: stdout belongs to the command (`npm run -s token`). */
export async function installWhatIsMissing(root = ROOT) {
  if (await isInstalled(root)) return;
  await whileAlone(join(root, '.cache'), async () => {
    if (await isInstalled(root)) return;
    const begin = Date.now();
    process.stderr.write('Installing packages (npm ci), about a minute the first time ...\n');
    await npmCi(root);
    process.stderr.write(`Packages installed in ${Math.round((Date.now() - begin) / 1000)} s.\n`);
  });
}

/** Whether node_modules holds what the lock file asks for; optional packages of other machines may be absent. */
async function isInstalled(root) {
  const [wanted, present] = await Promise.all([
    readPackages(join(root, 'package-lock.json')),
    readPackages(join(root, 'node_modules', '.package-lock.json')),
  ]);
  if (wanted === null) throw new Error(`package-lock.json is missing in ${root}: the clone is not complete.`);
  if (present === null) return false;
  return Object.entries(wanted).every(([path, wish]) => {
    if (path === '') return true;
    const found = present[path];
    if (found === undefined) return wish.optional === true || wish.devOptional === true;
    return found.version === wish.version && found.integrity === wish.integrity;
  });
}

async function readPackages(path) {
  try {
    return JSON.parse(await readFile(path, 'utf8')).packages;
  } catch {
    return null;
  }
}

/** What npm reads of its surroundings. No package that it installs runs anything, and none of them sees a key of ours. */
const OF_NPM =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TERM|TMPDIR|LANG|LC_\w+|TZ|CI|npm_\w+|NODE_(EXTRA_CA_CERTS|OPTIONS|USE_\w+)|SSL_CERT_(FILE|DIR)|(no|http|https|all)_proxy)$/i;

/** Development packages too, whatever NODE_ENV says: the toolchain and the servers that stand in are among them. */
async function npmCi(root) {
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const args = ['ci', '--ignore-scripts', '--include=dev', '--include=optional'];
  const quietly = ['--no-audit', '--no-fund', '--loglevel=error'];
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => OF_NPM.test(name)));
  const child = spawn(command, [...first, ...args, ...quietly], { cwd: root, stdio: ['ignore', 2, 2], env });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== 0) throw new Error('npm ci failed: see its words above. Is the package registry reachable?');
}

/** Two commands on a fresh clone must not install over each other: the second one waits for the first. */
async function whileAlone(folder, work) {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'install.lock');
  let told = false;
  for (;;) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(String(process.pid));
      await file.close();
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!(await isHeld(path))) await rm(path, { force: true });
    else if (!told) process.stderr.write('Another command is installing the packages: waiting for it ...\n');
    told = true;
    await pause(500);
  }
  try {
    await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function isHeld(path) {
  const pid = Number(await readFile(path, 'utf8').catch(() => ''));
  // Empty: its owner is just writing it; it will be there at the next look.
  if (pid === 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

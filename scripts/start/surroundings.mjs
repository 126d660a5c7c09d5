/** What must hold around the project before anything of it runs. Plain JavaScript, Node 18. */
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** In the bundler of the workflows, "?" begins a query and "!" ends a loader, also within a path. */
const NOT_IN_A_PATH = /[?!]/;

/** @throws Error where the project's own folder has a name with which it can never start */
export function requireUsableFolder(root = ROOT) {
  const [character] = NOT_IN_A_PATH.exec(root) ?? [];
  if (character === undefined) return;
  throw new Error(
    `The project's folder ${root} has a "${character}" in its path, which the bundler of the workflows ` +
      'does not read: move or rename the folder.',
  );
}

const THIS_MACHINE = ['localhost', '127.0.0.1', '::1', '[::1]'];

/**
 * The environment with this machine's own addresses left out of any proxy: what the project's processes ask of each other
 * never leaves the machine. Node reads these variables before any code of ours runs, so they are set for the child.
 */
export function withoutProxyForThisMachine(environment) {
  const { HOST } = environment;
  const local = HOST ? [...THIS_MACHINE, HOST] : THIS_MACHINE;
  const given = [environment.no_proxy, environment.NO_PROXY].flatMap((list) => (list ?? '').split(','));
  const list = [...new Set([...given, ...local].map((one) => one.trim()))].filter((one) => one !== '');
  // "*" means every host, but only where it stands alone.
  if (list.includes('*')) return { ...environment, no_proxy: '*', NO_PROXY: '*' };
  return { ...environment, no_proxy: list.join(','), NO_PROXY: list.join(',') };
}

/**
 * `node scripts/with-node.mjs [node flags] FILE [args]`: runs FILE under the project's own Node, installing first
 * what is missing. Every npm script goes through here, so each works alone on a fresh clone. Plain JavaScript
 * for Node 18 and no imports from node_modules: this is what runs when there is nothing yet.
 */
import { installWhatIsMissing } from './start/install.mjs';
import { projectNode } from './start/project-node.mjs';
import { runInForeground } from './start/run-in-foreground.mjs';
import { requireUsableFolder, withoutProxyForThisMachine } from './start/surroundings.mjs';

try {
  requireUsableFolder();
  await installWhatIsMissing();
  runInForeground(projectNode(), process.argv.slice(2), withoutProxyForThisMachine(process.env));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

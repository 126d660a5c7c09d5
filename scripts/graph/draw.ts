/** Folders and their imports, as dependency-cruiser finds and draws them. */
import { execFileSync } from 'node:child_process';

const CRUISER = 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs';

export const GRAPH_PAGE = 'docs/graph.md';

/** The product's layers, by folder; what every layer speaks is left out, or nothing else would be seen. */
const LAYERS = {
  roots: ['workflows', 'activities', 'worker', 'api', 'servicio', 'shared'],
  include: '^(workflows|activities|worker|api|servicio|shared)/',
  exclude: '^shared/(nucleo|runtime)/',
  collapse: '^(shared/[^/]+|(workflows|activities|api|worker)/[^/]+|servicio)(?=/)',
};

/** The register, floor by floor. */
const REGISTER = {
  roots: ['shared/registro'],
  include: '^shared/registro/',
  exclude: '/migraciones/',
  collapse: '^(shared/registro/emision/[^/]+|shared/registro/[^/]+)(?=/)',
};

export function drawGraph(): string {
  return [
    '# Who imports whom',
    '',
    'Drawn by `npm run graph` (dependency-cruiser); `npm test` says where it is no longer true. An arrow goes from who imports to',
    'what is imported. The rules: `.dependency-cruiser.cjs`.',
    '',
    '## Layers and domains',
    '',
    'Without `shared/nucleo` and `shared/runtime`, which everybody may import.',
    '',
    block(LAYERS),
    '',
    '## The register',
    '',
    'Six floors: `base`; `filas` and the audit log; `turno`, `conciliacion`, `retencion` and `auditoria`, side by side; `conclusion`',
    'and `soporte`; the fronts of `emision`; the registry of domains.',
    '',
    block(REGISTER),
    '',
  ].join('\n');
}

function block({ roots, include, exclude, collapse }: typeof LAYERS): string {
  const options = ['--include-only', include, '--exclude', exclude, '--collapse', collapse];
  const drawn = execFileSync(process.execPath, [CRUISER, ...roots, ...options, '--output-type', 'mermaid'], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return `\`\`\`mermaid\n${drawn.trim()}\n\`\`\``;
}

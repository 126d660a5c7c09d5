/** The layer rules of ARCHITECTURE.md, kept by `npm run check`. @type {import('dependency-cruiser').IConfiguration} */
const PRODUCT = '^(workflows|activities|api|worker|shared)/';
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'workflows-are-sandboxed',
      comment: 'Workflow code is bundled and replayed: it sees only workflows, its domain and the SDK.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: {
        pathNot:
          '^(workflows/|shared/(emision|nucleo)/|shared/bitacora/contrato\\.ts$|node_modules/@temporalio/(workflow|common)/)',
      },
    },
    {
      name: 'a-domain-imports-itself',
      comment:
        'shared/<domain> holds words and rules; zod is its only library, and object identifiers are words.',
      severity: 'error',
      from: { path: '^shared/emision/' },
      to: { pathNot: '^(shared/emision/|shared/x509/identificadores\\.ts$|node_modules/zod/)' },
    },
    {
      name: 'activities-stand-below',
      severity: 'error',
      from: { path: '^activities/' },
      to: { path: '^(workflows|worker|api)/' },
    },
    {
      name: 'api-knows-no-engine-room',
      severity: 'error',
      from: { path: '^api/' },
      to: { path: '^(activities|workflows|worker)/' },
    },
    {
      name: 'worker-serves-no-http',
      comment: 'It bundles the workflows by their path, and imports none.',
      severity: 'error',
      from: { path: '^worker/' },
      to: { path: '^(api|workflows)/' },
    },
    {
      name: 'shared-imports-no-layer',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: '^(workflows|activities|api|worker)/' },
    },
    {
      name: 'runtime-knows-no-domain',
      severity: 'error',
      from: { path: '^shared/runtime/' },
      to: { path: '^shared/(?!runtime/|nucleo/)' },
    },
    {
      name: 'the-core-imports-nothing',
      comment: 'What every domain and every layer speaks.',
      severity: 'error',
      from: { path: '^shared/nucleo/' },
      to: { path: '^(shared/(?!nucleo/)|node_modules/)' },
    },
    {
      name: 'the-audit-log-knows-no-domain',
      comment: 'Every domain appends to it.',
      severity: 'error',
      from: { path: '^shared/bitacora/' },
      to: { path: '^shared/(?!bitacora/|runtime/|nucleo/)' },
    },
    {
      name: 'x509-knows-nobody',
      comment: 'Every domain reads certificates by it.',
      severity: 'error',
      from: { path: '^shared/x509/' },
      to: { path: '^shared/(?!x509/)' },
    },
    {
      name: 'product-imports-no-tooling',
      severity: 'error',
      from: { path: PRODUCT },
      to: { path: '^(test|bench|simulator|scripts)/' },
    },
    {
      name: 'simulator-stands-alone',
      comment:
        'A stand-in for somebody else’s server shares no code with what it is to test, but for the plumbing.',
      severity: 'error',
      from: { path: '^simulator/' },
      to: { path: '^(workflows|activities|api|worker|test|bench|scripts|shared/(?!runtime/))' },
    },
    {
      name: 'not-to-dev-dep',
      severity: 'error',
      from: { path: PRODUCT },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};

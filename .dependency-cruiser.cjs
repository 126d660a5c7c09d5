/** The rules of ARCHITECTURE.md, kept by `npm run check`. @type {import('dependency-cruiser').IConfiguration} */
const PRODUCT = '^(workflows|activities|api|worker|servicio|shared)/';
/** What the product's image holds beside it (Dockerfile). */
const ORDERS_IN_THE_IMAGE =
  '^scripts/(bitacora|maintenance|start/data-dir)/|^scripts/(bitacora|conciliar|mudar-temporal|recifrar|shell-word)\\.ts$';
/** Domains that know nobody but themselves and what is everybody's; a new one is named here. */
const DOMAINS = 'emision|mantenimiento';
/** Where a folder of a domain stands. */
const LAYERS = '(?:shared/(?:motor/|registro/)?|workflows/|activities/|api/|worker/)';
/** The audit log is every domain's; its routes, tables, activities and workflows are a domain's like any other. */
const OF_A_DOMAIN = `^${LAYERS}(${DOMAINS})/|^(shared/(motor|registro)|workflows|activities|api|worker)/bitacora/`;
/** The one file of each layer that knows all domains. */
const REGISTRIES = '^(shared/registro/dominios|workflows/index|api/dominios|worker/dominios)\\.ts$';

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'a-domain-imports-no-other',
      severity: 'error',
      from: { path: `^${LAYERS}(${DOMAINS}|bitacora)/` },
      to: { path: OF_A_DOMAIN, pathNot: `^${LAYERS}$1/` },
    },
    {
      name: 'what-is-everybodys-knows-no-domain',
      severity: 'error',
      from: { path: PRODUCT, pathNot: `^${LAYERS}(${DOMAINS}|bitacora)/|${REGISTRIES}` },
      to: { path: OF_A_DOMAIN },
    },
    {
      name: 'a-registry-is-read-by-who-composes',
      comment: 'Of the register’s, also by a domain that goes over all of them.',
      severity: 'error',
      from: { path: PRODUCT, pathNot: '^servicio/' },
      to: { path: '^(workflows/index|api/dominios|worker/dominios)\\.ts$' },
    },
    {
      name: 'workflows-are-sandboxed',
      comment: 'Workflow code is bundled and replayed: it sees only workflows, words and the SDK.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: {
        pathNot: `^(workflows/|shared/(${DOMAINS}|nucleo)/|shared/bitacora/contrato\\.ts$|node_modules/@temporalio/(workflow|common)/)`,
      },
    },
    {
      name: 'words-import-nothing',
      comment: 'shared/<domain> holds words and rules; zod is its only library.',
      severity: 'error',
      from: { path: `^shared/(${DOMAINS})/` },
      to: { pathNot: `^(shared/($1|nucleo)/|node_modules/zod/)` },
    },
    {
      name: 'the-core-imports-nothing',
      comment: 'What every domain and every layer speaks, workflows too: so Node’s modules neither.',
      severity: 'error',
      from: { path: '^shared/nucleo/' },
      to: { pathNot: '^(shared/nucleo/|node_modules/zod/)' },
    },
    {
      name: 'activities-stand-below',
      severity: 'error',
      from: { path: '^activities/' },
      to: { path: '^(workflows|worker|api|servicio)/' },
    },
    {
      name: 'api-knows-no-engine-room',
      severity: 'error',
      from: { path: '^api/' },
      to: { path: '^(activities|workflows|worker|servicio)/' },
    },
    {
      name: 'http-serves-any-domain',
      severity: 'error',
      from: { path: '^api/http/' },
      to: { path: '^(api/(?!http/)|shared/(?!nucleo/|runtime/))' },
    },
    {
      name: 'worker-serves-no-http',
      comment: 'It bundles the workflows by their path, and imports none.',
      severity: 'error',
      from: { path: '^worker/' },
      to: { path: '^(api|workflows|servicio)/' },
    },
    {
      name: 'shared-imports-no-layer',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: '^(workflows|activities|api|worker|servicio)/' },
    },
    {
      name: 'runtime-knows-no-other-part',
      severity: 'error',
      from: { path: '^shared/runtime/' },
      to: { path: '^shared/(?!runtime/|nucleo/)' },
    },
    {
      name: 'the-audit-log-knows-no-other-part',
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
      to: { pathNot: '^(shared/x509/|node_modules/@peculiar/asn1-|(node:)?(crypto|buffer)$)' },
    },
    {
      name: 'the-registers-base-stands-below',
      severity: 'error',
      from: { path: '^shared/registro/base/' },
      to: { path: '^shared/registro/(?!base/)' },
    },
    {
      name: 'the-engine-knows-no-register',
      severity: 'error',
      from: { path: '^shared/motor/' },
      to: { path: '^shared/registro/' },
    },
    {
      name: 'register-by-its-doors',
      comment: 'Other layers reach a domain’s part of the register by its registro*.ts alone.',
      severity: 'error',
      from: { path: '^(workflows|activities|api|worker|servicio)/' },
      to: { path: '^shared/registro/emision/', pathNot: '^shared/registro/emision/registro[a-z-]*\\.ts$' },
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
      to: {
        path: '^(workflows|activities|api|worker|servicio|test|bench|scripts|shared/(?!runtime/|nucleo/variables\\.ts))',
      },
    },
    {
      name: 'not-to-dev-dep',
      severity: 'error',
      from: { path: [PRODUCT, ORDERS_IN_THE_IMAGE] },
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

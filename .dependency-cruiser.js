/** Who may import whom. STYLE.md and CONTRIBUTING.md say it in words; this file holds it. */

/** Packages that are replaced by whoever provides the same port, so nobody may name their insides. */
const replaceable =
  'timer|network|epfd|eld|consensus|gms|register|slot-register|store|client|testkit|simulator';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'core-knows-no-component',
      comment: 'The runtime imports no package of ours and, of npm, only rxjs and pure-rand.',
      severity: 'error',
      from: { path: '^packages/core/src/' },
      to: {
        pathNot: ['^packages/core/src/', '^node_modules/(rxjs|pure-rand)/'],
        dependencyTypesNot: ['core'],
      },
    },
    {
      name: 'linearizability-knows-nothing',
      comment:
        'The checker is pure functions, for anybody with a history: it imports nothing at all.',
      severity: 'error',
      from: { path: '^packages/linearizability/src/' },
      to: { pathNot: '^packages/linearizability/src/' },
    },
    {
      name: 'others-by-their-port',
      comment:
        'A component imports another package by its ./port only, so that either can be replaced. ' +
        'Components of other packages are named by an assembly alone. The checker is no component.',
      severity: 'error',
      from: {
        path: `^packages/(${replaceable}|node)/src/`,
        pathNot: '/src/(cluster-)?assembly\\.ts$',
      },
      to: {
        path: '^packages/[^/]+/src/',
        pathNot: [
          '^packages/$1/src/',
          '^packages/(core|linearizability)/src/index\\.ts$',
          '/src/port\\.ts$',
          // What may be said by a protocol, for whoever listens.
          '^packages/slot-register/src/ghosts\\.ts$',
        ],
      },
    },
    {
      name: 'ports-declare-only',
      comment:
        'A port imports the runtime, other ports, and the declarations beside it. A component beside ' +
        'it provides the port, so that importing it would be a cycle, which no-cycle refuses.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src/port\\.ts$', pathNot: '^packages/core/' },
      to: {
        path: '^packages/[^/]+/src/',
        pathNot: [
          '^packages/core/src/index\\.ts$',
          '/src/port\\.ts$',
          '^packages/$1/src/(?!(index|assembly|compliance)\\.ts$)',
        ],
      },
    },
    {
      name: 'ports-reach-no-library',
      comment: 'Nothing that a port is built from leads to a socket, a file or a logger.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/port\\.ts$', pathNot: '^packages/core/' },
      to: {
        path: '^(node_modules/(?!(rxjs|pure-rand|zod|tslib)/)|(node:)?(fs|net|http|https|tls|dgram|child_process|worker_threads|cluster)($|/))',
        reachable: true,
      },
    },
    {
      name: 'sources-never-import-tests',
      comment: 'What is published does not need what is for development.',
      severity: 'error',
      from: { path: '^packages/(?!testkit/)[^/]+/src/' },
      to: {
        path: ['^packages/testkit/', '^packages/[^/]+/test/', '^(examples|benchmarks|test)/'],
      },
    },
    {
      name: 'only-the-command-simulates',
      comment: 'Nothing that runs in production knows that it can be simulated.',
      severity: 'error',
      from: { path: '^packages/(?!simulator/|cli/)[^/]+/src/' },
      to: { path: '^packages/simulator/' },
    },
    {
      name: 'through-the-door',
      comment: 'Another package is imported by its name, which leads through its exports.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: {
        path: '^packages/',
        pathNot: '^packages/$1/',
        dependencyTypes: ['local'],
        dependencyTypesNot: ['aliased'],
      },
    },
    {
      name: 'through-the-door-from-outside',
      comment: 'Examples, benchmarks and tests of the whole use packages as anybody does.',
      severity: 'error',
      from: { path: '^(examples|benchmarks|test)/' },
      to: {
        path: '^packages/',
        dependencyTypes: ['local'],
        dependencyTypesNot: ['aliased'],
      },
    },
    {
      name: 'no-cycle',
      comment: 'Two files that need one another are one idea, or three.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'declared-dependencies-only',
      comment: 'A package declares what it imports; a source needs no devDependency.',
      severity: 'error',
      from: { path: '^(packages|examples|benchmarks|test)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'sources-need-no-development-dependency',
      comment: 'Whoever installs the package gets its dependencies only.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'flat-sources-without-drawers',
      comment: 'src/ has no folders, and no file is named after having no idea of its own.',
      severity: 'error',
      from: {},
      to: {
        path: [
          '^packages/[^/]+/src/[^/]+/',
          '^packages/[^/]+/src/(utils?|helpers?|common|types)\\.ts$',
        ],
      },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: '/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.test.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'require', 'node', 'default', 'types'],
      mainFields: ['main', 'types'],
    },
  },
};

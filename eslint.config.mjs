import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Packages whose sources are algorithms: time and chance reach them as events and as seeded streams only. */
const algorithms = ['epfd', 'gms', 'register', 'store'].map(
  (name) => `packages/${name}/src/**/*.ts`,
);

/** Packages that must run unchanged in virtual time: whatever they know of the clock, they are given. */
const simulated = [
  'core',
  'timer',
  'network',
  'epfd',
  'gms',
  'register',
  'store',
  'client',
  'linearizability',
].map((name) => `packages/${name}/src/**/*.ts`);

const fromTheHost = 'A simulated run could not repeat it: take it from the Context or a port.';
const hash = 'Use #private: it holds at run time too.';
const clocks = ['setTimeout', 'setInterval', 'performance'];

const shape = [
  {
    selector: 'ExportDefaultDeclaration',
    message: 'Export by name: a reader finds the definition by searching for it.',
  },
  {
    selector: 'ExportAllDeclaration[source.value!="./port"]',
    message: 'List exports by name; only a port file may be exported whole.',
  },
  {
    selector: ':matches(PropertyDefinition, TSParameterProperty)[accessibility="private"]',
    message: hash,
  },
];

const methods = [{ selector: 'MethodDefinition[accessibility="private"]', message: hash }];

/** There is an instance for each component, and each class with a #method costs it a field. */
const light = ['strand', 'branch', 'tenancy', 'ward', 'cell'].map(
  (name) => `packages/core/src/${name}.ts`,
);

const clockless = [
  {
    selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
    message: fromTheHost,
  },
];

const atomic = [
  {
    selector: ':matches(AwaitExpression, :function[async=true])',
    message: 'A handler is atomic: what takes time is a request and its indication.',
  },
];

export default defineConfig(
  { ignores: ['**/dist/', '**/node_modules/', 'coverage/'] },
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: ['./tsconfig.test.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      curly: ['error', 'multi-line'],
      eqeqeq: 'error',
      'max-lines': ['error', 300],
      'max-lines-per-function': ['error', 70],
      'no-restricted-syntax': ['error', ...shape, ...methods],
      'object-shorthand': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // A function that is handed over takes its type from where it goes; whatever has a name says it.
      '@typescript-eslint/explicit-function-return-type': ['error', { allowExpressions: true }],
      '@typescript-eslint/explicit-member-accessibility': ['error', { accessibility: 'no-public' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // It mistrusts class factories, by which every event and message is declared.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // It asks for the `!` that no-non-null-assertion refuses.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: simulated,
    ignores: ['packages/core/src/host.ts'],
    rules: {
      'no-restricted-globals': ['error', ...clocks.map((name) => ({ name, message: fromTheHost }))],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: fromTheHost },
        { object: 'Math', property: 'random', message: fromTheHost },
        { object: 'process', property: 'hrtime', message: fromTheHost },
        ...clocks.map((property) => ({ object: 'globalThis', property, message: fromTheHost })),
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'node:timers', message: fromTheHost },
            { name: 'node:timers/promises', message: fromTheHost },
            { name: 'node:perf_hooks', message: fromTheHost },
            {
              name: 'node:crypto',
              importNames: [
                'randomBytes',
                'randomFillSync',
                'randomInt',
                'randomUUID',
                'webcrypto',
              ],
              message: fromTheHost,
            },
          ],
        },
      ],
      'no-restricted-syntax': ['error', ...shape, ...methods, ...clockless],
    },
  },
  {
    files: light,
    rules: { 'no-restricted-syntax': ['error', ...shape, ...clockless] },
  },
  {
    files: algorithms,
    ignores: ['**/compliance.ts', '**/index.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...[...clocks, 'setImmediate', 'queueMicrotask'].map((name) => ({
          name,
          message: fromTheHost,
        })),
      ],
      'no-restricted-syntax': ['error', ...shape, ...methods, ...clockless, ...atomic],
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
    },
  },
  {
    files: ['packages/*/src/port.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...shape,
        ...methods,
        {
          selector: 'ImportSpecifier[imported.name="Component"]',
          message: 'A port declares and never behaves: a component has a file of its own.',
        },
      ],
    },
  },
  {
    files: ['packages/*/src/index.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...shape,
        ...methods,
        {
          selector: 'Program > :not(ExportNamedDeclaration[source], ExportAllDeclaration)',
          message: 'An index lists exports and holds no code.',
        },
      ],
    },
  },
  {
    files: ['**/*.test.ts', '**/test/**/*.ts'],
    rules: {
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      // What a set-up returns is best said by what it returns.
      '@typescript-eslint/explicit-function-return-type': 'off',
    },
  },
);

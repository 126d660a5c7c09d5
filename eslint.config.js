import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['node_modules', '.data', '.cache', 'coverage', 'samples'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'no-console': 'error',
      // One reader of the environment: every variable is parsed, defaulted and named in one place.
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Read the environment in shared/runtime/config.ts.' },
      ],
    },
  },
  { files: ['shared/runtime/config.ts', 'test/**/*.ts'], rules: { 'no-restricted-properties': 'off' } },
  {
    // A test waits for something to be so, and measures no time. Chaos is measured out in times: how long a part stands still.
    files: ['test/**/*.ts'],
    ignores: ['test/support/hasta.ts', 'test/caos/**/!(*.test).ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: ['node:timers', 'node:timers/promises'].map((name) => ({
            name,
            importNames: ['setTimeout', 'setInterval', 'scheduler'],
            message: 'Wait for what is to come: hasta() of test/support/hasta.ts.',
          })),
        },
      ],
      'no-restricted-globals': [
        'error',
        ...['setTimeout', 'setInterval'].map((name) => ({
          name,
          message: 'Wait for what is to come: hasta() of test/support/hasta.ts.',
        })),
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "MemberExpression[object.name='performance'][property.name='now']",
          message: 'Give the code a clock, or look at what happened in which order.',
        },
        {
          selector: "BinaryExpression[operator='-'][left.callee.object.name='Date'][right.name=/^[a-z]/]",
          message: 'Give the code a clock, or look at what happened in which order.',
        },
      ],
    },
  },
  {
    files: ['scripts/**/*.ts', 'simulator/**/*.ts', 'bench/**/*.ts', 'test/caos/main.ts'],
    rules: { 'no-console': 'off' },
  },
);

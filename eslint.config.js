import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['node_modules', '.data', '.cache', 'coverage'] },
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
    files: ['scripts/**/*.ts', 'simulator/**/*.ts', 'bench/**/*.ts', 'test/caos/main.ts'],
    rules: { 'no-console': 'off' },
  },
);

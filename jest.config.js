/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // Minutes each, on the whole system: `npm run test:long`; what takes the whole machine: `npm run test:load`.
  testPathIgnorePatterns: ['\\.(long|load)\\.test\\.ts$'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
    ],
  },
  moduleFileExtensions: ['ts', 'js', 'json', 'node'],
  // Two cores: more workers only make the servers under test wait for each other.
  maxWorkers: 2,
  // A process keeps what its suites have loaded. One that has kept much is replaced between two suites: at the end it would
  // need longer to give it all back than Jest waits for it (500 ms), and be told to have been made to exit.
  workerIdleMemoryLimit: '200MB',
  testTimeout: 30_000,
  // A clock that a test set must not be the next one's.
  restoreMocks: true,
  setupFilesAfterEnv: ['<rootDir>/test/support/afirma-algo.ts'],
  collectCoverageFrom: ['{workflows,activities,worker,api,shared}/**/*.ts'],
  coverageReporters: ['text-summary', 'lcov'],
};

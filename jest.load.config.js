import base from './jest.config.js';

/** @type {import('jest').Config} */
export default {
  ...base,
  testMatch: ['**/*.load.test.ts'],
  testPathIgnorePatterns: [],
  // Each takes the whole machine.
  maxWorkers: 1,
};

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs', ignoreDynamic: true },
      },
    ],
  },
  moduleFileExtensions: ['ts', 'js', 'mjs', 'json'],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.firebreak'],
  // Longer than a change should wait for: `npm run test:long`.
  testPathIgnorePatterns: process.env.FIREBREAK_LONG ? [] : ['/node_modules/', '<rootDir>/test/long/'],
  // By itself jest leaves one core idle, which of two is half.
  maxWorkers: '100%',
  testSequencer: '<rootDir>/scripts/test-order.cjs',
  // Of patience, not of speed: what is measured is said where it is measured. Two cores are shared by all that a test starts.
  testTimeout: 60_000,
};

// Tests run as ES modules on Node 24: npm test sets --experimental-vm-modules.
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  // Most of a workflow test is waiting for processes of its own: three keep two cores busy.
  maxWorkers: 3,
  testTimeout: 120_000,
  // Jest's crawler must not enter the data of a local cloud or what packaging leaves behind.
  modulePathIgnorePatterns: ['<rootDir>/\\.carthub-db/', '<rootDir>/\\.serverless/', '<rootDir>/\\.esbuild/'],
};

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
  maxWorkers: 2,
  testTimeout: 120_000,
  // Jest's crawler must not enter the data of a local cloud or what packaging leaves behind.
  modulePathIgnorePatterns: ['<rootDir>/\\.carthub-db/', '<rootDir>/\\.serverless/', '<rootDir>/\\.esbuild/'],
};

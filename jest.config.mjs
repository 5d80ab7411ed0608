/** @type {import('jest').Config} */
export default {
  testEnvironment: '<rootDir>/test/jest-environment.mjs',
  roots: ['<rootDir>/libs', '<rootDir>/apps', '<rootDir>/bench', '<rootDir>/test', '<rootDir>/tools'],
  globalSetup: '<rootDir>/libs/testkit/jest-global-setup.mjs',
  globalTeardown: '<rootDir>/libs/testkit/jest-global-teardown.mjs',
  testRegex: '\\.test\\.ts$',
  extensionsToTreatAsEsm: ['.ts'],
  testTimeout: 120_000,
  // Jest's own choice leaves one core idle, and on two cores that is half of the machine.
  maxWorkers: '100%',
  // Modules of earlier test files stay in a worker's memory, and what is collected grows with them.
  workerIdleMemoryLimit: '2GB',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          target: 'es2022',
        },
        module: { type: 'es6' },
      },
    ],
  },
  moduleNameMapper: {
    '^#([a-z]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/var/'],
};

import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const consoleFiles = ['apps/*/src/main.ts', 'apps/*/src/*.main.ts', 'apps/launcher/src/**', 'bench/**'];

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'var/',
      'coverage/',
      'node_modules/',
      'libs/storage/src/generated/',
      '**/*.mjs',
      '**/*.cjs',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-empty-function': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
      'max-lines': ['error', 400],
      'max-lines-per-function': ['error', { max: 80, skipComments: true, skipBlankLines: true }],
      complexity: ['error', 20],
    },
  },
  {
    files: ['apps/**', 'libs/**', 'bench/**'],
    ignores: ['libs/runtime/src/config.ts', '**/*.test.ts', 'libs/testkit/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'Only libs/runtime/src/config.ts reads the environment.',
        },
      ],
    },
  },
  { files: consoleFiles, rules: { 'no-console': 'off' } },
  {
    files: [
      '**/*.controller.ts',
      '**/*.module.ts',
      '**/*.service.ts',
      '**/*.filter.ts',
      '**/*.interceptor.ts',
      '**/*.guard.ts',
    ],
    // Nest reads constructor parameter types at run time; a type-only import would erase them.
    rules: { '@typescript-eslint/consistent-type-imports': 'off' },
  },
  {
    files: ['**/*.test.ts', '**/src/testing/**', 'test/**', 'libs/testkit/**'],
    rules: {
      'max-lines-per-function': 'off',
      'no-console': 'off',
      // Bodies of HTTP answers: what is in them is what the assertions check.
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
);

// The style held by a machine: strict types, arrows between the folders (tests → gateway → bridge → shared), small files
// and functions. What a rule can't see, or not as fast, tests/architecture holds: that there are no cycles, for example.
import js from '@eslint/js';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const zone = (target, from, message) => ({
  target: `./${target}`,
  from: from.map((one) => `./${one}`),
  message,
});
const only = (packages, message) => ({
  patterns: [{ regex: `^(?!\\.{1,2}/)(?!(${packages.join('|')})$)`, message }],
});

/** The page is for a browser: it has the types of one. */
const PROJECTS = ['tsconfig.json', 'gateway/web/page/tsconfig.json'];

/** Where packages may be imported that nobody installs with ours: the page's are in its script when it is built. */
const DEV_DEPENDENCIES = ['tests/**', 'eslint.config.js', 'gateway/web/page/**'];

const WORLD = [
  'process',
  'console',
  'fetch',
  'WebSocket',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
];

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', 'data/', 'node_modules/', '**/*.d.ts']),
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { project: PROJECTS, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/extensions': ['.ts', '.tsx'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts', '.tsx'] },
      'import-x/resolver-next': [
        createTypeScriptImportResolver({ project: PROJECTS, noWarnOnMultipleProjects: true }),
      ],
    },
    rules: {
      'import-x/no-default-export': 'error',
      'import-x/no-extraneous-dependencies': ['error', { devDependencies: DEV_DEPENDENCIES }],
      'import-x/no-self-import': 'error',
      'import-x/no-restricted-paths': [
        'error',
        {
          basePath: import.meta.dirname,
          zones: [
            zone(
              'shared',
              ['bridge', 'gateway', 'tests'],
              'shared/ is the vocabulary: it imports from nobody.',
            ),
            zone('bridge', ['gateway', 'tests'], 'bridge/ sees only ports of shared/.'),
            zone('gateway', ['tests'], 'Product code never imports from tests/.'),
          ],
        },
      ],
      'max-lines': ['error', 300],
      'max-lines-per-function': ['error', { max: 70 }],
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      // `const { secret: _, ...rest }` is how a key is left out.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      // Numbers in messages are what they look like; the rule is kept for objects, null and the rest.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    // `onClick={() => go()}` is how such a property is written.
    files: ['**/*.tsx'],
    rules: { '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }] },
  },
  {
    files: ['shared/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', only(['zod'], 'shared/ is pure: zod and nothing else.')] },
  },
  {
    files: ['bridge/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        only(['zod', 'p-queue'], 'bridge/ is policy without I/O: it sees ports.'),
      ],
    },
  },
  {
    files: ['shared/**/*.ts', 'bridge/**/*.ts'],
    rules: {
      // What would be I/O or a clock of their own without an import.
      'no-restricted-globals': [
        'error',
        ...WORLD.map((name) => ({ name, message: 'Take a port of shared/ports.ts.' })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Take the Clock port.' },
      ],
    },
  },
  {
    files: ['tests/**/*.ts'],
    rules: {
      // node:test awaits what test() returns by itself.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'it', 'describe', 'suite'] },
          ],
        },
      ],
    },
  },
  {
    // A reporter of node:test is what its file exports as default.
    files: ['tests/runner/failed-files.ts'],
    rules: { 'import-x/no-default-export': 'off' },
  },
);

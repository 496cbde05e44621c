// SPDX-License-Identifier: MIT
// The layers of docs/architecture.md. A rule names who imports (from) and what is refused (to).
'use strict';

const helper = '^native-helper/';
/** Folders of the helper, lowest first; a folder may import lower ones, never one of its own height or above. */
const helperTiers = [
  ['core'],
  ['posix'],
  ['process', 'store', 'confinement', 'events'],
  ['images', 'network', 'hypervisor', 'cloudinit', 'guest', 'console', 'operations', 'system'],
  ['instances', 'shares'],
  ['rpc'],
];

/** Files of ours that `from` must not import: everything of the repository but the `allowed` patterns. */
function only(name, from, allowed, comment) {
  return {
    name,
    comment,
    severity: 'error',
    from: { path: from },
    to: {
      pathNot: [...allowed, 'node_modules'],
      dependencyTypesNot: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer'],
    },
  };
}

/** Packages that `from` may use; electron is refused wherever it is not named. */
function packages(name, from, allowed, comment) {
  return {
    name,
    comment,
    severity: 'error',
    from: { path: from },
    to: { path: 'node_modules/', pathNot: allowed.map((item) => `node_modules/${item}/`) },
  };
}

function helperLayers() {
  return helperTiers.flatMap((tier, height) =>
    tier.map((folder) => {
      const lower = helperTiers.slice(0, height).flat();
      return only(
        `helper-${folder}`,
        `${helper}${folder}/`,
        ['^contract/', '^messages/', '^package\\.json$', ...[folder, ...lower].map((item) => `${helper}${item}/`)],
        `native-helper/${folder} imports contract, itself and lower folders: ${lower.join(', ') || 'none'}.`,
      );
    }),
  );
}

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'declared-packages',
      comment: 'The product uses only packages of "dependencies" (Electron itself is provided).',
      severity: 'error',
      from: { path: '^(messages|contract|client|cli|electron|native-helper|renderer)/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
        pathNot: 'node_modules/(electron|@commander-js/extra-typings)/',
      },
    },

    only('messages-alone', '^messages/', ['^messages/']),
    packages('messages-packages', '^messages/', ['intl-messageformat', '@formatjs/[^/]+']),
    only('contract-alone', '^contract/', ['^contract/', '^messages/']),
    packages('contract-packages', '^contract/', ['zod']),
    {
      name: 'contract-no-node',
      severity: 'error',
      from: { path: '^(messages|contract)/' },
      to: { dependencyTypes: ['core'] },
    },

    only(
      'client',
      '^client/',
      ['^client/', '^contract/', '^messages/'],
      'client is the socket transport of the contract.',
    ),

    only('renderer', '^renderer/', ['^renderer/', '^contract/', '^messages/']),
    { name: 'renderer-no-node', severity: 'error', from: { path: '^renderer/' }, to: { dependencyTypes: ['core'] } },
    {
      name: 'renderer-ui',
      comment: 'renderer/ui knows no data.',
      severity: 'error',
      from: { path: '^renderer/ui/' },
      to: { path: '^renderer/(store|api|features)/' },
    },
    {
      name: 'renderer-features',
      comment: 'A feature does not import another; routes put them together.',
      severity: 'error',
      from: { path: '^renderer/features/([^/]+)/' },
      to: { path: '^renderer/features/', pathNot: '^renderer/features/$1/' },
    },

    only('preload', '^electron/preload/', ['^electron/preload/', '^contract/', '^messages/']),
    {
      name: 'preload-contract-types',
      severity: 'error',
      from: { path: '^electron/preload/' },
      to: { path: '^contract/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'preload-no-node',
      severity: 'error',
      from: { path: '^electron/preload/' },
      to: { dependencyTypes: ['core'] },
    },
    only('link', '^electron/link/', ['^electron/link/', '^client/', '^contract/', '^messages/']),
    only('shell', '^electron/shell/', [
      '^electron/shell/',
      '^electron/link/',
      '^electron/preload/channels\\.ts$',
      '^contract/',
      '^messages/',
    ]),
    only('electron-main', '^electron/[^/]+$', ['^electron/', '^client/', '^contract/', '^messages/']),
    {
      name: 'electron-api',
      comment: 'Only the shell, the preload script and the entry see electron.',
      severity: 'error',
      from: { path: '^(messages|contract|client|cli|renderer|native-helper|electron/link)/' },
      to: { path: 'node_modules/electron/|^electron$' },
    },

    only('cli', '^cli/', ['^cli/', '^client/', '^contract/', '^messages/', '^package\\.json$']),

    only('helper', helper, [helper, '^contract/', '^messages/', '^package\\.json$']),
    ...helperLayers(),
    {
      name: 'helper-records',
      comment: 'What is on the disk outlives the words of the wire: records have words of their own.',
      severity: 'error',
      from: {
        path: `${helper}(?!cloudinit/).*(-document|store/[a-z-]+-record|store/record-values|images/vault/image-record)\\.ts$`,
      },
      to: { path: '^contract/', pathNot: '^contract/(names|units|open-enum)\\.ts$' },
    },
    {
      name: 'helper-compose',
      comment: 'Only main.ts sees compose.ts.',
      severity: 'error',
      from: { path: helper, pathNot: '^native-helper/main\\.ts$' },
      to: { path: '^native-helper/(compose|main)\\.ts$' },
    },

    {
      name: 'helper-assemble',
      comment: 'assemble.ts knows all parts: only what serves them or takes them away sees it.',
      severity: 'error',
      from: { path: helper, pathNot: '^native-helper/(compose\\.ts$|uninstall/)' },
      to: { path: '^native-helper/assemble\\.ts$' },
    },
    {
      name: 'helper-uninstall',
      severity: 'error',
      from: { path: helper, pathNot: '^native-helper/(main\\.ts$|uninstall/)' },
      to: { path: '^native-helper/uninstall/' },
    },

    {
      name: 'child-process',
      comment: 'CONTRIBUTING.md, rule 6.',
      severity: 'error',
      from: { pathNot: '^(native-helper/process|scripts|cli|test|bench)/' },
      to: { path: '^(node:)?child_process$' },
    },
    { name: 'not-to-test', severity: 'error', from: { pathNot: '^(test|bench)/' }, to: { path: '^(test|bench)/' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '[.](css|svg|png)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.test.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.cjs', '.js', '.json'],
    },
  },
};

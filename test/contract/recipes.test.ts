// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../scripts/lib/paths.ts';

const run = promisify(execFile);

/** What docs/architecture.md ("Recipes") says that something new takes: files, and rows before what is there. */
interface Recipe {
  readonly files: Readonly<Record<string, string>>;
  readonly rows: readonly (readonly [file: string, before: string, row: string])[];
}

const recipes: Readonly<Record<string, Recipe>> = {
  'a verb': {
    files: {
      'native-helper/instances/verbs/nudge.ts': `
        import type { OperationAccepted } from '#contract/instances.ts';
        import type { NameParams } from '#contract/verb-params.ts';
        import type { Actor } from '../../core/seams/operation.ts';
        import type { InstanceServices } from '../instance/services.ts';
        import { requireLegal } from '../instance/state.ts';

        export async function nudge(
          { registry, operations }: InstanceServices, actor: Actor, { name }: NameParams,
        ): Promise<OperationAccepted> {
          const instance = registry.require(name, actor, 'nudge');
          requireLegal('nudge', name, instance.state(operations.current(name)));
          return await operations.start({ kind: 'nudge', target: name, actor }, async () => {});
        }`,
    },
    rows: [
      [
        'contract/verb-table.ts',
        '  recover: {',
        `  nudge: {
          params: nameParams,
          from: ['running'],
          supersedes: [],
          during: { alive: 'running', absent: 'running' },
          isInBulk: true,
        },`,
      ],
      [
        'messages/en/verbs.ts',
        "  'verb.start.label': ",
        `  'verb.nudge.label': 'Nudge', 'verb.nudge.under-way': 'Nudging', 'verb.nudge.done': 'was nudged',
        'verb.nudge.doing': 'nudge', 'verb.nudge.passive': 'be nudged', 'verb.nudge.help': 'nudge instances',
        'verb.nudge.all': 'all that run',`,
      ],
      [
        'native-helper/instances/verbs/table.ts',
        '  recover: {',
        `  nudge: {
          begin: async (...call) => await (await import('./nudge.ts')).nudge(...call),
          afterCrash: noteInterruption,
        },`,
      ],
    ],
  },
  'an error': {
    files: {},
    rows: [
      [
        'messages/en/later-errors.ts',
        "  'helper.socket-blocked': {",
        `  'instance.ticklish': { message: '{name} is ticklish.', hint: 'Be gentle.', exitCode: failed },`,
      ],
    ],
  },
  'a check': {
    files: {
      'native-helper/system/checks/weather.ts': `
        import { sentence } from '#messages/say.ts';
        import type { Check } from './surroundings.ts';

        export const checkWeather: Check = async () =>
          ({ id: 'weather', state: 'limited', summary: sentence('doctor.rain'), fix: sentence('doctor.umbrella') });`,
    },
    rows: [
      [
        'messages/en/doctor.ts',
        "  'doctor.title.helper':",
        `  'doctor.title.weather': 'Weather', 'doctor.rain': 'It may rain.', 'doctor.umbrella': 'Take an umbrella.',`,
      ],
      [
        'native-helper/system/doctor.ts',
        "  { id: 'storage', ",
        `  {
          id: 'weather', title: sentence('doctor.title.weather'),
          look: async (...look) => await (await import('./checks/weather.ts')).checkWeather(...look),
        },`,
      ],
    ],
  },
  'a tab': {
    files: {
      'renderer/features/instance/weather/WeatherTab.tsx': `
        import type { InstanceSummary } from '#contract/instances.ts';

        export function WeatherTab({ instance: { name } }: { readonly instance: InstanceSummary }) {
          return <p>It rains on {name}.</p>;
        }`,
    },
    rows: [
      [
        'renderer/instance-tabs.ts',
        "  { id: 'security', ",
        `  {
          id: 'weather', title: 'weather.tab', isShown: always,
          component: lazy(async () => ({
            default: (await import('./features/instance/weather/WeatherTab.tsx')).WeatherTab,
          })),
        },`,
      ],
      ['messages/en/window/instance.ts', "  'overview.tab':", "  'weather.tab': 'Weather',"],
      ['renderer/instance-tabs.ts', 'import { ConsoleTab }', "import { lazy } from 'react';"],
    ],
  },
  'a facet': {
    files: {
      'native-helper/instances/views/facets/weather.ts': `
        import type { Facet } from '../../../core/seams/instances.ts';
        import type { Instance } from '../../instance/instance.ts';

        export const weatherFacet: Facet<Instance> = {
          name: 'weather',
          summary: ({ boot }) => ({ weather: boot ? 'rain' : 'sun' }),
        };`,
    },
    rows: [
      ['contract/instances.ts', '  /** Why the record cannot be read', '  weather: z.string().optional(),'],
      [
        'native-helper/instances/views/own-facets.ts',
        'import { bootFacet }',
        "import { weatherFacet } from './facets/weather.ts';",
      ],
      ['native-helper/instances/views/own-facets.ts', '    bootFacet,', '    weatherFacet,'],
    ],
  },
};

/** The compiler looks at all of the product, beside all other gates. */
const compilerMs = 600_000;
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'berth-recipes-'));
  const copied = [
    'messages',
    'contract',
    'client',
    'cli',
    'electron',
    'native-helper',
    'renderer',
    'assets',
    'package.json',
  ];
  for (const name of [...copied, 'tsconfig.base.json', 'tsconfig.node.json', 'tsconfig.renderer.json'])
    await cp(path.join(root, name), path.join(scratch, name), { recursive: true });
  await symlink(path.join(root, 'node_modules'), path.join(scratch, 'node_modules'));
});
afterAll(async () => await rm(scratch, { recursive: true }));

/** What the compiler says against the scratch copy. */
async function complaints(project: 'node' | 'renderer'): Promise<string> {
  return await run('tsc', ['-p', `tsconfig.${project}.json`, '--noEmit'], { cwd: scratch }).then(
    () => '',
    ({ stdout }: { stdout: string }) => stdout,
  );
}

test(
  'what is new takes a file and the rows that the recipes name, and all of it fits together',
  async () => {
    const told = await readFile(path.join(root, 'docs/architecture.md'), 'utf8');
    for (const { files, rows } of Object.values(recipes)) {
      for (const [file, text] of Object.entries(files)) await writeNew(path.join(scratch, file), text);
      for (const [file, before, row] of rows) {
        expect(told).toContain(`\`${file}\``);
        await putBefore(path.join(scratch, file), before, row);
      }
    }
    expect(await complaints('node')).toBe('');
    expect(await complaints('renderer')).toBe('');
    const { stdout } = await run('node', ['cli/main.ts', 'nudge', '--help'], { cwd: scratch });
    expect(stdout).toContain('nudge instances');
  },
  compilerMs,
);

test(
  'a verb that the helper does nothing for is found by the compiler',
  async () => {
    const table = path.join(scratch, 'native-helper/instances/verbs/table.ts');
    const text = await readFile(table, 'utf8');
    await writeFile(table, text.replace('  nudge: {', '  poke: {'));
    expect(await complaints('node')).toMatch(/^native-helper\/instances\/verbs\/table\.ts.*'nudge'|'poke'/);
  },
  compilerMs,
);

async function writeNew(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text, { flag: 'wx' });
}

async function putBefore(file: string, before: string, row: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  expect(text.split(before), `${before} in ${file}`).toHaveLength(2);
  await writeFile(
    file,
    text.replace(before, () => `${row}\n${before}`),
  );
}

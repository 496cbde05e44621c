// SPDX-License-Identifier: MIT
import {
  keepsSizes,
  settingWords,
  type DiskGrowth,
  type SettingsChanged,
  type SettingTakes,
} from '#contract/instance-settings.ts';
import type { InstanceSummary } from '#contract/instances.ts';
import { isKnown, rowOf } from '#contract/open-enum.ts';
import { isOffered } from '#contract/verbs.ts';
import { say } from '#messages/say.ts';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { tell } from '../output.ts';
import { changesOf } from '../setting-words.ts';

/** `berth set NAME KEY=VALUE…`: all of them, or none; says what does not change at once. */
export async function set(context: CommandContext, name: string, assignments: readonly string[]): Promise<void> {
  requireInstance(name);
  if (assignments.length === 0)
    throw new CliError(say('cli.settings.nothing-given'), exitCodes.usage, say('cli.settings.form'));
  const changes = changesOf(assignments);
  const connection = await context.connect();
  tellChange(name, await connection.request('instances.set', { name, ...changes }));
}

/** Multipass has settings of its own by keys such as local.driver, and those of an instance below local.NAME. */
export function requireInstance(name: string): void {
  if (!/^(?:local|client)\./.test(name)) return;
  const [, instance, setting] = /^local\.([^.=]+)\.(cpus|memory|disk)\b/.exec(name) ?? [];
  throw new CliError(
    say('cli.settings.not-berths', { name }),
    exitCodes.usage,
    instance === undefined || setting === undefined
      ? say('cli.settings.instead')
      : say('cli.settings.of-instance', { instance, setting }),
  );
}

function tellChange(name: string, { instance, changed, diskGrowth, warnings = [] }: SettingsChanged): void {
  if (changed.length === 0) tell(say('cli.settings.unchanged', { name }));
  const later = changed.filter(({ takes }) => takes === ('next-start' satisfies SettingTakes));
  if (later.length > 0) {
    const settings = later.map(({ setting }) => (isKnown(settingWords, setting) ? settingWords[setting] : setting));
    tell(say(whenWords(instance), { name, settings: settings.join(', ') }));
  }
  if (diskGrowth !== undefined) tell(say(rowOf(growthWords, diskGrowth, growthWords['not-known']), { name }));
  for (const warning of warnings) tell(say('cli.warning', { warning }));
}

function whenWords(instance: InstanceSummary) {
  if (keepsSizes(instance)) return 'cli.settings.at-next-boot';
  return isOffered('restart', instance) ? 'cli.settings.after-restart' : 'cli.settings.at-next-start';
}

const growthWords = {
  'by-itself': 'setting.disk-grows.by-itself',
  'by-hand': 'setting.disk-grows.by-hand',
  'not-known': 'setting.disk-grows.not-known',
} as const satisfies Readonly<Record<DiskGrowth, string>>;

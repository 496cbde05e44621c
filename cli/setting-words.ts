// SPDX-License-Identifier: MIT
import {
  instanceSettingNames,
  setParams,
  settingWords,
  type InstanceSetting,
  type InstanceSettings,
  type SettingChanges,
} from '#contract/instance-settings.ts';
import { formatBytes, sizeWord } from '#contract/units.ts';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { countValue, machineSizeValue } from './option-values.ts';
import { say } from '#messages/say.ts';

/** A setting by its word on the command line. */
export function settingOf(word: string): InstanceSetting {
  const setting = instanceSettingNames.find((each) => settingWords[each] === word);
  if (setting === undefined)
    throw new CliError(
      say('cli.settings.unknown', { word }),
      exitCodes.usage,
      say('cli.settings.known', { words: Object.values(settingWords).join(', ') }),
    );
  return setting;
}

/** `WORD=VALUE …` as the helper takes it, checked by the contract's schema. */
export function changesOf(assignments: readonly string[]): SettingChanges {
  const given: Partial<Record<InstanceSetting, unknown>> = {};
  for (const assignment of assignments) {
    const [, word = '', value = ''] = /^([^=]*)=(.*)$/s.exec(assignment) ?? [];
    if (!assignment.includes('='))
      throw new CliError(say('cli.settings.no-value', { word: assignment }), exitCodes.usage, say('cli.settings.form'));
    const setting = settingOf(word);
    if (given[setting] !== undefined) throw new CliError(say('cli.settings.twice', { word }), exitCodes.usage);
    given[setting] = valueOf(setting, value);
  }
  const checked = setParams.omit({ name: true }).safeParse(given);
  if (checked.success) return checked.data;
  const problems = checked.error.issues.map((issue) => {
    const setting = instanceSettingNames.find((each) => each === issue.path[0]);
    return `${setting === undefined ? issue.path.join('.') : settingWords[setting]}: ${limitText(issue)}`;
  });
  throw new CliError(problems.join('; '), exitCodes.usage, say('cli.settings.form'));
}

/** As `set` takes it back. */
export function settingText(setting: InstanceSetting, settings: Partial<InstanceSettings>): string {
  const value = settings[setting];
  if (value === undefined) return '';
  if (setting === 'memoryBytes' || setting === 'diskBytes') return sizeWord(Number(value));
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Array.isArray(value) ? value.join(',') : String(value);
}

function valueOf(setting: InstanceSetting, text: string): unknown {
  const word = settingWords[setting];
  switch (setting) {
    case 'cpus':
      return read(word, () => countValue(text));
    case 'memoryBytes':
    case 'diskBytes':
      return read(word, () => machineSizeValue(text));
    case 'tags':
      return text === '' ? [] : text.split(',').map((tag) => tag.trim());
    case 'isProtected':
      if (text === 'yes' || text === 'no') return text === 'yes';
      throw new CliError(say('cli.settings.yes-or-no', { word }), exitCodes.usage);
    case 'description':
      return text;
    default:
      return setting satisfies never;
  }
}

function read<Value>(word: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw new CliError(`${word}: ${error.message}`, exitCodes.usage);
    throw error;
  }
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly code?: string | undefined;
  readonly message: string;
  readonly minimum?: unknown;
  readonly maximum?: unknown;
}

/** A limit on bytes reads better as a size. */
function limitText({ path, code, message, minimum, maximum }: Issue): string {
  if (!String(path[0]).endsWith('Bytes')) return message;
  if (code === 'too_small') return say('cli.settings.at-least', { limit: formatBytes(Number(minimum)) });
  return code === 'too_big' ? say('cli.settings.at-most', { limit: formatBytes(Number(maximum)) }) : message;
}

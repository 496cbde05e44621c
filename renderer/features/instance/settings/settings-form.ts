// SPDX-License-Identifier: MIT
import {
  instanceSettingNames,
  setParams,
  type InstanceSetting,
  type InstanceSettings,
  type SettingChanges,
} from '#contract/instance-settings.ts';
import { formatBytes, parseBytes, sizeWord } from '#contract/units.ts';
import { say } from '#messages/say.ts';
import { issueWords } from '../../../lib/issue-words.ts';

/** What was typed; a field that nobody touched shows what is set. */
export type SettingsDraft = Partial<Readonly<Record<InstanceSetting, string>>>;
export type SettingsErrors = Partial<Readonly<Record<InstanceSetting, string>>>;

export interface ParsedSettings {
  /** What would be sent: what is right, and another value than what is set. */
  readonly changes: SettingChanges;
  readonly errors: SettingsErrors;
}

/** How a field shows what is set. */
export function fieldText(setting: InstanceSetting, settings: Partial<InstanceSettings>): string {
  const value = settings[setting];
  if (value === undefined) return '';
  if (setting === 'memoryBytes' || setting === 'diskBytes') return sizeWord(Number(value));
  return Array.isArray(value) ? value.join(', ') : String(value);
}

/** Checks what was typed with the contract's own schema, and a disk against what it is. */
export function parseSettings(draft: SettingsDraft, settings: Partial<InstanceSettings>): ParsedSettings {
  const given = Object.fromEntries(
    instanceSettingNames.flatMap((setting) => {
      const text = draft[setting];
      return text === undefined ? [] : [[setting, valueOf(setting, text)]];
    }),
  );
  const changed = Object.fromEntries(
    Object.entries(given).filter(
      ([setting, value]) => JSON.stringify(value) !== JSON.stringify(settings[setting as InstanceSetting]),
    ),
  );
  const result = setParams.omit({ name: true }).safeParse(changed);
  const errors: Partial<Record<InstanceSetting, string>> = {};
  for (const issue of result.success ? [] : result.error.issues) {
    const setting = instanceSettingNames.find((each) => each === issue.path[0]);
    if (setting !== undefined) errors[setting] ??= issueWords(issue, setting.endsWith('Bytes'));
  }
  if (Number(changed['diskBytes']) < (settings.diskBytes ?? 0))
    errors.diskBytes ??= say('setup.disk-shrinks', { size: formatBytes(settings.diskBytes ?? 0) });
  const right = Object.entries(changed).filter(([setting]) => errors[setting as InstanceSetting] === undefined);
  return { changes: Object.fromEntries(right), errors };
}

function valueOf(setting: InstanceSetting, text: string): unknown {
  switch (setting) {
    case 'cpus':
      return text.trim() === '' ? Number.NaN : Number(text);
    case 'memoryBytes':
    case 'diskBytes':
      return parseBytes(text) ?? Number.NaN;
    case 'tags':
      return text.split(/[\s,]+/).filter((tag) => tag !== '');
    case 'isProtected':
      return text === 'true';
    case 'description':
      return text.trim();
    default:
      return setting satisfies never;
  }
}

// SPDX-License-Identifier: MIT
import { instanceSettingNames, type InstanceSettings, type SettingChanges } from '#contract/instance-settings.ts';
import type { InstanceRecord } from '../../store/instance-record.ts';

export type SettingsRecord = Partial<
  Pick<InstanceRecord, 'cpus' | 'memoryBytes' | 'diskBytes' | 'description' | 'tags' | 'isProtected'>
>;

/** Of what was asked for, what is another value than before. */
export function changedSettings(record: InstanceRecord, asked: SettingChanges): SettingChanges {
  const now = settingsIn(record);
  const changed = instanceSettingNames.filter(
    (setting) => asked[setting] !== undefined && JSON.stringify(asked[setting]) !== JSON.stringify(now[setting]),
  );
  return Object.fromEntries(changed.map((setting) => [setting, asked[setting]]));
}

/** As a record has them: what nobody set stands in none. */
export function recordOf({
  cpus,
  memoryBytes,
  diskBytes,
  description,
  tags,
  isProtected,
}: SettingChanges): SettingsRecord {
  return {
    ...(cpus !== undefined && { cpus }),
    ...(memoryBytes !== undefined && { memoryBytes }),
    ...(diskBytes !== undefined && { diskBytes }),
    ...(description !== undefined && { description: description === '' ? undefined : description }),
    ...(tags !== undefined && { tags: tags.length === 0 ? undefined : tags }),
    ...(isProtected !== undefined && { isProtected: isProtected || undefined }),
  };
}

function settingsIn(record: InstanceRecord): InstanceSettings {
  const { cpus, memoryBytes, diskBytes, description = '', tags = [], isProtected = false } = record;
  return { cpus, memoryBytes, diskBytes, description, tags, isProtected };
}

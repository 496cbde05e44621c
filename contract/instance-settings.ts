// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { instanceSummary, type InstanceState, type InstanceSummary } from './instances.ts';
import { instanceName } from './names.ts';
import { open, type LaterValue } from './open-enum.ts';
import { instanceDescription, tagList } from './tags.ts';
import { cpuCount, diskBytes, memoryBytes } from './units.ts';

/** What its owner may change of an instance: helper, command line and form check by this. */
const settings = z.strictObject({
  cpus: cpuCount,
  memoryBytes,
  diskBytes,
  description: instanceDescription,
  tags: tagList,
  /** Neither delete nor purge takes it. */
  isProtected: z.boolean(),
});
export type InstanceSettings = z.output<typeof settings>;

export const instanceSetting = settings.keyof();
export type InstanceSetting = z.infer<typeof instanceSetting>;
export const instanceSettingNames = instanceSetting.options;

/** What they are called on the command line. */
export const settingWords: Readonly<Record<InstanceSetting, string>> = {
  cpus: 'cpus',
  memoryBytes: 'memory',
  diskBytes: 'disk',
  description: 'description',
  tags: 'tags',
  isProtected: 'protected',
};

/** What is not named stays; tags are replaced as a whole. */
export const setParams = settings.partial().extend({ name: instanceName });
export type SetParams = z.output<typeof setParams>;
export type SettingChanges = Omit<SetParams, 'name'>;

/** What a new value takes: nothing, a start of the instance, or that it is shut down before it is given. */
export const settingTakes = z.enum(['at-once', 'next-start', 'stop-needed']);
export type SettingTakes = z.infer<typeof settingTakes>;

/** What a new value of the setting takes of an instance in that state. */
export function takesOf(setting: InstanceSetting, state: InstanceState | LaterValue): SettingTakes {
  switch (setting) {
    case 'cpus':
    case 'memoryBytes':
      return 'next-start';
    case 'diskBytes':
      return state === 'stopped' ? 'at-once' : 'stop-needed';
    case 'description':
    case 'tags':
    case 'isProtected':
      return 'at-once';
    default:
      return setting satisfies never;
  }
}

/** Whether its next start is none to it: a guest that goes on has the sizes that it had. */
export function keepsSizes({ state }: Pick<InstanceSummary, 'state'>): boolean {
  return state === 'suspended';
}

/** What is set, whatever a machine that runs has: what it is given at its next start. */
export function settingsOf(instance: InstanceSummary): Partial<InstanceSettings> {
  const { cpus, memoryBytes: memory, diskBytes: disk, description = '', tags = [], isProtected = false } = instance;
  return {
    ...(cpus !== undefined && { cpus: instance.atNextStart?.cpus ?? cpus }),
    ...(memory !== undefined && { memoryBytes: instance.atNextStart?.memoryBytes ?? memory }),
    ...(disk !== undefined && { diskBytes: disk }),
    description,
    tags: [...tags],
    isProtected,
  };
}

/** What has to be done in the guest about a disk that grew. */
export const diskGrowth = z.enum(['by-itself', 'by-hand', 'not-known']);
export type DiskGrowth = z.infer<typeof diskGrowth>;

export const settingsChanged = z.object({
  /** As it is now. */
  instance: instanceSummary,
  /** What is another value than before. */
  changed: z.array(z.object({ setting: open(instanceSetting), takes: open(settingTakes) })),
  /** Who grows the file system of the guest; where its disk grew. */
  diskGrowth: open(diskGrowth).optional(),
  /** What the user should know of it, a sentence each: it is done all the same. */
  warnings: z.array(z.string()).optional(),
});
export type SettingsChanged = z.infer<typeof settingsChanged>;

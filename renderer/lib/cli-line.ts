// SPDX-License-Identifier: MIT
import {
  instanceSettingNames,
  settingWords,
  type InstanceSetting,
  type SettingChanges,
} from '#contract/instance-settings.ts';
import type { LaunchParams } from '#contract/instances.ts';
import type { MountAddParams } from '#contract/mounts.ts';
import { sizeWord } from '#contract/units.ts';
import { visibleText } from '#contract/visible-text.ts';

/** What a launch form holds, as far as the command line shows it. */
export type LaunchLine = Pick<
  LaunchParams,
  'image' | 'name' | 'cpus' | 'memoryBytes' | 'diskBytes' | 'timeoutSeconds' | 'isAllowedWithoutAppArmor'
> & { readonly hasUserData: boolean };

/** The command that launches the same instance from a terminal. */
export function launchLine(launch: Readonly<Partial<LaunchLine>>): string {
  const words = ['berth', 'launch', launch.image ?? 'IMAGE'];
  if (launch.name !== undefined) words.push('--name', launch.name);
  if (launch.cpus !== undefined) words.push('--cpus', String(launch.cpus));
  if (launch.memoryBytes !== undefined) words.push('--memory', sizeWord(launch.memoryBytes));
  if (launch.diskBytes !== undefined) words.push('--disk', sizeWord(launch.diskBytes));
  if (launch.hasUserData === true) words.push('--cloud-init', 'user-data.yaml');
  if (launch.timeoutSeconds !== undefined) words.push('--timeout', String(launch.timeoutSeconds));
  if (launch.isAllowedWithoutAppArmor === true) words.push('--without-apparmor');
  return words.join(' ');
}

/** The command that sets the same. */
export function setLine(name: string, changes: SettingChanges): string {
  const words = instanceSettingNames.flatMap((setting) => {
    const value = changes[setting];
    return value === undefined ? [] : [shellWord(`${settingWords[setting]}=${settingWord(setting, value)}`)];
  });
  return ['berth', 'set', name, ...words].join(' ');
}

function settingWord(setting: InstanceSetting, value: NonNullable<SettingChanges[InstanceSetting]>): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'object') return value.join(',');
  return typeof value === 'number' && setting !== 'cpus' ? sizeWord(value) : String(value);
}

/** What a share sheet holds, as far as the command line shows it. */
export type MountLine = Pick<MountAddParams, 'source' | 'isReadOnly'> & {
  readonly name: string;
  readonly target: string;
  readonly uidMaps: readonly MountAddParams['uidMaps'][number][];
  readonly gidMaps?: readonly MountAddParams['gidMaps'][number][];
  readonly type?: MountAddParams['type'];
  readonly isNotifying?: boolean;
};

/** The command that mounts the same folder. */
export function mountLine({
  name,
  source,
  target,
  isReadOnly,
  uidMaps,
  gidMaps = [],
  type = 'auto',
  isNotifying = false,
}: MountLine): string {
  const options = [
    ...(isReadOnly ? ['--readonly'] : []),
    ...uidMaps.map(({ host, guest }) => `--uid ${host}:${guest}`),
    ...gidMaps.map(({ host, guest }) => `--gid ${host}:${guest}`),
    ...(type === 'auto' ? [] : [`--type ${type}`]),
    ...(isNotifying ? ['--notify'] : []),
  ];
  return ['berth', 'mount', ...options, shellWord(source), shellWord(`${name}:${target}`)].join(' ');
}

/** The command that copies the same out of an instance. */
export function transferOutLine(name: string, paths: readonly string[], folder: string): string {
  return [
    'berth',
    'transfer',
    '--recursive',
    ...paths.map((path) => shellWord(`${name}:${path}`)),
    shellWord(folder),
  ].join(' ');
}

/** As a shell reads it back. */
export function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  // What would not be seen, or would turn the line around, by its bytes.
  if (visibleText(word) !== word) return `$'${Array.from(new TextEncoder().encode(word), byteWord).join('')}'`;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function byteWord(byte: number): string {
  const character = String.fromCharCode(byte);
  return /[\w@%+=:,./ -]/.test(character) && byte < 0x80 ? character : `\\x${byte.toString(16).padStart(2, '0')}`;
}

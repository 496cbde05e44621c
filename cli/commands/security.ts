// SPDX-License-Identifier: MIT
import type { MethodParams } from '#contract/protocol.ts';
import type { InstanceSecurity } from '#contract/security.ts';
import type { CommandContext } from '../command-context.ts';
import type { ClearableList } from '../option-values.ts';
import { renderOutput, type OutputFormat } from '../render/format.ts';
import { renderFields } from '../render/table.ts';
import { say, show } from '../output.ts';

export interface SecurityOptions {
  readonly format: OutputFormat;
  readonly qemuArg?: readonly string[] | undefined;
  readonly qemuEnv?: readonly string[] | undefined;
  readonly hugepages?: 'on' | 'off' | undefined;
  readonly vhostNet?: 'on' | 'off' | undefined;
  readonly vfioGroup?: readonly string[] | undefined;
  readonly hostDisk?: readonly string[] | undefined;
  readonly clear?: readonly ClearableList[] | undefined;
}

/** `berth security`: what an instance may touch, and with options what it is given beyond what it is made of. */
export async function security(context: CommandContext, name: string, options: SecurityOptions): Promise<void> {
  const connection = await context.connect();
  const changes = changesOf(options);
  const isChange = Object.values(changes).some((value) => value !== undefined);
  const now = isChange
    ? await connection.request('instances.set-security', { name, ...changes })
    : await connection.request('instances.security', { name });
  if (isChange && now.isRestartNeeded) say(`Some of it takes effect at the next start: berth restart ${name}`);
  show(
    await renderOutput(options.format, {
      table: () => renderFields(fieldsOf(now), context.out),
      value: now,
      csv: { keys: ['purpose', 'what', 'mode'], rows: now.access },
    }),
  );
}

/** What is not named stays; a list is replaced as a whole. */
function changesOf({
  qemuArg,
  qemuEnv,
  hugepages,
  vhostNet,
  vfioGroup,
  hostDisk,
  clear = [],
}: SecurityOptions): Omit<MethodParams<'instances.set-security'>, 'name'> {
  const list = <Item>(
    option: ClearableList,
    given: readonly string[] | undefined,
    read: (text: string) => Item,
  ): Item[] | undefined => given?.map(read) ?? (clear.includes(option) ? [] : undefined);
  const args = list('qemu-arg', qemuArg, (text) => text);
  const env = list('qemu-env', qemuEnv, (text) => text);
  return {
    qemu: args === undefined && env === undefined ? undefined : { args, env },
    usesHugepages: isOn(hugepages),
    usesVhostNet: isOn(vhostNet),
    vfioGroups: list('vfio-group', vfioGroup, Number),
    blockDevices: list('host-disk', hostDisk, (text) => ({
      path: text.replace(/:ro$/, ''),
      isReadOnly: text.endsWith(':ro'),
    })),
  };
}

function isOn(word: 'on' | 'off' | undefined): boolean | undefined {
  return word === undefined ? undefined : word === 'on';
}

function fieldsOf({
  name,
  model,
  modelReason,
  profile,
  label,
  labelMode,
  access,
  settings,
  needsConsent,
}: InstanceSecurity): readonly (readonly [string, string | readonly string[] | undefined])[] {
  return [
    ['Name', name],
    ['Model', model === 'none' ? `none: ${modelReason ?? ''}` : model],
    ['Profile', label === undefined ? profile : `${label} (${labelMode ?? 'unknown'})`],
    [
      'Consent',
      needsConsent
        ? 'missing: it does not start without AppArmor'
        : settings.isAllowedWithoutAppArmor
          ? 'allowed to run without AppArmor'
          : undefined,
    ],
    ['Given', givenLines(settings)],
    ['May touch', access.map(({ purpose, what, mode }) => `${purpose}: ${what} (${mode})`)],
  ];
}

function givenLines({
  grants,
  qemu,
  usesHugepages,
  usesVhostNet,
  vfioGroups,
  blockDevices,
}: InstanceSecurity['settings']): string[] {
  return [
    ...grants.map(({ kind, path, mode }) => `${kind} ${path} (${mode})`),
    ...(usesHugepages ? ['memory of huge pages'] : []),
    ...(usesVhostNet ? ['vhost-net'] : []),
    ...vfioGroups.map((group) => `VFIO group ${group}`),
    ...blockDevices.map(({ path, isReadOnly }) => `disk ${path}${isReadOnly ? ' (read-only)' : ''}`),
    ...(qemu.args.length === 0 ? [] : [`QEMU arguments: ${qemu.args.join(' ')}`]),
    ...Object.entries(qemu.env).map(([variable, value]) => `QEMU variable: ${variable}=${value}`),
  ];
}

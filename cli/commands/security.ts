// SPDX-License-Identifier: MIT
import type { MethodParams } from '#contract/protocol.ts';
import type { InstanceSecurity } from '#contract/security.ts';
import { say } from '#messages/say.ts';
import type { CommandContext } from '../command-context.ts';
import type { ClearableList } from '../option-values.ts';
import { renderOutput, type OutputFormat } from '../render/format.ts';
import { renderFields } from '../render/table.ts';
import { tell, show } from '../output.ts';

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
  if (isChange && now.isRestartNeeded) tell(say('cli.security.next-start', { name }));
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
    [say('cli.security.name'), name],
    [say('cli.security.model'), model === 'none' ? say('cli.security.no-model', { reason: modelReason ?? '' }) : model],
    [
      say('cli.security.profile'),
      label === undefined ? profile : `${label} (${labelMode ?? say('cli.security.mode-unknown')})`,
    ],
    [
      say('cli.security.consent'),
      needsConsent
        ? say('cli.security.no-consent')
        : settings.isAllowedWithoutAppArmor
          ? say('cli.security.without-apparmor')
          : undefined,
    ],
    [say('cli.security.given'), givenLines(settings)],
    [say('cli.security.may-touch'), access.map(({ purpose, what, mode }) => `${purpose}: ${what} (${mode})`)],
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
    ...(usesHugepages ? [say('cli.security.huge-pages')] : []),
    ...(usesVhostNet ? [say('cli.security.vhost-net')] : []),
    ...vfioGroups.map((group) => say('cli.security.vfio-group', { group })),
    ...blockDevices.map(({ path, isReadOnly }) =>
      say(isReadOnly ? 'cli.security.disk-read-only' : 'cli.security.disk', { path }),
    ),
    ...(qemu.args.length === 0 ? [] : [say('cli.security.qemu-arguments', { arguments: qemu.args.join(' ') })]),
    ...Object.entries(qemu.env).map(([variable, value]) => say('cli.security.qemu-variable', { variable, value })),
  ];
}

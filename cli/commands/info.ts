// SPDX-License-Identifier: MIT
import { formatDuration } from '#contract/duration.ts';
import { describeError } from '#contract/errors.ts';
import { keepsSizes } from '#contract/instance-settings.ts';
import type { BootRecord, InstanceDetails } from '#contract/instances.ts';
import type { MountSummary } from '#contract/mounts.ts';
import { needsRestart, networkFaultWords } from '#contract/network-faults.ts';
import type { PhaseRecord } from '#contract/operations.ts';
import { pauseWayOut, pauseWords, type InstancePause } from '#contract/pause.ts';
import { formatBytes } from '#contract/units.ts';
import { say } from '#messages/say.ts';
import type { CommandContext } from '../command-context.ts';
import { renderOutput, type OutputFormat } from '../render/format.ts';
import { renderFields } from '../render/table.ts';
import { report } from '../run-command.ts';
import { summaryKeys, withPause, wordKeys } from './list.ts';
import { show } from '../output.ts';

/** `berth info`: what is known of each instance named. Those that are found are shown even when another is not. */
export async function info(
  context: CommandContext,
  names: readonly string[],
  options: { readonly format: OutputFormat },
): Promise<number> {
  const connection = await context.connect();
  const results = await Promise.allSettled(names.map((name) => connection.request('instances.info', { name })));
  const details = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const text = await renderOutput(options.format, {
    table: () => details.map((each) => renderFields(fieldsOf(each), context.out)).join('\n'),
    value: details,
    csv: { keys: detailKeys, rows: withPause(details) },
  });
  show(text);
  const codes = results.flatMap((result) => (result.status === 'rejected' ? [report(result.reason, context)] : []));
  return codes[0] ?? 0;
}

/** The columns of `info --format csv`; boots and confinement are in JSON and YAML only. */
export const detailKeys = [
  ...summaryKeys,
  'architecture',
  'imageTitle',
  'imageFingerprint',
  'defaultUser',
  'macAddress',
  'hostName',
  'diskUsedBytes',
  'pid',
  'memoryResidentBytes',
  'networkFaults',
  'pause',
  ...wordKeys,
] as const;

type Field = readonly [string, string | readonly string[] | undefined];

function fieldsOf(instance: InstanceDetails): readonly Field[] {
  const boot = instance.boots?.at(-1);
  return [
    [say('cli.info.name'), instance.name],
    [say('cli.info.state'), instance.state],
    ...ownersFields(instance),
    [say('cli.info.paused'), instance.pause && pauseLines(instance.pause)],
    [say('cli.info.owner'), instance.isOwn ? undefined : say('cli.info.owner-uid', { uid: instance.ownerUid })],
    [say('cli.info.suspended'), suspendedText(instance)],
    [say('cli.info.under-way'), instance.operation && `${instance.operation.kind} (${instance.operation.id})`],
    [
      say('cli.info.last-error'),
      instance.lastError && `${describeError(instance.lastError).message} [${instance.lastError.code}]`,
    ],
    [say('cli.info.broken'), instance.brokenReason],
    [say('cli.info.way-out'), instance.brokenHint],
    [say('cli.info.image'), instance.imageTitle ?? instance.image],
    [say('cli.info.image-digest'), instance.imageFingerprint?.slice(0, 12)],
    [say('cli.info.addresses'), instance.addresses],
    [say('cli.info.mac'), instance.macAddress],
    [say('cli.info.network'), networkLines(instance)],
    [say('cli.info.default-user'), instance.defaultUser],
    ...sizeFields(instance),
    [say('cli.info.accelerator'), instance.accelerator],
    [say('cli.info.process'), instance.pid?.toString()],
    [say('cli.info.created'), instance.createdAt],
    [say('cli.info.started'), instance.startedAt],
    [say('cli.info.deleted'), instance.deletedAt],
    [boot ? say('cli.info.boot-number', { number: boot.number }) : say('cli.info.boot'), boot && phaseLines(boot)],
    [say('cli.info.mounts'), mountLines(instance)],
    [say('cli.info.security'), securityLines(instance)],
    [say('cli.info.confinement'), layerLines(instance)],
    [say('cli.info.refused'), refusedText(instance)],
  ];
}

function ownersFields({ description, tags, isProtected }: InstanceDetails): readonly Field[] {
  return [
    [say('cli.info.description-of'), description],
    [say('cli.info.tags'), tags?.join(', ')],
    [say('cli.info.protected'), isProtected ? say('cli.info.cannot-be-deleted') : undefined],
  ];
}

function sizeFields(instance: InstanceDetails): readonly Field[] {
  const { cpus, memoryBytes, memoryResidentBytes, diskBytes, diskUsedBytes, atNextStart } = instance;
  const withNext = (now: string | undefined, next: string | undefined): string | undefined =>
    next === undefined
      ? now
      : say(keepsSizes(instance) ? 'cli.info.next-boot' : 'cli.info.next', { now: now ?? '', next });
  return [
    [say('cli.info.cpus'), withNext(cpus?.toString(), atNextStart?.cpus?.toString())],
    [say('cli.info.memory'), withNext(ofWhich(memoryResidentBytes, memoryBytes), sizeOf(atNextStart?.memoryBytes))],
    [say('cli.info.disk'), ofWhich(diskUsedBytes, diskBytes)],
  ];
}

function sizeOf(bytes: number | undefined): string | undefined {
  return bytes === undefined ? undefined : formatBytes(bytes);
}

function networkLines({ name, networkFaults }: InstanceDetails): readonly string[] | undefined {
  if (networkFaults === undefined || networkFaults.length === 0) return undefined;
  return [
    ...networkFaults.map((fault) => networkFaultWords(fault)),
    `→ ${needsRestart(networkFaults) ? `berth restart ${name}` : 'berth doctor'}`,
  ];
}

function suspendedText({ suspended }: InstanceDetails): string | undefined {
  return suspended && say('cli.info.suspended-since', { at: suspended.at, size: formatBytes(suspended.memoryBytes) });
}

function pauseLines({ reason, at }: InstancePause): readonly string[] {
  return [say('cli.info.paused-since', { reason: pauseWords(reason), time: at }), pauseWayOut(reason)];
}

/** Model, label and mode as the kernel tells them, and what the owner decided. */
function securityLines({ label, security }: InstanceDetails): readonly string[] | undefined {
  if (label === undefined) return undefined;
  const { model, modelReason, profile, label: name, labelMode, needsConsent } = label;
  return [
    model === 'apparmor' ? say('cli.info.model', { model }) : say('cli.info.no-model', { reason: modelReason ?? '' }),
    name === undefined ? say('cli.info.profile', { profile }) : say('cli.info.label', { label: name }),
    ...(labelMode === undefined ? [] : [say('cli.info.mode', { mode: labelMode })]),
    ...(needsConsent
      ? [say('cli.info.no-consent')]
      : security?.isAllowedWithoutAppArmor === true
        ? [say('cli.info.without-apparmor')]
        : []),
    ...(security?.grants ?? []).map(({ path, mode, kind }) => say('cli.info.granted', { kind, path, mode })),
  ];
}

function layerLines({ confinement }: InstanceDetails): readonly string[] | undefined {
  const width = Math.max(0, ...(confinement ?? []).map(({ layer }) => layer.length));
  return confinement?.map(({ layer, state, evidence }) => `${layer.padEnd(width)}  ${state.padEnd(11)}  ${evidence}`);
}

function refusedText({ name, denials }: InstanceDetails): string | undefined {
  return denials && say('cli.info.refused-things', { total: denials.total, undecided: denials.undecided, name });
}

function mountLines({ mounts }: InstanceDetails): readonly string[] | undefined {
  return mounts?.flatMap((mount) => {
    const { source, target, isReadOnly, state, reason, transport, overSsh, fallback, lastError, notifications } = mount;
    const by = state === 'waiting' ? undefined : transport;
    const further = [
      overSsh && describeError(overSsh).message,
      fallback && say('cli.info.mount-fell-back', { reason: describeError(fallback).message }),
      lastError &&
        state === 'connected' &&
        say('cli.info.mount-came-back', {
          count: mount.reconnects,
          time: lastError.at,
          error: describeError(lastError.error).message,
        }),
      traffic(mount),
      notifications && noticeText(notifications),
    ];
    return [
      say('cli.info.mount', {
        source,
        target,
        state,
        readOnly: isReadOnly ? 'yes' : 'no',
        transport: by ?? 'none',
        overSsh: by !== undefined && overSsh ? 'yes' : 'no',
        reason: reason === undefined ? 'none' : describeError(reason).message,
      }),
      ...further.flatMap((line) => (line ? [`  ${line}`] : [])),
    ];
  });
}

function traffic({ bytesToGuest, bytesFromGuest, bytesPerSecond }: MountSummary): string | undefined {
  if (bytesToGuest + bytesFromGuest === 0) return undefined;
  const sizes = { toGuest: formatBytes(bytesToGuest), fromGuest: formatBytes(bytesFromGuest) };
  return bytesPerSecond
    ? say('cli.info.mount-traffic-now', { ...sizes, rate: formatBytes(bytesPerSecond) })
    : say('cli.info.mount-traffic', sizes);
}

function noticeText({ told, leftOut, reason }: NonNullable<MountSummary['notifications']>): string {
  return reason
    ? say('cli.info.mount-told-reason', { told, leftOut, reason: describeError(reason).message })
    : say('cli.info.mount-told', { told, leftOut });
}

function ofWhich(used: number | undefined, size: number | undefined): string | undefined {
  if (size === undefined) return undefined;
  return used === undefined
    ? formatBytes(size)
    : say('cli.info.used-of', { used: formatBytes(used), size: formatBytes(size) });
}

function phaseLines(boot: BootRecord): readonly string[] {
  const width = Math.max(0, ...boot.phases.map((phase) => phase.phase.length));
  return boot.phases.map((phase) => `${phase.phase.padEnd(width)}  ${phaseText(phase)}`.trimEnd());
}

function phaseText(phase: PhaseRecord): string {
  const took =
    phase.startedAt && phase.endedAt
      ? `  ${formatDuration(Date.parse(phase.endedAt) - Date.parse(phase.startedAt))}`
      : '';
  return `${phase.state}${took}${phase.evidence ? `  ${phase.evidence}` : ''}`;
}

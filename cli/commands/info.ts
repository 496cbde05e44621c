// SPDX-License-Identifier: MIT
import { formatDuration } from '#contract/duration.ts';
import { describeError } from '#contract/errors.ts';
import type { BootRecord, InstanceDetails } from '#contract/instances.ts';
import type { MountSummary } from '#contract/mounts.ts';
import { needsRestart, networkFaultTexts } from '#contract/network-faults.ts';
import type { PhaseRecord } from '#contract/operations.ts';
import { pauseWayOut, pauseWords, type InstancePause } from '#contract/pause.ts';
import { formatBytes } from '#contract/units.ts';
import { rowOf, wordOf } from '#contract/open-enum.ts';
import type { CommandContext } from '../command-context.ts';
import { renderOutput, type OutputFormat } from '../render/format.ts';
import { renderFields } from '../render/table.ts';
import { report } from '../run-command.ts';
import { summaryKeys, withPause } from './list.ts';
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
] as const;

function fieldsOf(instance: InstanceDetails): readonly (readonly [string, string | readonly string[] | undefined])[] {
  const boot = instance.boots?.at(-1);
  return [
    ['Name', instance.name],
    ['State', instance.state],
    ['Paused', instance.pause && pauseLines(instance.pause)],
    ['Owner', instance.isOwn ? undefined : `uid ${instance.ownerUid}`],
    ['Under way', instance.operation && `${instance.operation.kind} (${instance.operation.id})`],
    ['Last error', instance.lastError && `${describeError(instance.lastError).message} [${instance.lastError.code}]`],
    ['Broken', instance.brokenReason],
    ['Way out', instance.brokenHint],
    ['Image', instance.imageTitle ?? instance.image],
    ['Image digest', instance.imageFingerprint?.slice(0, 12)],
    ['Addresses', instance.addresses],
    ['MAC', instance.macAddress],
    ['Network', networkLines(instance)],
    ['Default user', instance.defaultUser],
    ['CPUs', instance.cpus?.toString()],
    ['Memory', ofWhich(instance.memoryResidentBytes, instance.memoryBytes)],
    ['Disk', ofWhich(instance.diskUsedBytes, instance.diskBytes)],
    ['Accelerator', instance.accelerator],
    ['Process', instance.pid?.toString()],
    ['Created', instance.createdAt],
    ['Started', instance.startedAt],
    ['Deleted', instance.deletedAt],
    [boot ? `Boot ${boot.number}` : 'Boot', boot && phaseLines(boot)],
    ['Mounts', mountLines(instance)],
    ['Security', securityLines(instance)],
    ['Confinement', layerLines(instance)],
    ['Refused', refusedText(instance)],
  ];
}

function networkLines({ name, networkFaults }: InstanceDetails): readonly string[] | undefined {
  if (networkFaults === undefined || networkFaults.length === 0) return undefined;
  return [
    ...networkFaults.map((fault) => rowOf(networkFaultTexts, fault, wordOf(fault))),
    `→ ${needsRestart(networkFaults) ? `berth restart ${name}` : 'berth doctor'}`,
  ];
}

function pauseLines({ reason, at }: InstancePause): readonly string[] {
  return [`${pauseWords(reason)}, since ${at}`, pauseWayOut(reason)];
}

/** Model, label and mode as the kernel tells them, and what the owner decided. */
function securityLines({ label, security }: InstanceDetails): readonly string[] | undefined {
  if (label === undefined) return undefined;
  const { model, modelReason, profile, label: name, labelMode, needsConsent } = label;
  return [
    model === 'apparmor' ? 'model apparmor' : `model none: ${modelReason ?? ''}`,
    name === undefined ? `profile ${profile}` : `label ${name}`,
    ...(labelMode === undefined ? [] : [`mode ${labelMode}`]),
    ...(needsConsent
      ? ['does not start: its owner has not allowed it to run without AppArmor']
      : security?.isAllowedWithoutAppArmor === true
        ? ['allowed to run without AppArmor']
        : []),
    ...(security?.grants ?? []).map(({ path, mode, kind }) => `granted: ${kind} ${path} (${mode})`),
  ];
}

function layerLines({ confinement }: InstanceDetails): readonly string[] | undefined {
  const width = Math.max(0, ...(confinement ?? []).map(({ layer }) => layer.length));
  return confinement?.map(({ layer, state, evidence }) => `${layer.padEnd(width)}  ${state.padEnd(11)}  ${evidence}`);
}

function refusedText({ name, denials }: InstanceDetails): string | undefined {
  return denials && `${denials.total} things, ${denials.undecided} not decided on; see berth denials ${name}`;
}

function mountLines({ mounts }: InstanceDetails): readonly string[] | undefined {
  return mounts?.flatMap((mount) => {
    const { source, target, isReadOnly, state, reason, transport, overSsh, fallback, lastError, notifications } = mount;
    const why = reason === undefined ? '' : `: ${describeError(reason).message}`;
    const by = transport === undefined || state === 'waiting' ? '' : `, by ${transport}${overSsh ? ' over SSH' : ''}`;
    const further = [
      overSsh && describeError(overSsh).message,
      fallback && `fell back: ${describeError(fallback).message}`,
      lastError &&
        state === 'connected' &&
        `came back ${mount.reconnects} times; last error, ${lastError.at}: ${describeError(lastError.error).message}`,
      traffic(mount),
      notifications &&
        `${notifications.told} changes told to the guest, ${notifications.leftOut} left out${notifications.reason ? `: ${describeError(notifications.reason).message}` : ''}`,
    ];
    return [
      `${source} on ${target}${isReadOnly ? ', read-only' : ''} (${state}${by}${why})`,
      ...further.flatMap((line) => (line ? [`  ${line}`] : [])),
    ];
  });
}

function traffic({ bytesToGuest, bytesFromGuest, bytesPerSecond }: MountSummary): string | undefined {
  if (bytesToGuest + bytesFromGuest === 0) return undefined;
  return `${formatBytes(bytesToGuest)} to the guest, ${formatBytes(bytesFromGuest)} from it${bytesPerSecond ? `, ${formatBytes(bytesPerSecond)}/s now` : ''}`;
}

function ofWhich(used: number | undefined, size: number | undefined): string | undefined {
  if (size === undefined) return undefined;
  return used === undefined ? formatBytes(size) : `${formatBytes(used)} used of ${formatBytes(size)}`;
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

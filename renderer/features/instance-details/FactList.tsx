// SPDX-License-Identifier: MIT
import type { InstanceDetails, InstanceSummary } from '#contract/instances.ts';
import { formatBytes, formatMoment, shortFingerprint } from '../../lib/format.ts';
import { KeyValue } from '../../ui/KeyValue.tsx';
import { detailsStrings as strings } from './strings.ts';

const labels = strings.factLabels;

/** What the instance is made of. */
export function FactList({ instance, details }: { readonly instance: InstanceSummary; readonly details: InstanceDetails | undefined }) {
  const { cpus, memoryBytes, diskBytes, addresses = [] } = instance;
  const resident = details?.memoryResidentBytes;
  const used = details?.diskUsedBytes;
  const memory = memoryBytes === undefined ? undefined : formatBytes(memoryBytes);
  const disk = diskBytes === undefined ? undefined : formatBytes(diskBytes);
  return (
    <KeyValue
      facts={[
        { label: labels.image, value: details?.imageTitle ?? instance.image },
        ...(details?.imageFingerprint === undefined ? [] : [{ label: 'sha256', value: <code>{shortFingerprint(details.imageFingerprint)}</code>, copy: details.imageFingerprint }]),
        { label: labels.address, value: addresses.length === 0 ? undefined : <code>{addresses.join(', ')}</code>, copy: addresses[0] },
        { label: labels.hostName, value: details?.hostName },
        { label: labels.user, value: details?.defaultUser },
        { label: labels.mac, value: details?.macAddress === undefined ? undefined : <code>{details.macAddress}</code> },
        { label: labels.cpus, value: cpus === undefined ? undefined : String(cpus) },
        { label: labels.memory, value: memory !== undefined && resident !== undefined ? strings.resident(formatBytes(resident), memory) : memory },
        { label: labels.disk, value: disk !== undefined && used !== undefined ? strings.diskUse(formatBytes(used), disk) : disk },
        { label: labels.architecture, value: details?.architecture },
        { label: labels.accelerator, value: instance.accelerator === undefined ? undefined : strings.accelerators[instance.accelerator] },
        { label: labels.pid, value: details?.pid === undefined ? undefined : String(details.pid) },
        { label: labels.created, value: instance.createdAt === undefined ? undefined : formatMoment(instance.createdAt) },
        { label: labels.boots, value: details?.boots === undefined ? undefined : String(details.boots.length) },
      ]}
    />
  );
}

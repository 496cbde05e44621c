// SPDX-License-Identifier: MIT
import type { ReactNode } from 'react';
import type { InstanceDetails, InstanceSummary } from '#contract/instances.ts';
import { needsRestart, networkFaultTexts } from '#contract/network-faults.ts';
import { rowOf, wordOf } from '#contract/open-enum.ts';
import { formatBytes, formatMoment, shortFingerprint } from '../../../lib/format.ts';
import { wordIn } from '../../../lib/later-words.ts';
import { KeyValue, type Fact } from '../../../ui/KeyValue.tsx';
import { overviewStrings as strings } from './strings.ts';

const labels = strings.factLabels;

type Known = InstanceDetails | undefined;

/** What the instance is made of; a fact that nobody knows is left out. */
export function FactList({ instance, details }: { readonly instance: InstanceSummary; readonly details: Known }) {
  return (
    <KeyValue
      facts={[...identityFacts(instance, details), ...sizeFacts(instance, details), ...processFacts(instance, details)]}
    />
  );
}

function identityFacts({ image, addresses = [] }: InstanceSummary, details: Known): readonly Fact[] {
  const sha256 = details?.imageFingerprint;
  return [
    { label: labels.image, value: details?.imageTitle ?? image },
    { label: labels.sha256, value: shown(sha256, (text) => <code>{shortFingerprint(text)}</code>), copy: sha256 },
    {
      label: labels.address,
      value: shown(addresses[0], () => <code>{addresses.join(', ')}</code>),
      copy: addresses[0],
    },
    { label: labels.network, value: networkFact(details) },
    { label: labels.hostName, value: details?.hostName },
    { label: labels.user, value: details?.defaultUser },
    { label: labels.mac, value: shown(details?.macAddress, (text) => <code>{text}</code>) },
  ];
}

/** What keeps it from its network, with the way out; nothing where it has it. */
function networkFact(details: Known): ReactNode {
  const faults = details?.networkFaults ?? [];
  if (details === undefined || faults.length === 0) return undefined;
  const told = faults.map((fault) => rowOf(networkFaultTexts, fault, wordOf(fault))).join(', ');
  return (
    <span data-testid="network-faults">
      {told} → <code>{needsRestart(faults) ? `berth restart ${details.name}` : 'berth doctor'}</code>
    </span>
  );
}

function sizeFacts({ cpus, memoryBytes, diskBytes }: InstanceSummary, details: Known): readonly Fact[] {
  const resident = details?.memoryResidentBytes;
  const used = details?.diskUsedBytes;
  return [
    { label: labels.cpus, value: shown(cpus, String) },
    {
      label: labels.memory,
      value: shown(memoryBytes, (total) =>
        resident === undefined ? formatBytes(total) : strings.resident(formatBytes(resident), formatBytes(total)),
      ),
    },
    {
      label: labels.disk,
      value: shown(diskBytes, (total) =>
        used === undefined ? formatBytes(total) : strings.diskUse(formatBytes(used), formatBytes(total)),
      ),
    },
  ];
}

function processFacts({ accelerator, createdAt }: InstanceSummary, details: Known): readonly Fact[] {
  return [
    { label: labels.architecture, value: details?.architecture },
    { label: labels.accelerator, value: shown(accelerator, (kind) => wordIn(strings.accelerators, kind)) },
    { label: labels.pid, value: shown(details?.pid, String) },
    { label: labels.created, value: shown(createdAt, formatMoment) },
    { label: labels.boots, value: shown(details?.boots?.length, String) },
  ];
}

function shown<T>(value: T | undefined, show: (value: T) => ReactNode): ReactNode {
  return value === undefined ? undefined : show(value);
}

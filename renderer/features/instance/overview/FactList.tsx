// SPDX-License-Identifier: MIT
import type { ReactNode } from 'react';
import type { InstanceDetails, InstanceSummary } from '#contract/instances.ts';
import { needsRestart, networkFaultWords } from '#contract/network-faults.ts';
import { visibleText } from '#contract/visible-text.ts';
import { say } from '#messages/say.ts';
import { formatBytes, formatMoment, shortFingerprint } from '../../../lib/format.ts';
import { wordIn } from '../../../lib/later-words.ts';
import { Chips } from '../../../ui/Chips.tsx';
import { KeyValue, type Fact } from '../../../ui/KeyValue.tsx';

type Known = InstanceDetails | undefined;

/** What the instance is made of; a fact that nobody knows is left out. */
export function FactList({ instance, details }: { readonly instance: InstanceSummary; readonly details: Known }) {
  return (
    <KeyValue
      facts={[...identityFacts(instance, details), ...sizeFacts(instance, details), ...processFacts(instance, details)]}
    />
  );
}

function identityFacts(
  { image, addresses = [], description, tags = [] }: InstanceSummary,
  details: Known,
): readonly Fact[] {
  const sha256 = details?.imageFingerprint;
  return [
    { label: say('setup.description'), value: shown(description, (text) => asIs(visibleText(text))) },
    { label: say('setup.tags'), value: tags.length === 0 ? undefined : <Chips words={tags} /> },
    { label: say('overview.fact-image'), value: shown(details?.imageTitle ?? image, asIs) },
    {
      label: say('overview.fact-sha256'),
      value: shown(sha256, (text) => <code>{shortFingerprint(text)}</code>),
      copy: sha256,
    },
    {
      label: say('overview.fact-address'),
      value: shown(addresses[0], () => <code>{addresses.join(', ')}</code>),
      copy: addresses[0],
    },
    { label: say('overview.fact-network'), value: networkFact(details) },
    { label: say('overview.fact-host-name'), value: shown(details?.hostName, asIs) },
    { label: say('overview.fact-user'), value: shown(details?.defaultUser, asIs) },
    { label: say('overview.fact-mac'), value: shown(details?.macAddress, (text) => <code>{text}</code>) },
  ];
}

/** What keeps it from its network, with the way out; nothing where it has it. */
function networkFact(details: Known): ReactNode {
  const faults = details?.networkFaults ?? [];
  if (details === undefined || faults.length === 0) return undefined;
  const told = faults.map((fault) => networkFaultWords(fault)).join(', ');
  return (
    <span data-testid="network-faults">
      {told} → <code>{needsRestart(faults) ? `berth restart ${details.name}` : 'berth doctor'}</code>
    </span>
  );
}

function sizeFacts(
  { cpus, memoryBytes, diskBytes, atNextStart = {} }: InstanceSummary,
  details: Known,
): readonly Fact[] {
  const resident = details?.memoryResidentBytes;
  const used = details?.diskUsedBytes;
  return [
    {
      label: say('overview.fact-cpus'),
      value: shown(cpus, (count) => withNext(String(count), atNextStart.cpus?.toString())),
    },
    {
      label: say('overview.fact-memory'),
      value: shown(memoryBytes, (total) =>
        withNext(
          resident === undefined
            ? formatBytes(total)
            : say('overview.resident', { resident: formatBytes(resident), total: formatBytes(total) }),
          atNextStart.memoryBytes === undefined ? undefined : formatBytes(atNextStart.memoryBytes),
        ),
      ),
    },
    {
      label: say('overview.fact-disk'),
      value: shown(diskBytes, (total) =>
        used === undefined
          ? formatBytes(total)
          : say('overview.disk-use', { used: formatBytes(used), total: formatBytes(total) }),
      ),
    },
  ];
}

function withNext(now: string, next: string | undefined): string {
  return next === undefined ? now : say('setup.next', { now, next });
}

function processFacts({ accelerator, createdAt }: InstanceSummary, details: Known): readonly Fact[] {
  return [
    { label: say('overview.fact-architecture'), value: shown(details?.architecture, asIs) },
    {
      label: say('overview.fact-accelerator'),
      value: shown(accelerator, (kind) => wordIn('overview.accelerator', kind)),
    },
    { label: say('overview.fact-pid'), value: shown(details?.pid, String) },
    { label: say('overview.fact-created'), value: shown(createdAt, formatMoment) },
    { label: say('overview.fact-boots'), value: shown(details?.boots?.length, String) },
  ];
}

/** A name, which no language changes. */
function asIs(name: string): ReactNode {
  return <span translate="no">{name}</span>;
}

function shown<T>(value: T | undefined, show: (value: T) => ReactNode): ReactNode {
  return value === undefined ? undefined : show(value);
}

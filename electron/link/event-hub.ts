// SPDX-License-Identifier: MIT
import { applyLinkMessage } from '#contract/apply-link-message.ts';
import type { LinkMessage, LinkState } from '#contract/desktop.ts';
import type { Snapshot } from '#contract/events.ts';
import { partsOf, type InstanceKey } from '#contract/host-keys.ts';
import type { HostId } from '#contract/hosts.ts';
import { emptyView, noImages, ofHost, type HostsView } from '#contract/hosts-view.ts';
import type { OperationSummary } from '#contract/operations.ts';
import type { Transfer } from '#contract/transfers.ts';

type Listener = (message: LinkMessage) => void;

/** How many ended operations of a host a window that comes late is told of. */
const endedOperationsTold = 100;

/**
 * Fans the messages of all hosts' links out to windows. It follows them as a window does, so a window that comes later
 * gets the present state without asking a helper.
 */
export class EventHub {
  readonly #listeners = new Set<Listener>();
  readonly #links = new Map<HostId, LinkState>();
  #view = emptyView;
  #transfers: readonly Transfer[] = [];

  constructor(hosts: readonly HostId[]) {
    for (const host of hosts) this.#links.set(host, { state: 'connecting' });
  }

  /** Takes the next message of a link; the order is the order of delivery. */
  publish(message: LinkMessage): void {
    this.#view = applyLinkMessage(this.#view, message);
    if (message.kind === 'link') this.#links.set(message.host, message.link);
    if (message.kind === 'transfers') this.#transfers = message.transfers;
    for (const listener of this.#listeners) listener(message);
  }

  /** The links' states, the snapshots of those connected, and the copies come at once. Returns the way to stop. */
  subscribe(listener: Listener): () => void {
    if (this.#transfers.length > 0) listener({ kind: 'transfers', transfers: this.#transfers });
    for (const [host, link] of this.#links) {
      listener({ host, kind: 'link', link });
      const snapshot = link.state === 'connected' ? snapshotOf(this.#view, host) : undefined;
      if (snapshot) listener({ host, kind: 'snapshot', snapshot, phases: phasesOf(this.#view, host) });
    }
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}

/** Undefined before the first snapshot of the host's helper. */
function snapshotOf(view: HostsView, host: HostId): Snapshot | undefined {
  const system = view.systems[host];
  if (system === undefined) return undefined;
  return {
    instances: ofHost(view.instances, host),
    operations: withoutOldest(ofHost(view.operations, host)),
    ...(view.images[host] ?? noImages),
    system,
  };
}

function phasesOf({ phases }: HostsView, host: HostId): HostsView['phases'] {
  return Object.fromEntries(Object.entries(phases).filter(([key]) => partsOf(key as InstanceKey).host === host));
}

function withoutOldest<Operation extends OperationSummary>(operations: Operation[]): Operation[] {
  let surplus = operations.filter((each) => each.state !== 'running').length - endedOperationsTold;
  if (surplus <= 0) return operations;
  return operations.filter((each) => each.state === 'running' || (surplus -= 1) < 0);
}

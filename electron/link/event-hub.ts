// SPDX-License-Identifier: MIT
import { applyLinkMessage } from '#contract/apply-link-message.ts';
import type { LinkMessage, LinkState } from '#contract/desktop.ts';
import type { Snapshot } from '#contract/events.ts';
import { emptyView, type HostView } from '#contract/host-view.ts';
import type { OperationSummary } from '#contract/operations.ts';
import type { Transfer } from '#contract/transfers.ts';

type Listener = (message: LinkMessage) => void;

/** How many ended operations a window that comes late is told of. */
const endedOperationsTold = 100;

/**
 * Fans the link's messages out to windows. It follows them as a window does, so a window that comes later gets the
 * present state without asking the helper.
 */
export class EventHub {
  readonly #listeners = new Set<Listener>();
  #link: LinkState = { state: 'connecting' };
  #view = emptyView;
  #transfers: readonly Transfer[] = [];

  /** Takes the next message of the link; the order is the order of delivery. */
  publish(message: LinkMessage): void {
    this.#view = applyLinkMessage(this.#view, message);
    if (message.kind === 'link') this.#link = message.link;
    if (message.kind === 'transfers') this.#transfers = message.transfers;
    for (const listener of this.#listeners) listener(message);
  }

  /** The link state, the snapshot when connected, and the copies come at once. Returns the way to stop. */
  subscribe(listener: Listener): () => void {
    if (this.#transfers.length > 0) listener({ kind: 'transfers', transfers: this.#transfers });
    listener({ kind: 'link', link: this.#link });
    const snapshot = this.#link.state === 'connected' ? snapshotOf(this.#view) : undefined;
    if (snapshot) listener({ kind: 'snapshot', snapshot, phases: this.#view.phases });
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}

/** Undefined before the first snapshot of the helper. */
function snapshotOf({ instances, operations, catalogue, vault, remotes, system }: HostView): Snapshot | undefined {
  if (system === undefined) return undefined;
  return {
    instances: Object.values(instances),
    operations: withoutOldest(Object.values(operations)),
    catalogue,
    vault,
    remotes,
    system,
  };
}

function withoutOldest(operations: OperationSummary[]): OperationSummary[] {
  let surplus = operations.filter((each) => each.state !== 'running').length - endedOperationsTold;
  if (surplus <= 0) return operations;
  return operations.filter((each) => each.state === 'running' || (surplus -= 1) < 0);
}

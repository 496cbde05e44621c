// SPDX-License-Identifier: MIT
import type { LinkMessage, LinkState } from '#contract/desktop.ts';
import type { Snapshot } from '#contract/events.ts';
import type { Transfer } from '#contract/transfers.ts';
import { applyEvent } from './apply-event.ts';

type Listener = (message: LinkMessage) => void;

/**
 * Fans the link's messages out to windows. It keeps the snapshot up to date by the events, so a
 * window that comes later gets the present state without asking the helper.
 */
export class EventHub {
  readonly #listeners = new Set<Listener>();
  #link: LinkState = { state: 'connecting' };
  #snapshot: Snapshot | undefined;
  #transfers: readonly Transfer[] = [];

  /** Takes the next message of the link; the order is the order of delivery. */
  publish(message: LinkMessage): void {
    if (message.kind === 'link') this.#link = message.link;
    if (message.kind === 'snapshot') this.#snapshot = message.snapshot;
    if (message.kind === 'event' && this.#snapshot) this.#snapshot = applyEvent(this.#snapshot, message.event.body);
    if (message.kind === 'images' && this.#snapshot) this.#snapshot = { ...this.#snapshot, ...message.images };
    if (message.kind === 'transfers') this.#transfers = message.transfers;
    for (const listener of this.#listeners) listener(message);
  }

  /** The link state, the snapshot when connected, and the copies come at once. Returns the way to stop. */
  subscribe(listener: Listener): () => void {
    if (this.#transfers.length > 0) listener({ kind: 'transfers', transfers: this.#transfers });
    listener({ kind: 'link', link: this.#link });
    if (this.#link.state === 'connected' && this.#snapshot) listener({ kind: 'snapshot', snapshot: this.#snapshot });
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}

// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import type { Snapshot, snapshotPage, subscribed, subscribeParams } from '#contract/events.ts';
import { limits } from '#contract/protocol.ts';
import type { EventForm, EventView } from './event-view.ts';
import type { Logger } from '../core/log.ts';
import type { Actor } from '../core/seams/operation.ts';
import { EventSubscription } from './event-subscription.ts';
import type { EventSink } from './event-sink.ts';
import type { LoggedEvent } from './logged-event.ts';
import { snapshotPageOf } from './snapshot-pages.ts';

interface EventLogOptions {
  /** Everything a window shows, as `viewer` may see it. */
  readonly snapshot: (viewer: Actor) => Promise<Snapshot> | Snapshot;
  readonly log: Logger;
  /** How many past events are kept. */
  readonly capacity?: number;
}

/** The request that subscribes. */
interface SubscribingCall {
  /** Where the events go. */
  readonly connection: EventSink;
  /** Runs `action` right behind the reply. */
  afterReply(action: () => void): void;
}

const wholes: EventForm = { isChangesOnly: false };

type Since = z.output<typeof subscribeParams>['since'];

/**
 * The numbered record of what changed, and who is told. It keeps the last events for replay, and
 * every subscriber reads from that record at its own pace: no second buffer grows for a slow one,
 * which is cut off when the events it still needs are overwritten.
 */
export class EventLog {
  /** New at each start of the helper: numbers of another boot mean nothing here. */
  readonly bootId = randomBytes(8).toString('hex');
  readonly #options: EventLogOptions;
  readonly #ring: LoggedEvent[] = [];
  readonly #capacity: number;
  readonly #subscriptions = new Map<EventSink, EventSubscription>();
  #sequence = 0;

  constructor(options: EventLogOptions) {
    this.#options = options;
    this.#capacity = options.capacity ?? limits.replayedEvents;
  }

  /** The number of the newest event; 0 before the first. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Numbers an event and tells the subscribers. */
  publish(view: EventView): number {
    this.#sequence += 1;
    this.#ring[this.#sequence % this.#capacity] = { sequence: this.#sequence, at: new Date().toISOString(), view };
    for (const subscription of this.#subscriptions.values()) subscription.deliver();
    return this.#sequence;
  }

  /** The event of that number, or undefined when it is not kept any more or not there yet. */
  at(sequence: number): LoggedEvent | undefined {
    const event = this.#ring[sequence % this.#capacity];
    return event?.sequence === sequence ? event : undefined;
  }

  /**
   * Answers `events.subscribe`. The events after the result's `sequence` follow the reply, each
   * once: replayed ones when `since` can be continued, else those after the snapshot. A second
   * subscription of a connection takes the first one's place.
   */
  async subscribe(
    call: SubscribingCall,
    since?: Since,
    inPages = false,
    form: EventForm = wholes,
  ): Promise<z.input<typeof subscribed>> {
    const sink = call.connection;
    this.#subscriptions.get(sink)?.stop();
    const from = since !== undefined && this.#canContinue(since) ? since.sequence : undefined;
    const sequence = from ?? this.#sequence;
    const snapshot = from === undefined ? await this.#options.snapshot(sink.actor) : undefined;
    call.afterReply(() => this.#add(new EventSubscription(this, { sink, form, from: sequence }, this.#options.log)));
    if (snapshot === undefined) return { bootId: this.bootId, sequence };
    if (!inPages) return { bootId: this.bootId, sequence, snapshot };
    const first = snapshotPageOf(snapshot);
    return {
      bootId: this.bootId,
      sequence,
      snapshot: { ...first.snapshot, system: snapshot.system },
      ...(first.next === undefined ? {} : { next: first.next }),
    };
  }

  /** A later page of a snapshot. */
  async page(viewer: Actor, cursor: string): Promise<z.input<typeof snapshotPage>> {
    return snapshotPageOf(await this.#options.snapshot(viewer), cursor);
  }

  #canContinue(since: NonNullable<Since>): boolean {
    if (since.bootId !== this.bootId || since.sequence > this.#sequence) return false;
    return since.sequence === this.#sequence || this.at(since.sequence + 1) !== undefined;
  }

  #add(subscription: EventSubscription): void {
    const { sink } = subscription;
    if (sink.closed.aborted) return;
    this.#subscriptions.get(sink)?.stop();
    this.#subscriptions.set(sink, subscription);
    sink.closed.addEventListener('abort', () => this.#subscriptions.delete(sink), { once: true });
    subscription.deliver();
  }
}

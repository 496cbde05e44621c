// SPDX-License-Identifier: MIT
import type { EventBody } from '#contract/events.ts';
import { eventNotification } from '#contract/protocol.ts';
import type { EventForm, EventView } from './event-view.ts';
import type { Logger } from '../core/log.ts';
import type { EventSink } from './event-sink.ts';
import type { LoggedEvent } from './logged-event.ts';

/** The record a subscription reads from. */
interface EventRecord {
  readonly sequence: number;
  at(sequence: number): LoggedEvent | undefined;
}

interface Subscriber {
  readonly sink: EventSink;
  readonly form: EventForm;
  /** The number of the last event that it knows. */
  readonly from: number;
}

/** One connection's place in the event log. */
export class EventSubscription {
  readonly sink: EventSink;
  readonly #form: EventForm;
  readonly #events: EventRecord;
  readonly #log: Logger;
  readonly #stopListening: () => void;
  /** The number of the last event this connection was sent or may not see. */
  #cursor: number;
  #isStopped = false;

  constructor(events: EventRecord, { sink, form, from }: Subscriber, log: Logger) {
    this.#events = events;
    this.sink = sink;
    this.#form = form;
    this.#cursor = from;
    this.#log = log;
    this.#stopListening = sink.onDrain(() => this.deliver());
  }

  /** Sends what is new, as far as the client keeps up. */
  deliver(): void {
    while (!this.#isStopped && this.#cursor < this.#events.sequence && !this.sink.isCongested) {
      const event = this.#events.at(this.#cursor + 1);
      if (event === undefined) return this.#fallBehind();
      this.#cursor = event.sequence;
      const body = this.#bodyFor(event.view);
      if (body !== undefined) this.sink.notify(eventNotification, { sequence: event.sequence, at: event.at, body });
    }
    if (!this.#isStopped && this.#cursor < this.#events.sequence && this.#events.at(this.#cursor + 1) === undefined)
      this.#fallBehind();
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopListening();
  }

  #bodyFor(view: EventView): EventBody | undefined {
    try {
      return view(this.sink.actor, this.#form);
    } catch (error) {
      // One event that cannot be shown must not end its publisher's work.
      this.#log.error({ err: error }, 'an event could not be shown');
      return undefined;
    }
  }

  #fallBehind(): void {
    this.stop();
    this.sink.cutOff('it read its events too slowly');
  }
}

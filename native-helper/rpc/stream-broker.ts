// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { StreamToken } from '#contract/names.ts';
import { limits } from '#contract/protocol.ts';
import { defaultQuotas, quotaExceeded, type Quotas } from '../confinement/administrator/quotas.ts';
import type { Actor } from '../core/seams/operation.ts';

export type StreamOpener = (socket: Duplex) => void;

interface Offer {
  readonly uid: number;
  readonly open: StreamOpener;
  readonly expiry: NodeJS.Timeout;
  readonly onUnused: (() => void) | undefined;
}

/**
 * Hands out the tokens that open byte streams. A token works once, for ten seconds, and only for
 * the uid that asked for it.
 */
export class StreamBroker {
  readonly #offers = new Map<string, Offer>();
  readonly #lifetimeMs: number;
  readonly #quotas: () => Quotas;

  constructor(lifetimeMs: number = limits.streamTokenMs, quotas: () => Quotas = () => defaultQuotas) {
    this.#lifetimeMs = lifetimeMs;
    this.#quotas = quotas;
  }

  /**
   * To be asked before what an offer needs is made. @throws HelperError quota.exceeded for a user with as many unused
   * offers as streams are allowed
   */
  requireRoom(uid: number): void {
    const { max_streams: limit } = this.#quotas();
    const offers = [...this.#offers.values()].filter((offer) => offer.uid === uid).length;
    if (uid !== 0 && offers >= limit) throw quotaExceeded('max_streams', uid, limit);
  }

  /**
   * `open` gets the connected stream, which is then its own to end; the other side may half-close
   * it. `onUnused` is called instead when nobody came in time.
   */
  offer(uid: number, open: StreamOpener, onUnused?: () => void): StreamToken {
    const token = randomBytes(16).toString('hex') as StreamToken;
    const expiry = setTimeout(() => this.#expire(token), this.#lifetimeMs).unref();
    this.#offers.set(token, { uid, open, expiry, onUnused });
    return token;
  }

  /** The opener behind a token, which is spent by this; undefined when it is unknown, used, late or another user's. */
  take(token: string, actor: Actor): StreamOpener | undefined {
    const offer = this.#offers.get(token);
    if (offer === undefined || offer.uid !== actor.uid) return undefined;
    clearTimeout(offer.expiry);
    this.#offers.delete(token);
    return offer.open;
  }

  /** Voids all tokens. */
  close(): void {
    for (const token of this.#offers.keys()) this.#expire(token);
  }

  #expire(token: string): void {
    const offer = this.#offers.get(token);
    this.#offers.delete(token);
    if (offer === undefined) return;
    clearTimeout(offer.expiry);
    offer.onUnused?.();
  }
}

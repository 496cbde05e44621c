// SPDX-License-Identifier: MIT
import { defaultQuotas, quotaExceeded, type QuotaName, type Quotas } from '../confinement/administrator/quotas.ts';
import type { HelperError } from '../core/errors.ts';
import { Turns } from './turns.ts';

/** A connection as its user's account sees it. */
export interface Holder {
  /**
   * What the helper keeps for it: requests that came and are not answered, and answers and events that are not read.
   */
  readonly heldBytes: number;
  /** It is the one that holds most while its user holds too much. */
  giveUp(error: HelperError): void;
}

type Counted = Extract<QuotaName, 'max_requests' | 'max_watchers'>;

/**
 * What one user has of the helper's sockets at this moment, over all connections. Root's bytes are bounded too, its
 * counts are not.
 */
export class UserAccount {
  readonly uid: number;
  readonly #quotas: () => Quotas;
  readonly #turns: Turns;
  readonly #holders = new Set<Holder>();
  readonly #counts: Record<Counted, number> = { max_requests: 0, max_watchers: 0 };
  /** Of requests whose connection is gone while their handler is not done. */
  #keptBytes = 0;

  constructor(uid: number, quotas: () => Quotas, turns: Turns) {
    this.uid = uid;
    this.#quotas = quotas;
    this.#turns = turns;
  }

  get isIdle(): boolean {
    return (
      this.#holders.size === 0 && this.#keptBytes === 0 && Object.values(this.#counts).every((count) => count === 0)
    );
  }

  join(holder: Holder): void {
    this.#holders.add(holder);
  }

  leave(holder: Holder): void {
    this.#holders.delete(holder);
  }

  /** Does `work` when this user's turn has come; it must not throw. */
  takeTurn(work: () => void): void {
    this.#turns.take(this.uid, work);
  }

  /** Takes one place; returns what gives it back, once. @throws HelperError quota.exceeded */
  enter(name: Counted): () => void {
    const limit = this.#quotas()[name];
    if (this.uid !== 0 && this.#counts[name] >= limit) throw quotaExceeded(name, this.uid, limit);
    this.#counts[name] += 1;
    let isInside = true;
    return () => {
      if (isInside) this.#counts[name] -= 1;
      isInside = false;
    };
  }

  /**
   * Counts bytes for as long as they are in use without a connection that holds them; returns what gives them back,
   * once.
   */
  keep(bytes: number): () => void {
    this.#keptBytes += bytes;
    let isKept = true;
    return () => {
      if (isKept) this.#keptBytes -= bytes;
      isKept = false;
    };
  }

  /**
   * To be called when something has grown: lets go of the connections that hold most until the user holds no more than
   * allowed.
   */
  settle(): void {
    const limit = this.#quotas().max_buffered_bytes;
    for (let held = this.#heldBytes(); held > limit && this.#holders.size > 0; held = this.#heldBytes()) {
      const most = [...this.#holders].reduce((one, other) => (other.heldBytes > one.heldBytes ? other : one));
      this.leave(most);
      most.giveUp(quotaExceeded('max_buffered_bytes', this.uid, limit));
    }
  }

  #heldBytes(): number {
    let sum = this.#keptBytes;
    for (const { heldBytes } of this.#holders) sum += heldBytes;
    return sum;
  }
}

/** The accounts of those who have connections. */
export class UserAccounts {
  readonly #quotas: () => Quotas;
  readonly #turns = new Turns();
  readonly #byUid = new Map<number, UserAccount>();

  constructor(quotas: () => Quotas = () => defaultQuotas) {
    this.#quotas = quotas;
  }

  of(uid: number): UserAccount {
    for (const [other, account] of this.#byUid) if (account.isIdle && other !== uid) this.#byUid.delete(other);
    const account = this.#byUid.get(uid) ?? new UserAccount(uid, this.#quotas, this.#turns);
    this.#byUid.set(uid, account);
    return account;
  }
}

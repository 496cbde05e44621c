// SPDX-License-Identifier: MIT
import { setTimeout as sleep } from 'node:timers/promises';
import type { MountSummary } from '#contract/mounts.ts';
import { sentence } from '#messages/say.ts';
import { HelperError, toErrorData, toHelperError } from '../core/errors.ts';
import type { ProcessRunner } from '../core/seams/processes.ts';
import type { Logger } from '../core/log.ts';
import { unlessAborted } from '../core/unless-aborted.ts';
import type { MountRecord } from '../store/instance-record.ts';
import { mountLimitMs, type AttachedShare } from './attached-share.ts';
import { BackOff } from './back-off.ts';
import { farewell } from './farewell.ts';
import { ShareWatcher } from './share-watcher.ts';
import { TrafficMeter } from './traffic-meter.ts';

/** A mount that held this long was a good one: the next failure begins with a short wait again. */
const stableMs = 30_000;
const probeEveryMs = 10_000;
/** An emulated guest on a busy computer takes its time, and what is taken for mute is not unmounted in the guest. */
const probeLimitMs = 15_000;
const leaveLimitMs = 30_000;

export interface SupervisedMountOptions {
  readonly record: () => MountRecord;
  /** Whether the guest is there to be reached. */
  readonly isReachable: () => boolean;
  readonly attach: (
    onBytes: (toGuest: number, fromGuest: number) => void,
    signal: AbortSignal,
  ) => Promise<AttachedShare>;
  /** Takes away what was left, in the guest too unless `guestOver` is aborted before. */
  readonly sweep: (guestOver: AbortSignal) => Promise<void>;
  readonly changed: () => void;
  readonly runner: ProcessRunner;
  readonly log: Logger;
}

/** Keeps one mount alive: attaches it when the guest is there, and again whenever and however it ended. */
export class SupervisedMount {
  readonly #options: SupervisedMountOptions;
  readonly #over = new AbortController();
  readonly #running: Promise<void>;
  readonly #waiters = new Set<() => void>();
  #wake = Promise.withResolvers<void>();
  /** Aborted when the next attempt is not to wait. */
  #hurry = new AbortController();
  /** The guest has come or gone. */
  #turn = Promise.withResolvers<void>();
  #wasReachable = false;
  /** The guest was away while this attempt held: its end is no failure. */
  #hasWaited = false;
  #attached: AttachedShare | undefined;
  #state: MountSummary['state'] = 'waiting';
  #since = new Date();
  #reason: HelperError | undefined;
  #lastError: MountSummary['lastError'];
  #transport: Pick<MountSummary, 'transport' | 'fallback' | 'overSsh'> = {};
  #attaches = 0;
  readonly #traffic: TrafficMeter;
  readonly #watcher: ShareWatcher;

  constructor(options: SupervisedMountOptions) {
    this.#options = options;
    this.#traffic = new TrafficMeter(() => {
      if (!this.#over.signal.aborted) options.changed();
    });
    this.#watcher = new ShareWatcher(options.runner, () => {
      if (!this.#over.signal.aborted) options.changed();
    });
    this.#wasReachable = options.isReachable();
    this.#running = this.#run();
  }

  summary(): MountSummary {
    const { owner: _, isTargetOurs: __, ...spec } = this.#options.record();
    return {
      ...spec,
      state: this.#state,
      since: this.#since.toISOString(),
      ...(this.#reason === undefined ? {} : { reason: toErrorData(this.#reason) }),
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
      ...this.#transport,
      reconnects: Math.max(0, this.#attaches - 1),
      ...this.#traffic.read(),
      ...(spec.isNotifying === true ? { notifications: this.#watcher.counts } : {}),
    };
  }

  /** The instance changed: a guest may be there now, or none any more. */
  wake(): void {
    const isReachable = this.#options.isReachable();
    if (isReachable !== this.#wasReachable) this.#turn.resolve();
    this.#wasReachable = isReachable;
    this.#wake.resolve();
  }

  /**
   * Resolves when the first attempt has come to something, or the machine has to be waited for, or the watch is over.
   */
  async settled(signal: AbortSignal): Promise<void> {
    while (this.#state === 'connecting' && !signal.aborted && !this.#over.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#waiters.add(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  /**
   * Attaches it anew, at once: what is attached is let go of, and no back-off is waited for. Resolves
   * when that has come to something, or the machine has to be waited for, and soon after the signal's abort.
   */
  async reconnect(signal: AbortSignal): Promise<void> {
    const attached = this.#attached;
    const guestOver = farewell(signal, this.#isMute);
    this.#hurry.abort();
    if (this.#options.isReachable()) this.#enter('connecting');
    await attached?.detach(true, guestOver);
    await this.settled(signal);
  }

  /**
   * Takes it out of a guest that is to be without it: what is attached, what is just being attached, and what an
   * earlier attempt left. Who asks for it has seen to it that the guest is not to be reached from here on.
   */
  async leave(signal: AbortSignal): Promise<void> {
    this.#hurry.abort();
    await this.settled(AbortSignal.any([signal, AbortSignal.timeout(mountLimitMs)]));
    // what is torn off stays plugged in, and its guest cannot be without it until its next start
    const guestOver = farewell(signal, this.#isMute, leaveLimitMs);
    if (this.#attached) await this.#attached.detach(true, guestOver);
    else await this.#options.sweep(guestOver);
  }

  /**
   * Ends the watch; with `unmount` the folder is taken out of the guest too. What is ours goes whatever the guest does:
   * it is waited for a moment only when it did not answer last time, when the signal is aborted, and without `unmount`.
   */
  async close(unmount: boolean, signal?: AbortSignal): Promise<void> {
    const guestOver = farewell(unmount ? signal : AbortSignal.abort(), this.#isMute);
    const attached = this.#attached;
    this.#attached = undefined;
    this.#over.abort();
    this.#wakeWaiters();
    this.#traffic.close();
    this.#watcher.stop();
    await attached?.detach(unmount, guestOver);
    await this.#running;
    if (unmount && !attached && this.#options.isReachable()) await this.#options.sweep(guestOver);
  }

  /** The guest did not give a sign of life when it was asked last. */
  get #isMute(): boolean {
    return this.#state === 'degraded';
  }

  async #run(): Promise<void> {
    const { signal } = this.#over;
    const backOff = new BackOff();
    while (!signal.aborted) {
      this.#wake = Promise.withResolvers();
      this.#hurry = new AbortController();
      if (!this.#options.isReachable()) {
        this.#enter('waiting');
        backOff.reset();
        await Promise.race([this.#wake.promise, aborted(signal)]);
        continue;
      }
      const startedMs = performance.now();
      const reason = await this.#hold();
      if (signal.aborted) return;
      if (!this.#options.isReachable() || this.#hurry.signal.aborted || this.#hasWaited) continue;
      this.#enter('not-connected', reason);
      if (performance.now() - startedMs > stableMs) backOff.reset();
      await sleep(backOff.after(reason), undefined, { signal: AbortSignal.any([signal, this.#hurry.signal]) }).catch(
        () => undefined,
      ); // the loop's condition tells an abort
    }
  }

  /** Attaches it and returns what ended it or kept it from beginning. */
  async #hold(): Promise<HelperError> {
    const { signal } = this.#over;
    this.#hasWaited = false;
    this.#enter('connecting', this.#reason);
    try {
      const attached = detachedOnce(
        await this.#options.attach((toGuest, fromGuest) => this.#traffic.add(toGuest, fromGuest), signal),
      );
      if (signal.aborted) {
        await attached.detach(true, farewell(signal));
        return new HelperError('mount.lost');
      }
      this.#attached = attached;
      this.#transport = {
        transport: attached.transport,
        ...(attached.fallback === undefined ? {} : { fallback: toErrorData(attached.fallback) }),
        ...(attached.overSsh === undefined ? {} : { overSsh: toErrorData(attached.overSsh) }),
      };
      this.#attaches += 1;
      this.#options.log.info(
        { transport: attached.transport, fallback: attached.fallback?.message, overSsh: attached.overSsh?.message },
        'mount attached',
      );
      this.#enter('connected');
      await this.#notify(attached);
      const reason = await this.#watch(attached);
      this.#watcher.stop();
      if (this.#attached === attached) {
        this.#attached = undefined;
        await attached.detach(false, farewell(signal));
      }
      return reason;
    } catch (error) {
      return toHelperError(error);
    }
  }

  async #notify(attached: AttachedShare): Promise<void> {
    const record = this.#options.record();
    if (record.isNotifying !== true) return;
    if (attached.notify) await this.#watcher.start(record, attached.notify);
    else this.#watcher.refuse(sentence('mount.no-changes-by', { transport: attached.transport }));
  }

  /**
   * Resolves with what ended it. Meanwhile the guest is asked for a sign of life: a link tells nobody that it is cut.
   */
  async #watch(attached: AttachedShare): Promise<HelperError> {
    let isOver = false;
    const reason = attached.ended.then((error) => {
      isOver = true;
      return error;
    });
    const over = new AbortController();
    void reason.then(() => over.abort());
    const until = AbortSignal.any([over.signal, this.#over.signal]);
    while (!isOver && !this.#over.signal.aborted) {
      this.#turn = Promise.withResolvers();
      // A guest that is gone and back has not what it had: it is asked at once. A share that needs no guest to live
      // waits meanwhile.
      if (!this.#options.isReachable()) {
        this.#enter('waiting');
        this.#hasWaited = true;
        await Promise.race([this.#turn.promise, aborted(until)]);
      } else
        await Promise.race([
          this.#turn.promise,
          sleep(probeEveryMs, undefined, { signal: until }).catch(() => undefined),
        ]); // the loop's condition tells an abort
      if (isOver || this.#over.signal.aborted) break;
      if (!this.#options.isReachable()) continue;
      const isAlive = await unlessAborted(attached.probe(probeLimitMs), until).catch(() => false);
      if (!until.aborted) this.#enter(isAlive ? 'connected' : 'degraded');
    }
    return await reason;
  }

  #enter(state: MountSummary['state'], reason?: HelperError): void {
    if (this.#over.signal.aborted || (state === this.#state && reason?.message === this.#reason?.message)) return;
    this.#options.log.info({ state, reason: reason?.message }, 'mount');
    if (state !== this.#state) this.#since = new Date();
    this.#state = state;
    this.#reason = reason;
    if (reason !== undefined && state === 'not-connected')
      this.#lastError = { at: new Date().toISOString(), error: toErrorData(reason) };
    this.#wakeWaiters();
    this.#options.changed();
  }

  #wakeWaiters(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }
}

/** Who lets go of it and who sees it end may both ask: it is done once, in the time of the more hurried one. */
function detachedOnce(attached: AttachedShare): AttachedShare {
  const over = new AbortController();
  let detaching: Promise<void> | undefined;
  return {
    ...attached,
    detach: async (isUnmounted, guestOver) => {
      if (guestOver.aborted) over.abort();
      else guestOver.addEventListener('abort', () => over.abort(), { once: true });
      await (detaching ??= attached.detach(isUnmounted, over.signal));
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

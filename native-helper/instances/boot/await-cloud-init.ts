// SPDX-License-Identifier: MIT
import { setTimeout as sleep } from 'node:timers/promises';
import { HelperError, toHelperError } from '../../core/errors.ts';
import { awaitCloudInit, type CloudInitOutcome } from '../../guest/cloud-init.ts';
import type { Boot } from './boot.ts';
import { guestTarget } from '../instance/guest-target.ts';
import type { Instance } from '../instance/instance.ts';
import { onSilence } from './on-silence.ts';
import type { InstanceServices } from '../instance/services.ts';

/** How long a guest that restarts may stay silent on its console until it greets. */
const silenceLimitMs = 5 * 60_000;
/** How long a guest may greet and let nobody in: cloud-init may be about to make the user. */
const refusalLimitMs = 60_000;
const pauseMs = 2000;
/** No guest comes up and restarts within this, and a busy computer takes long between two ways. */
const sameRestartMs = 3000;

export type FirstBootOutcome = CloudInitOutcome | { readonly outcome: 'powered-off'; readonly detail: string };

/**
 * Waits for cloud-init to end, over every restart that it makes of the guest, and says how it ended. A guest that
 * powers itself off has ended too.
 */
export async function awaitCloudInitOf(
  services: InstanceServices,
  instance: Instance,
  boot: Boot,
  signal: AbortSignal,
): Promise<FirstBootOutcome> {
  const watch = new RestartWatch(boot);
  const refusal = new Refusal();
  try {
    while (!watch.isOver) {
      const { restarts } = watch;
      const isAsBefore = (): boolean => !watch.isOver && watch.restarts === restarts;
      const answer = await ask(services, instance, signal);
      // What a restart breaks off has failed too: a moment tells the one from the other.
      if (!('outcome' in answer) || answer.outcome === 'failed') await watch.change(pauseMs, signal);
      if (!isAsBefore()) refusal.end();
      else if ('outcome' in answer) return { ...answer, detail: `${answer.detail}${watch.words}` };
      else if ((await greets(services, instance, boot, AbortSignal.any([signal, watch.over]))) && isAsBefore())
        refusal.goOn(answer.failure);
    }
    await boot.ended;
    return { outcome: 'powered-off', detail: `the guest powered itself off${watch.words}` };
  } finally {
    watch.stop();
  }
}

type Answer = CloudInitOutcome | { readonly failure: HelperError };

async function ask(services: InstanceServices, instance: Instance, signal: AbortSignal): Promise<Answer> {
  try {
    return await awaitCloudInit(services.connections, await guestTarget(services, instance), signal);
  } catch (error) {
    signal.throwIfAborted();
    const failure = toHelperError(error);
    if (failure.code === 'guest.host-key-mismatch') throw failure;
    return { failure };
  }
}

/** A guest that greets and lets nobody in. */
class Refusal {
  #sinceMs: number | undefined;

  end(): void {
    this.#sinceMs = undefined;
  }

  /** Throws what it is refused with once that has lasted too long. */
  goOn(failure: HelperError): void {
    this.#sinceMs ??= performance.now();
    if (performance.now() - this.#sinceMs > refusalLimitMs) throw failure;
  }
}

/**
 * Waits for a greeting, whoever is let in then; a console that moves is waited for. False where the machine ended
 * first.
 */
async function greets(
  { connections }: InstanceServices,
  { record: { hostKey } }: Instance,
  boot: Boot,
  signal: AbortSignal,
): Promise<boolean> {
  const silence = new AbortController();
  const stopSilence = onSilence(boot, silenceLimitMs, () => silence.abort());
  try {
    await connections.greeting(
      { hostKey, address: boot.lease?.address ?? '' },
      AbortSignal.any([signal, silence.signal]),
    );
    return true;
  } catch (error) {
    if (silence.signal.aborted)
      throw new HelperError('guest.ssh-timeout', { seconds: silenceLimitMs / 1000 }, { cause: error });
    if (signal.aborted) return false;
    throw error;
  } finally {
    stopSilence();
  }
}

/** What the machine does meanwhile. */
class RestartWatch {
  restarts = 0;
  #resetAtMs = -Infinity;
  readonly #over = new AbortController();
  readonly #stopEvents: () => void;
  #changed = Promise.withResolvers<void>();

  constructor(boot: Boot) {
    this.#stopEvents = boot.machine.onEvent(({ kind }) => {
      if (kind !== 'reset') return;
      // A kernel tries one way after the other to restart its machine, and each of them does.
      if (performance.now() - this.#resetAtMs > sameRestartMs) this.restarts += 1;
      this.#resetAtMs = performance.now();
      this.#tell();
    });
    void boot.machine.exited.then(() => {
      this.#over.abort();
      this.#tell();
    });
  }

  get over(): AbortSignal {
    return this.#over.signal;
  }

  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  get words(): string {
    return this.restarts === 0 ? '' : `, after it restarted ${this.restarts === 1 ? 'once' : `${this.restarts} times`}`;
  }

  /** Until the machine restarts or ends, but no longer than `ms`. */
  async change(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.isOver) await Promise.race([this.#changed.promise, sleep(ms, undefined, { signal })]);
  }

  stop(): void {
    this.#stopEvents();
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

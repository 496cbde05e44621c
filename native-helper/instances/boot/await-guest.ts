// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import { toErrorData, HelperError } from '../../core/errors.ts';
import type { OperationContext } from '../../core/seams/operation.ts';
import { awaitCloudInitOf } from './await-cloud-init.ts';
import type { Boot } from './boot.ts';
import { describeExit } from '../machine/describe-exit.ts';
import type { Instance } from '../instance/instance.ts';
import { onSilence } from './on-silence.ts';
import { paused, pauseOf } from '../machine/paused.ts';
import type { InstanceServices } from '../instance/services.ts';
import { inPhase } from '../machine/start-machine.ts';

const tailLines = 20;
/** It may update a whole distribution; a guest that says nothing by then says nothing. */
const cloudInitLimitMs = 60 * 60_000;

type Wait = Pick<OperationContext, 'signal' | 'report'>;

interface GuestWait extends Wait {
  /** How long the guest may stay silent. */
  readonly quietSeconds: number;
}

/** The part of an operation that a wait needs. */
export function waitOf(ctx: OperationContext): Wait {
  return { signal: ctx.signal, report: (progress) => ctx.report(progress) };
}

/**
 * Waits until the guest answers: lease, then SSH. Each byte on its console begins the time it may be silent anew, so a
 * slow boot that moves is never cut short. Fails at once when QEMU ends or the guest's kernel gives up.
 *
 * @throws HelperError guest.address-timeout, guest.ssh-timeout, instance.paused, guest.kernel-panic,
 * hypervisor.crashed, with the phase and the console's last lines
 */
export async function awaitGuest(
  services: InstanceServices,
  instance: Instance,
  boot: Boot,
  ctx: GuestWait,
): Promise<void> {
  const watch = new BootWatch(boot, ctx.quietSeconds);
  const signal = AbortSignal.any([ctx.signal, watch.signal]);
  const { connections } = services;
  const { hostKey } = instance.record;
  const release = connections.prepare({ hostKey });
  try {
    ctx.report({ step: boot.timeline.current ?? 'lease' });
    await watch.until(() => boot.lease !== undefined, signal, ctx);
    ctx.report({ step: 'sshd' });
    const address = boot.lease?.address ?? '';
    const banner = await connections.greeting({ hostKey, address }, signal);
    boot.timeline.end('sshd', new Date(), `${banner} at ${address}`, 'cloud-init');
    services.registry.touch(instance);
  } catch (error) {
    ctx.signal.throwIfAborted();
    const phase = boot.timeline.current ?? 'sshd';
    boot.timeline.fail(phase, new Date(), 'ended here');
    throw inPhase(watch.signal.aborted ? watch.signal.reason : error, phase, await boot.console.tail(tailLines));
  } finally {
    release();
    watch.stop();
  }
}

/**
 * Waits for cloud-init, when the guest answers already. Its failure is told with the instance and
 * kept there, but the instance is not taken away: it runs, and what went wrong can be looked at in it.
 */
export async function awaitFirstBoot(
  services: InstanceServices,
  instance: Instance,
  boot: Boot,
  ctx: Wait,
): Promise<void> {
  ctx.report({ step: 'cloud-init' });
  boot.timeline.begin('cloud-init', new Date());
  try {
    const signal = AbortSignal.any([ctx.signal, AbortSignal.timeout(cloudInitLimitMs)]);
    const { outcome, detail } = await awaitCloudInitOf(services, instance, boot, signal);
    if (outcome === 'failed') throw new HelperError('guest.cloud-init-failed', { reason: detail });
    if (outcome === 'absent') boot.timeline.skip('cloud-init', detail);
    else boot.timeline.end('cloud-init', new Date(), detail);
  } catch (error) {
    if (ctx.signal.aborted) boot.timeline.skip('cloud-init', 'its end was not waited for');
    ctx.signal.throwIfAborted();
    boot.timeline.fail('cloud-init', new Date(), error instanceof Error ? error.message : String(error));
    const lastError = toErrorData(inPhase(error, 'cloud-init', await boot.console.tail(tailLines)));
    await services.registry.update(instance, () => ({ lastError }));
  }
}

/** Ends the waiting for a guest that died or fell silent. */
class BootWatch {
  readonly #boot: Boot;
  readonly #quietMs: number;
  readonly #controller = new AbortController();
  readonly #moved = (): void => this.#lookForPanic();
  readonly #stopSilence: () => void;

  constructor(boot: Boot, quietSeconds: number) {
    this.#boot = boot;
    this.#quietMs = quietSeconds * 1000;
    this.#stopSilence = onSilence(boot, this.#quietMs, () => this.#giveUp());
    boot.console.on('grown', this.#moved);
    void boot.machine.exited.then((exit) => {
      const reason = describeExit(exit);
      this.#controller.abort(
        new HelperError('hypervisor.crashed', { activity: sentence('instance.while-it-booted'), reason }),
      );
    });
    this.#lookForPanic();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  stop(): void {
    this.#stopSilence();
    this.#boot.console.off('grown', this.#moved);
  }

  /** Resolves when `isReached` holds; looked at whenever the boot's timeline may have moved. */
  async until(isReached: () => boolean, signal: AbortSignal, ctx: Wait): Promise<void> {
    if (isReached()) return;
    const reached = Promise.withResolvers<void>();
    const look = (): void => {
      ctx.report({ step: this.#boot.timeline.current ?? 'lease' });
      if (isReached()) reached.resolve();
    };
    const abort = (): void => reached.reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    const stopTimeline = this.#boot.timeline.onChange(look);
    try {
      await reached.promise;
    } finally {
      signal.removeEventListener('abort', abort);
      stopTimeline();
    }
  }

  #lookForPanic(): void {
    const { panic } = this.#boot;
    if (panic !== undefined) this.#controller.abort(new HelperError('guest.kernel-panic', { reason: panic }));
  }

  #giveUp(): void {
    const { spec } = this.#boot;
    const pause = pauseOf(this.#boot);
    if (pause) return this.#controller.abort(paused(spec.instance, pause));
    const code = this.#boot.lease ? 'guest.ssh-timeout' : 'guest.address-timeout';
    this.#controller.abort(new HelperError(code, { seconds: this.#quietMs / 1000 }));
  }
}

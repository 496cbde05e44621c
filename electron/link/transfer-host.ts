// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import type { z } from 'zod';
import type { HostId } from '#contract/hosts.ts';
import type { InstanceName } from '#contract/names.ts';
import type { ConflictAnswer, copyInParams, copyOutParams, Transfer } from '#contract/transfers.ts';
import { say } from '#messages/say.ts';
import { LinkError } from './error-data.ts';
import { RunningTransfer, type TransferPlan } from './running-transfer.ts';

export interface TransferHostOptions {
  readonly openSftp: (host: HostId, name: InstanceName, signal: AbortSignal) => Promise<Duplex>;
  /** Called with all copies when one of them changed, not more often than the eye can follow. */
  readonly onChange: (transfers: readonly Transfer[]) => void;
}

const publishEveryMs = 100;
/** Each has a connection of its own to its guest's SSH. */
const mostRunning = 8;
const mostKept = 20;

/** The copies of one window, into instances and out of them. They run as the user, for this program does. */
export class TransferHost {
  readonly #options: TransferHostOptions;
  readonly #transfers = new Map<string, RunningTransfer>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TransferHostOptions) {
    this.#options = options;
  }

  get runningCount(): number {
    return [...this.#transfers.values()].filter(({ isRunning }) => isRunning).length;
  }

  /** Begins to copy into an instance of the host; returns the copy's id. */
  copyIn(host: HostId, { name, paths, folder = '.' }: z.output<typeof copyInParams>): string {
    return this.#begin({ direction: 'in', host, instance: name, sources: paths.map(requireAbsolute), folder });
  }

  copyOut(host: HostId, { name, paths, folder }: z.output<typeof copyOutParams>): string {
    return this.#begin({ direction: 'out', host, instance: name, sources: paths, folder: requireAbsolute(folder) });
  }

  /** An answer to a question that is no longer asked does nothing. */
  answer({ id, conflict, choice, isForAll }: ConflictAnswer): void {
    this.#transfers.get(id)?.answer(conflict, choice, isForAll);
  }

  cancel(id: string): void {
    this.#transfers.get(id)?.cancel();
  }

  /** Of an ended copy: it stays in the list, as one that needs nobody's eye any more. */
  dismiss(id: string): void {
    this.#transfers.get(id)?.putAway();
  }

  /** Cancels all and resolves when nothing half-copied is left. */
  async stop(): Promise<void> {
    const all = [...this.#transfers.values()];
    for (const transfer of all) transfer.cancel();
    await Promise.all(all.map(({ ended }) => ended));
    clearTimeout(this.#timer);
  }

  #begin(plan: TransferPlan): string {
    const all = [...this.#transfers];
    if (this.runningCount >= mostRunning)
      throw new LinkError('request.invalid', {
        reason: say('desktop.refused.copies-under-way', { count: mostRunning }),
      });
    for (const [id, { isRunning }] of all.slice(0, Math.max(0, all.length - mostKept)))
      if (!isRunning) this.#transfers.delete(id);
    const id = `t-${randomBytes(4).toString('hex')}`;
    this.#transfers.set(
      id,
      new RunningTransfer(id, plan, { openSftp: this.#options.openSftp, onChange: () => this.#publishSoon() }),
    );
    this.#publishSoon();
    return id;
  }

  #publishSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#options.onChange([...this.#transfers.values()].map((transfer) => transfer.summary()));
    }, publishEveryMs);
  }
}

function requireAbsolute(text: string): string {
  if (!path.isAbsolute(text))
    throw new LinkError('request.invalid', { reason: say('desktop.refused.no-absolute-path', { path: text }) });
  return text;
}

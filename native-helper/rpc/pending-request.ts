// SPDX-License-Identifier: MIT
import { Event, type AbstractCancellationTokenSource, type CancellationToken } from 'vscode-jsonrpc/node';

/**
 * A request between its arrival and its reply. To the JSON-RPC library it is the cancellation
 * token and its source; to the handler it gives an AbortSignal.
 */
export class PendingRequest implements AbstractCancellationTokenSource, CancellationToken {
  readonly onCancellationRequested = Event.None;
  /** Of the request as it came. */
  readonly bytes: number;
  readonly #leave: () => void;
  #giveBack: (() => void) | undefined;
  #isBegun = false;
  readonly #controller = new AbortController();
  readonly #afterReply: (() => void)[] = [];

  /** `leave` gives back the user's place. */
  constructor(bytes = 0, leave: () => void = () => undefined) {
    this.bytes = bytes;
    this.#leave = leave;
  }

  get token(): CancellationToken {
    return this;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isCancellationRequested(): boolean {
    return this.signal.aborted;
  }

  /** A handler has its parameters. */
  begin(): void {
    this.#isBegun = true;
  }

  /** Gives back the user's place and what was kept for it. */
  leave(): void {
    this.#leave();
    this.#giveBack?.();
  }

  /**
   * Nobody waits for it any more. A handler that is at work has the place, and what `keep` takes, until it is done: its
   * parameters are in use.
   */
  abandon(keep: () => () => void): void {
    this.cancel();
    if (this.#isBegun) this.#giveBack = keep();
    else this.leave();
  }

  cancel(): void {
    this.#controller.abort();
  }

  dispose(): void {
    this.#afterReply.length = 0;
  }

  afterReply(action: () => void): void {
    this.#afterReply.push(action);
  }

  /** The reply is on its way. */
  replied(isSuccess: boolean): void {
    if (isSuccess) for (const action of this.#afterReply) action();
    this.dispose();
  }
}

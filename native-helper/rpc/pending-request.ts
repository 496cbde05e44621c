// SPDX-License-Identifier: MIT
import { Event, type AbstractCancellationTokenSource, type CancellationToken } from 'vscode-jsonrpc/node';

/**
 * A request between its arrival and its reply. To the JSON-RPC library it is the cancellation
 * token and its source; to the handler it gives an AbortSignal.
 */
export class PendingRequest implements AbstractCancellationTokenSource, CancellationToken {
  readonly onCancellationRequested = Event.None;
  readonly #controller = new AbortController();
  readonly #afterReply: (() => void)[] = [];

  get token(): CancellationToken {
    return this;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isCancellationRequested(): boolean {
    return this.signal.aborted;
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

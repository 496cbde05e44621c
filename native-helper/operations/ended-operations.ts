// SPDX-License-Identifier: MIT
import type { OperationSummary } from '#contract/operations.ts';
import type { Actor } from '../core/seams/operation.ts';

/** How many ended operations are remembered. */
const capacity = 200;

interface EndedOperation {
  readonly summary: OperationSummary;
  isVisibleTo(viewer: Actor): boolean;
}

/** The operations that ended last, for those who ask later. */
export class EndedOperations {
  readonly #byId = new Map<string, EndedOperation>();

  add(operation: EndedOperation): void {
    this.#byId.set(operation.summary.id, operation);
    for (const id of this.#byId.keys()) {
      if (this.#byId.size <= capacity) break;
      this.#byId.delete(id);
    }
  }

  get(id: string, viewer: Actor): OperationSummary | undefined {
    const operation = this.#byId.get(id);
    return operation?.isVisibleTo(viewer) === true ? operation.summary : undefined;
  }

  list(viewer: Actor): OperationSummary[] {
    return [...this.#byId.values()].filter((each) => each.isVisibleTo(viewer)).map((each) => each.summary);
  }
}

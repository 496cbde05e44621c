// SPDX-License-Identifier: MIT
import type { OperationSummary } from '#contract/operations.ts';
import type { Actor } from '../core/seams/operation.ts';

/** How many ended operations of one user are remembered, and listed at once. */
const capacity = 200;
/** Of all users together. */
const totalCapacity = 4_000;

interface EndedOperation {
  readonly summary: OperationSummary;
  isVisibleTo(viewer: Actor): boolean;
}

/**
 * The operations that ended last, for those who ask later. Nobody's operations push another's out while there is room.
 */
export class EndedOperations {
  readonly #byOwner = new Map<number, Map<string, EndedOperation>>();

  add(operation: EndedOperation): void {
    const { id, ownerUid } = operation.summary;
    const own = this.#byOwner.get(ownerUid) ?? new Map<string, EndedOperation>();
    this.#byOwner.set(ownerUid, own.set(id, operation));
    if (own.size > capacity) dropOldest(own);
    if (this.#all().length > totalCapacity)
      dropOldest([...this.#byOwner.values()].reduce((one, other) => (other.size > one.size ? other : one)));
  }

  get(id: string, viewer: Actor): OperationSummary | undefined {
    for (const own of this.#byOwner.values()) {
      const operation = own.get(id);
      if (operation?.isVisibleTo(viewer) === true) return operation.summary;
    }
    return undefined;
  }

  /** Oldest first. */
  list(viewer: Actor): OperationSummary[] {
    const visible = this.#all()
      .filter((each) => each.isVisibleTo(viewer))
      .map((each) => each.summary);
    return visible.sort((a, b) => (a.endedAt ?? '').localeCompare(b.endedAt ?? '')).slice(-capacity);
  }

  #all(): EndedOperation[] {
    return [...this.#byOwner.values()].flatMap((own) => [...own.values()]);
  }
}

function dropOldest(operations: Map<string, EndedOperation>): void {
  const [oldest] = operations.keys();
  if (oldest !== undefined) operations.delete(oldest);
}

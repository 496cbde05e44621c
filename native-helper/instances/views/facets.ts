// SPDX-License-Identifier: MIT
import type { InstanceDetails, InstanceSummary } from '#contract/instances.ts';
import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { Facet } from '../../core/seams/instances.ts';
import type { Actor } from '../../core/seams/operation.ts';
import { shortened } from '../../core/shortened.ts';
import type { OperationManager } from '../../operations/manager.ts';
import type { Instance } from '../instance/instance.ts';

/** Well below what a page of a list holds: all that is told of it, with what its machine and its mounts had to say. */
const mostToldBytes = 192 * 1024;

interface FacetsParts {
  readonly operations: Pick<OperationManager, 'current'>;
  readonly log: Logger;
}

/** What instances show: what is common to all, and the fields of each {@link Facet} that was added. */
export class Facets {
  readonly #parts: FacetsParts;
  readonly #facets: Facet<Instance>[] = [];

  constructor(parts: FacetsParts) {
    this.#parts = parts;
  }

  add(...facets: readonly Facet<Instance>[]): void {
    this.#facets.push(...facets);
  }

  /** What `viewer` may know: everything of one's own, name and state of another's. */
  summary(instance: Instance, viewer: Actor): InstanceSummary {
    const { record } = instance;
    const operation = this.#parts.operations.current(instance.name);
    const common = { name: record.name, state: instance.state(operation), ownerUid: record.owner.uid };
    if (!instance.isOwnedBy(viewer)) return { ...common, isOwn: false };
    return shortened<InstanceSummary>(
      {
        ...common,
        isOwn: true,
        operation: operation && { id: operation.id, kind: operation.kind },
        ...this.#told(instance, (facet) => facet.summary?.(instance)),
      },
      mostToldBytes,
    );
  }

  /** All that is known of an instance and its machine, looked at now. What cannot be looked at is absent. */
  async details(instance: Instance, viewer: Actor, signal: AbortSignal): Promise<InstanceDetails> {
    const looked = await Promise.all(this.#facets.map((facet) => this.#look(facet, instance, signal)));
    return {
      ...this.summary(instance, viewer),
      ...this.#told(instance, (facet) => facet.details?.(instance)),
      ...merged(looked),
    };
  }

  #told<Fields extends object>(instance: Instance, tell: (facet: Facet<Instance>) => Fields | undefined): Fields {
    return merged(
      this.#facets.map((facet) => {
        try {
          return tell(facet);
        } catch (error) {
          this.#parts.log.error({ err: error, instance: instance.name, facet: facet.name }, 'a facet told nothing');
          return undefined;
        }
      }),
    );
  }

  async #look(
    facet: Facet<Instance>,
    instance: Instance,
    signal: AbortSignal,
  ): Promise<Partial<InstanceDetails> | undefined> {
    try {
      return await facet.look?.(instance, signal);
    } catch (error) {
      signal.throwIfAborted();
      this.#parts.log.warn(
        { instance: instance.name, facet: facet.name, reason: messageOf(error) },
        'a part of an instance could not be looked at',
      );
      return undefined;
    }
  }
}

/** Each field is one facet's. */
function merged<Fields extends object>(parts: readonly (Fields | undefined)[]): Fields {
  return Object.assign({}, ...parts) as Fields;
}

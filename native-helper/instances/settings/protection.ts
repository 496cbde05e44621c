// SPDX-License-Identifier: MIT
import type { InstanceVerb } from '#contract/verbs.ts';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';

/** @throws HelperError instance.protected */
export function requireUnprotected(verb: InstanceVerb, { name, record }: Pick<Instance, 'name' | 'record'>): void {
  if (record.isProtected === true)
    throw new HelperError('instance.protected', { name, command: sentence(`verb.${verb}.passive`) });
}

/**
 * The same of an operation that is under way, so that protection is refused from now on ({@link requireStaying}): what
 * was asked for before is written first.
 */
export async function requireStillUnprotected(
  { registry }: InstanceServices,
  verb: InstanceVerb,
  instance: Instance,
): Promise<void> {
  requireUnprotected(verb, { name: instance.name, record: await registry.settled(instance) });
}

/**
 * One that is on its way out cannot be promised to stay.
 *
 * @throws HelperError operation.conflict
 */
export function requireStaying({ name, record }: Instance, underWay: string | undefined): void {
  const isGoing =
    underWay === 'delete' || underWay === 'purge' || (underWay === 'launch' && record.launchedAt === undefined);
  if (isGoing) throw new HelperError('operation.conflict', { name, kind: underWay });
}

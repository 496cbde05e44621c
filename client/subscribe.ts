// SPDX-License-Identifier: MIT
import type { Snapshot } from '#contract/events.ts';
import type { MethodParams, MethodResult } from '#contract/protocol.ts';
import type { HelperConnection, RequestOptions } from './helper-connection.ts';
import { inOrder } from './in-order.ts';

type Since = NonNullable<MethodParams<'events.subscribe'>['since']>;
type Subscribed = Omit<MethodResult<'events.subscribe'>, 'next'>;

/**
 * Subscribes to events, of what changed where the helper tells that, and gathers the pages of the snapshot. Events that
 * come meanwhile are to be applied to it, in order.
 */
export async function subscribe(
  connection: HelperConnection,
  since?: Since,
  options: RequestOptions = {},
): Promise<Subscribed> {
  const asked = since === undefined ? {} : { since };
  const form = {
    ...(connection.has('pages') && { pages: true }),
    ...(connection.has('changes') && { changes: true }),
  };
  const first = await connection.request('events.subscribe', { ...asked, ...form }, options);
  let { snapshot, next } = first;
  while (snapshot !== undefined && next !== undefined) {
    const page: MethodResult<'events.snapshot'> = await connection.request(
      'events.snapshot',
      { cursor: next },
      options,
    );
    snapshot = joined(snapshot, page.snapshot);
    next = page.next;
  }
  return {
    bootId: first.bootId,
    sequence: first.sequence,
    ...(snapshot === undefined ? {} : { snapshot: ordered(snapshot) }),
  };
}

function joined(one: Snapshot, more: Omit<Snapshot, 'system'>): Snapshot {
  return {
    system: one.system,
    instances: [...one.instances, ...more.instances],
    operations: [...one.operations, ...more.operations],
    catalogue: [...one.catalogue, ...more.catalogue],
    vault: [...one.vault, ...more.vault],
    remotes: [...(one.remotes ?? []), ...(more.remotes ?? [])],
  };
}

function ordered({ system, instances, operations, catalogue, vault, remotes }: Snapshot): Snapshot {
  return {
    system,
    instances: inOrder(instances),
    operations: inOrder(operations),
    catalogue: inOrder(catalogue),
    vault: inOrder(vault),
    ...(remotes === undefined ? {} : { remotes: inOrder(remotes) }),
  };
}

// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import type { InstanceRecord } from '../../store/instance-record.ts';

type Decided = Pick<InstanceRecord, 'mounts' | 'security'>;

/**
 * An instance is told whole, in one event and as one entry of a list: what its owner makes of it has to fit into a
 * message with all else that is told.
 */
const mostBytes = 128 * 1024;

/**
 * To be called before mounts or settings of an instance are noted. What is larger from an earlier version may become
 * smaller.
 * @throws HelperError request.invalid
 */
export function requireTellable(before: Decided, change: Partial<Decided>): void {
  const bytes = bytesOf({ ...before, ...change });
  if (bytes <= mostBytes || bytes <= bytesOf(before)) return;
  throw new HelperError('request.invalid', {
    reason: sentence('instance.decisions-too-long', { bytes, most: mostBytes }),
  });
}

function bytesOf({ mounts, security }: Decided): number {
  return Buffer.byteLength(JSON.stringify([mounts, security]));
}

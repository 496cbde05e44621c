// SPDX-License-Identifier: MIT
import type { Credentials } from './seams/processes.ts';

/**
 * What a process runs as that touches files on a user's word: that user, without capabilities. Root's has root's own
 * rights: without capabilities even root would be refused other users' files, which it may read.
 */
export function rightsOf({ uid, gid }: Credentials): { readonly runAs?: Credentials } {
  return uid === 0 ? {} : { runAs: { uid, gid } };
}

// SPDX-License-Identifier: MIT
import type { NetworkAttachment, NetworkObservation } from '../core/seams/network.ts';

/** What stands between what was seen and what is asked for. */
export interface NetworkPlan {
  /** The bridge, its rules and dnsmasq are to be there. */
  readonly isWanted: boolean;
  readonly tapsToMake: readonly NetworkAttachment[];
  readonly tapsToRemove: readonly string[];
  /** Bridge, tables and dnsmasq go: nobody uses them and all of them could be seen. */
  readonly isTornDown: boolean;
}

/** Removes only what was seen for certain and carries our mark; makes only what was seen to be missing. */
export function planNetwork(seen: NetworkObservation, attachments: readonly NetworkAttachment[]): NetworkPlan {
  const isWanted = attachments.length > 0;
  if (seen.taps === 'unknown' || seen.bridge === 'unknown')
    return { isWanted, tapsToMake: [], tapsToRemove: [], isTornDown: false };
  const wanted = new Set(attachments.map((each) => each.tap));
  const present = new Set(seen.taps);
  const isAnythingLeft =
    seen.bridge === 'present' ||
    seen.dnsmasq === 'running' ||
    seen.table === 'present' ||
    seen.files === 'present' ||
    present.size > 0;
  return {
    isWanted,
    tapsToMake: attachments.filter((each) => !present.has(each.tap)),
    tapsToRemove: seen.taps.filter((tap) => !wanted.has(tap)),
    isTornDown: !isWanted && isAnythingLeft,
  };
}

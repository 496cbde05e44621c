// SPDX-License-Identifier: MIT
import type { Logger } from '../core/log.ts';
import { isNewer, loadDocument, writeDocument } from '../store/document.ts';
import { networkDocument, type NetworkRecord } from './network-document.ts';

/** What the network remembers over reboots: its subnet and which instance has which address. */
export type NetworkState = NetworkRecord;

const empty: NetworkState = { schema: 1, revision: 0, reservations: [] };

/**
 * Reads the state; an unreadable one is set aside and the network begins anew. Beside one of a later version it does
 * so too, but that one stays: nothing `isKept` then.
 */
export async function loadNetworkState(
  file: string,
  log: Logger,
): Promise<{ readonly state: NetworkState; readonly isKept: boolean }> {
  try {
    return { state: (await loadDocument(networkDocument, file, log)) ?? empty, isKept: true };
  } catch (error) {
    if (!isNewer(error)) throw error;
    log.error({ file, reason: error.message }, 'it is left alone; the network begins anew, and none of it is kept');
    return { state: empty, isKept: false };
  }
}

export async function saveNetworkState(file: string, state: NetworkState): Promise<NetworkState> {
  return await writeDocument(networkDocument, file, { ...state, revision: state.revision + 1 });
}

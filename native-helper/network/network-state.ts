// SPDX-License-Identifier: MIT
import type { Logger } from '../core/log.ts';
import { loadDocument, writeDocument } from '../store/document.ts';
import { networkDocument, type NetworkRecord } from './network-document.ts';

/** What the network remembers over reboots: its subnet and which instance has which address. */
export type NetworkState = NetworkRecord;

const empty: NetworkState = { schema: 1, revision: 0, reservations: [] };

/** Reads the state; an unreadable one is set aside and the network begins anew. */
export async function loadNetworkState(file: string, log: Logger): Promise<NetworkState> {
  return (await loadDocument(networkDocument, file, log)) ?? empty;
}

export async function saveNetworkState(file: string, state: NetworkState): Promise<NetworkState> {
  return await writeDocument(networkDocument, file, { ...state, revision: state.revision + 1 });
}

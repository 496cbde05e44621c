// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { macAddress } from '#contract/names.ts';
import type { Logger } from '../core/log.ts';
import { writeDurably } from '../store/durable.ts';
import { loadStateFile } from '../store/load-state-file.ts';

const stateSchema = z.looseObject({
  schema: z.literal(1),
  revision: z.int().nonnegative(),
  subnet: z.string().optional(),
  /** The oldest first. */
  reservations: z.array(z.object({ mac: macAddress, host: z.int().min(2).max(254) })),
});

/** What the network remembers over reboots: its subnet and which instance has which address. */
export type NetworkState = Readonly<z.infer<typeof stateSchema>>;

const empty: NetworkState = { schema: 1, revision: 0, reservations: [] };

/** Reads the state; an unreadable one is set aside and the network begins anew. */
export async function loadNetworkState(file: string, log: Logger): Promise<NetworkState> {
  return (await loadStateFile(file, (content) => stateSchema.parse(content), log)) ?? empty;
}

export async function saveNetworkState(file: string, state: NetworkState): Promise<NetworkState> {
  const next = { ...state, revision: state.revision + 1 };
  await writeDurably(file, `${JSON.stringify(next, undefined, 2)}\n`);
  return next;
}

// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import { socketNames } from '#contract/protocol.ts';
import { connectHelper } from '../../client/connect-helper.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import { downReason, type DownState } from './down-reason.ts';
import { watchSocket } from './socket-watch.ts';

/** The way to a host's helper: whatever gives a {@link HelperConnection}. */
export interface Backend {
  /** Where the helper is, for people. */
  readonly path: string;
  /** Rejects with what {@link Backend.downReason} explains. */
  connect(signal: AbortSignal): Promise<HelperConnection>;
  downReason(error: unknown): DownState;
  /** Calls when it may be worth to connect at once. Returns the way to stop. */
  watch(onChange: () => void): () => void;
}

/** The helper of this computer, by its sockets. */
export function localBackend(runDirectory: string, clientName: string): Backend {
  return {
    path: join(runDirectory, socketNames.rpc),
    connect: async (signal) => await connectHelper({ runDirectory, clientName, signal }),
    downReason: (error) => downReason(runDirectory, error),
    watch: (onChange) => watchSocket(runDirectory, socketNames.rpc, onChange),
  };
}

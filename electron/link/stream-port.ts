// SPDX-License-Identifier: MIT
import { z } from 'zod';
import type { StreamMessage } from '#contract/desktop.ts';

/** One end of a message channel: Electron's MessagePortMain, or Node's MessagePort in tests. */
export interface StreamPort {
  post(message: StreamMessage): void;
  onMessage(listener: (message: unknown) => void): void;
  onClose(listener: () => void): void;
  close(): void;
}

/** What a window may send; it is checked, for a window is not trusted. */
export const streamMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('data'), bytes: z.instanceof(Uint8Array) }),
  z.object({ kind: z.literal('ack'), bytes: z.int().nonnegative() }),
  z.object({ kind: z.literal('end') }),
  z.object({ kind: z.literal('failed'), reason: z.string().max(1000) }),
]);

// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { plainLines } from '../../core/plain-lines.ts';

/** The forms of QEMU's machine protocol (docs/interop/qmp-spec.txt), by their distinguishing key. */
const greeting = z.object({
  QMP: z.object({
    version: z.object({ qemu: z.object({ major: z.int(), minor: z.int(), micro: z.int() }), package: z.string() }),
  }),
});
const success = z.object({ return: z.unknown(), id: z.int() });
const failure = z.object({ error: z.object({ class: z.string(), desc: z.string() }), id: z.int().optional() });
const event = z.object({
  event: z.string(),
  data: z.record(z.string(), z.unknown()).default({}),
  timestamp: z.object({ seconds: z.int(), microseconds: z.int() }),
});

export type QmpGreeting = z.infer<typeof greeting>;
export type QmpEvent = z.infer<typeof event>;
export type QmpMessage =
  | { readonly kind: 'greeting'; readonly greeting: QmpGreeting }
  | { readonly kind: 'success'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number | undefined; readonly reason: string }
  | { readonly kind: 'event'; readonly event: QmpEvent };

/** A line that QEMU never writes in earnest; longer ones are skipped, so that memory stays bounded. */
const lineLimit = 128 * 1024;
/** Nor is one so deep, or of so many values: it is not looked at further. */
const depthLimit = 16;
const valuesLimit = 4_000;
const reasonLimit = 1_000;

/** Cuts a byte stream into messages. What is no message is skipped: QEMU may be of any version or broken. */
export class QmpDecoder {
  #pieces: string[] = [];
  #length = 0;
  #isSkipping = false;

  push(text: string): QmpMessage[] {
    const messages: QmpMessage[] = [];
    const parts = text.split('\n');
    parts.forEach((part, index) => {
      this.#append(part);
      if (index < parts.length - 1) messages.push(...this.#endLine());
    });
    return messages;
  }

  #append(part: string): void {
    this.#length += part.length;
    if (this.#length > lineLimit) this.#isSkipping = true;
    if (this.#isSkipping) this.#pieces = [];
    else this.#pieces.push(part);
  }

  #endLine(): QmpMessage[] {
    const line = this.#pieces.join('');
    const isSkipped = this.#isSkipping;
    this.#pieces = [];
    this.#length = 0;
    this.#isSkipping = false;
    const message = isSkipped ? undefined : parseMessage(line);
    return message ? [message] : [];
  }
}

/** One line for QEMU. */
export function encodeCommand(
  id: number,
  execute: string,
  args: Readonly<Record<string, unknown>> | undefined,
): string {
  return `${JSON.stringify({ execute, ...(args ? { arguments: args } : {}), id })}\n`;
}

function parseMessage(line: string): QmpMessage | undefined {
  if (!line.startsWith('{')) return undefined; // an exception for each of a million lines would keep the helper busy
  const value = parseJson(line);
  if (!isModest(value)) return undefined;
  const asSuccess = success.safeParse(value);
  if (asSuccess.success) return { kind: 'success', id: asSuccess.data.id, value: asSuccess.data.return };
  const asEvent = event.safeParse(value);
  if (asEvent.success) return { kind: 'event', event: asEvent.data };
  const asFailure = failure.safeParse(value);
  if (asFailure.success)
    return {
      kind: 'failure',
      id: asFailure.data.id,
      reason: plainLines(asFailure.data.error.desc.slice(0, reasonLimit)).join(' '),
    };
  const asGreeting = greeting.safeParse(value);
  return asGreeting.success ? { kind: 'greeting', greeting: asGreeting.data } : undefined;
}

/** Whether a value is of a size that is worth looking at. */
function isModest(value: unknown): boolean {
  let level: unknown[] = [value];
  let count = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    count += level.length;
    if (depth > depthLimit || count > valuesLimit) return false;
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
  }
  return true;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // garbage is no message; the caller skips it
  }
}

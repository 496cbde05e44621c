// SPDX-License-Identifier: MIT
import type { Socket } from 'node:net';
import { limits, streamGreeting } from '#contract/protocol.ts';
import { streamAccepted, streamRefused } from '#contract/streams.ts';
import type { Logger } from '../core/log.ts';
import type { Actor } from '../core/seams/operation.ts';
import type { StreamBroker } from './stream-broker.ts';

interface AcceptOptions {
  readonly streams: StreamBroker;
  readonly log: Logger;
  readonly greetingTimeoutMs?: number;
}

const newline = 0x0a;
const greetingPattern = new RegExp(`^${streamGreeting} ([0-9a-f]{32})$`);
/** The greeting, its blank, a token of 32 digits and the newline. */
const greetingBytes = streamGreeting.length + 1 + 32 + 1;

/** Reads the greeting of a stream connection and hands the connection to whoever offered the token. */
export function acceptStream(socket: Socket, actor: Actor, options: AcceptOptions): void {
  const log = options.log.child({ uid: actor.uid });
  let held = Buffer.alloc(0);
  const timer = setTimeout(() => socket.destroy(), options.greetingTimeoutMs ?? limits.messageTimeoutMs).unref();
  const onEnd = (): void => void socket.destroy();
  const onReadable = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    held = Buffer.concat([held, chunk]);
    const end = held.subarray(0, greetingBytes).indexOf(newline);
    if (end < 0 && held.length < greetingBytes) return;
    stop();
    open(end < 0 ? '' : held.toString('latin1', 0, end), held.subarray(end + 1));
  };
  const stop = (): void => {
    clearTimeout(timer);
    socket.off('readable', onReadable).off('end', onEnd);
  };
  const open = (greeting: string, rest: Buffer): void => {
    const opener = options.streams.take(greetingPattern.exec(greeting)?.[1] ?? '', actor);
    if (opener === undefined) {
      log.info('stream refused');
      socket.resume();
      return void socket.end(streamRefused, () => socket.destroy());
    }
    if (rest.length > 0) socket.unshift(rest);
    socket.write(streamAccepted);
    // Node forgets that somebody listened for 'readable' one tick later; only then 'data' and pipe work.
    setImmediate(() => {
      try {
        opener(socket);
      } catch (error) {
        log.error({ err: error }, 'a stream could not be opened');
        socket.destroy();
      }
    });
  };
  socket.on('error', (error) => log.debug({ err: error }, 'stream failed'));
  socket.once('close', () => clearTimeout(timer));
  socket.on('readable', onReadable).on('end', onEnd);
}

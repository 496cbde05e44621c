// SPDX-License-Identifier: MIT
import { finished } from 'node:stream/promises';
import type { ClientChannel } from 'ssh2';
import type { Lane } from '../lanes/lane.ts';
import type { GuestEnd } from './messages.ts';
import type { PacketSocket } from './packet-socket.ts';

interface Carried {
  readonly channel: ClientChannel;
  readonly socket: PacketSocket;
  readonly lanes: { readonly stdio: Lane; readonly stderr: Lane };
}

interface CarryEvents {
  /** The guest has ended it, and all that it sent is on the lanes. */
  readonly over: (end: GuestEnd) => void;
  /** The guest has sent what it had no leave to send. */
  readonly overstepped: () => void;
}

/** Joins a channel's three streams to two lanes, each at the pace of its reader. */
export function carryChannel({ channel, socket, lanes }: Carried, events: CarryEvents): void {
  const { stdio, stderr } = lanes;
  watchWindow(channel, events.overstepped);
  let end: GuestEnd = {};
  channel.on('exit', (code: number | null, signal?: string) => {
    if (code !== null) end = { exitCode: code };
    else if (signal !== undefined) end = { signal: String(signal).slice(0, 32) };
  });
  channel.pipe(stdio);
  channel.stderr.pipe(stderr);
  stderr.resume(); // nobody writes there
  carryInput(stdio, channel, socket);
  channel.once('close', () => {
    void Promise.allSettled([stdio, stderr].map((lane) => finished(lane, { readable: false }))).then(() =>
      events.over(end),
    );
    for (const lane of [stdio, stderr]) lane.end();
  });
}

/** The library counts what it granted, lets pass what is more, and drops in silence what comes when nothing is left. */
function watchWindow(channel: ClientChannel, overstepped: () => void): void {
  const { incoming } = channel as unknown as { readonly incoming: { window: number } };
  let left = incoming.window;
  Object.defineProperty(incoming, 'window', {
    get: () => (left === 0 ? Number.MIN_VALUE : left), // never nothing, so that the next byte is counted
    set: (value: number) => {
      left = Math.trunc(value);
      if (value < 0) overstepped();
    },
  });
}

/**
 * The library writes to its socket without asking for room, as far as the guest's window goes: a guest may open that
 * wide and not read.
 */
function carryInput(from: Lane, to: ClientChannel, socket: PacketSocket): void {
  const goOn = (): void => void from.resume();
  from.on('data', (chunk: Buffer) => {
    const hasRoom = to.write(chunk);
    if (hasRoom && !socket.writableNeedDrain) return;
    from.pause();
    if (hasRoom) socket.once('drain', goOn);
    else to.once('drain', goOn);
  });
  from.once('end', () => to.end());
  to.once('close', () => from.resume()); // it ended without having read all
}

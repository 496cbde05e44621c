// SPDX-License-Identifier: MIT
import type { ClientChannel } from 'ssh2';
import type { Lane } from '../lanes/lane.ts';
import { carryChannel } from './carry-channel.ts';
import type { GuestEnd } from './messages.ts';
import type { PacketSocket } from './packet-socket.ts';

export interface ChannelOrder {
  readonly stdio: Lane;
  readonly stderr: Lane;
  /** Something runs there on a terminal. */
  readonly hasTerminal: boolean;
  /** A guest that has not answered by then will not. */
  readonly limitMs: number;
  /** Called once: it serves, or with what failed. */
  readonly begun: (failure?: string) => void;
  /** Called once, after `begun` without failure. */
  readonly over: (end: GuestEnd) => void;
}

/** What a program gets to end in when its terminal goes. */
const hangUpMs = 3_000;

interface ItsConnection {
  /** For a guest that does what no honest one does. */
  readonly breakOff: (reason: string) => void;
  /** Nothing more is expected of the guest. */
  readonly isDone: () => void;
}

/** A channel from its asking to its end, which the helper's wish, the guest's, and the connection's end are. */
export class Channel {
  readonly #order: ChannelOrder;
  readonly #connection: ItsConnection;
  #limit: NodeJS.Timeout;
  #opened: ClientChannel | undefined;
  #state: 'asked' | 'open' | 'over' = 'asked';

  constructor(order: ChannelOrder, connection: ItsConnection) {
    this.#order = order;
    this.#connection = connection;
    this.#limit = setTimeout(() => connection.breakOff('the guest does not answer'), order.limitMs);
  }

  begin(opened: ClientChannel, socket: PacketSocket): void {
    clearTimeout(this.#limit);
    this.#opened = opened;
    opened.on('error', () => undefined); // its 'close' follows
    if (this.#state === 'over') return this.#close(); // nobody wants it any more
    this.#state = 'open';
    this.#order.begun();
    carryChannel(
      { channel: opened, socket, lanes: this.#order },
      {
        over: (end) => {
          this.#connection.isDone();
          this.#finish(end);
        },
        overstepped: () => this.#connection.breakOff('the guest sent more than it may'),
      },
    );
  }

  /** The guest does not open it. */
  refuse(reason: string): void {
    this.#connection.isDone();
    this.cutOff(reason);
  }

  /** Its connection is over. */
  cutOff(reason = 'the connection was closed'): void {
    clearTimeout(this.#limit);
    if (this.#state === 'open') return this.#finish({});
    if (this.#state === 'over') return;
    this.#finish({}, reason);
  }

  resize(columns: number, rows: number): void {
    if (this.#state === 'open') this.#opened?.setWindow(rows, columns, 0, 0);
  }

  /** At once for who asked. One that the guest has not opened yet keeps its limit, and is closed when it is. */
  end(): void {
    if (this.#state === 'open') this.#close();
    this.#finish({}, 'it was ended');
  }

  #finish(end: GuestEnd, failure?: string): void {
    const before = this.#state;
    if (before === 'over') return;
    this.#state = 'over';
    this.#order.stdio.destroy();
    this.#order.stderr.destroy();
    if (before === 'asked') this.#order.begun(failure ?? 'it was ended');
    else this.#order.over(end);
  }

  /**
   * The guest has as long to say that it closes as it had to open: what it sends meanwhile is not kept, nor allowed
   * anew. OpenSSH takes a terminal away from what runs on it; dropbear waits for that to end, so it is told to.
   */
  #close(): void {
    const channel = this.#opened;
    if (!channel) return;
    this.#limit = setTimeout(
      () => this.#connection.breakOff('the guest does not close a channel'),
      this.#order.limitMs,
    );
    let hangUp: NodeJS.Timeout | undefined;
    channel.once('close', () => {
      clearTimeout(this.#limit);
      clearTimeout(hangUp);
      this.#connection.isDone();
    });
    for (const stream of [channel, channel.stderr]) {
      const end = stream.push.bind(stream, null);
      stream.unpipe();
      stream.push = (chunk: unknown) => (chunk === null ? end() : false);
      stream.resume(); // what was kept goes, and its end is heard
    }
    if (!this.#order.hasTerminal) return channel.close();
    sendSignal(channel, 'HUP');
    hangUp = setTimeout(
      () => {
        sendSignal(channel, 'KILL');
        channel.close();
      },
      Math.min(hangUpMs, this.#order.limitMs / 2),
    );
  }
}

/** RFC 4254, 6.9. The library sends none on a channel whose input has ended. */
function sendSignal(channel: ClientChannel, name: 'HUP' | 'KILL'): void {
  const { outgoing, _client } = channel as unknown as {
    readonly outgoing: { readonly id: number; readonly state: string };
    readonly _client: { readonly _protocol: { signal(id: number, name: string): void } };
  };
  if (outgoing.state === 'open' || outgoing.state === 'eof') _client._protocol.signal(outgoing.id, name);
}

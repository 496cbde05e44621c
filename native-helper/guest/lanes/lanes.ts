// SPDX-License-Identifier: MIT
import type { Socket } from 'node:net';
import { encodeCredit, encodeFrame, FrameParser, headerBytes, ProtocolViolation, type Frame } from './frames.ts';
import { Lane, windowBytes, type LaneCarrier } from './lane.ts';

/** Messages, grants and ends wait in memory where the other side does not read: this much, then it is given up. */
const mostBacklogBytes = 8 * 1024 * 1024;

export interface LanesOptions {
  /** Of what the other side says at once. */
  readonly mostMessageBytes: number;
  /** The other side is the helper: it may give up a lane before it named it. */
  readonly isTrusting?: boolean;
  readonly onMessage: (message: unknown) => void;
  /** The socket is over, with why where the other side did not keep to the form. Nothing comes after it. */
  readonly onOver: (violation: ProtocolViolation | undefined) => void;
}

/**
 * Many lanes and a line of messages over one socket. Whatever the other side sends is checked and bounded: what it may
 * have under way on a lane, how long a message is, how much it may say on lanes that are over.
 */
export class Lanes implements LaneCarrier {
  readonly #socket: Socket;
  readonly #options: LanesOptions;
  readonly #parser: FrameParser;
  readonly #lanes = new Map<number, Lane>();
  /** Lanes have rising numbers: a frame on a lower one that is unknown is a straggler, on a higher one nonsense. */
  #highest = 0;
  /** What may still come on lanes that are over here and not yet there. */
  #strayBytes = 0;
  #isOver = false;

  constructor(socket: Socket, options: LanesOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#parser = new FrameParser(options.mostMessageBytes);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('drain', () => {
      for (const lane of this.#lanes.values()) lane.goOn();
    });
    socket.on('error', () => undefined); // 'close' follows
    socket.once('close', () => this.close());
  }

  get hasRoom(): boolean {
    return !this.#socket.writableNeedDrain;
  }

  /** The helper gives the numbers; the other side opens a lane when a message names it. */
  open(id: number): Lane {
    if (id <= this.#highest || this.#isOver) throw new ProtocolViolation(`lane ${id} cannot be opened`);
    this.#highest = id;
    const lane = new Lane(id, this);
    this.#lanes.set(id, lane);
    return lane;
  }

  say(message: unknown): void {
    this.#write(encodeFrame('message', 0, Buffer.from(JSON.stringify(message))));
  }

  data(lane: number, payload: Buffer): void {
    this.#write(encodeFrame('data', lane, payload));
  }

  end(lane: number): void {
    this.#write(encodeFrame('end', lane));
  }

  credit(lane: number, bytes: number): void {
    this.#write(encodeCredit(lane, bytes));
  }

  over(lane: number, isCutOff: boolean): void {
    if (!this.#lanes.delete(lane)) return;
    this.#strayBytes += windowBytes + 64 * headerBytes;
    if (isCutOff) this.#write(encodeFrame('reset', lane));
  }

  /** Cuts all lanes off: what came can still be read. */
  close(violation?: ProtocolViolation): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket.destroy();
    for (const lane of this.#lanes.values()) lane.cutOff();
    this.#lanes.clear();
    this.#options.onOver(violation);
  }

  #write(frame: Buffer): void {
    if (this.#isOver) return;
    this.#socket.write(frame);
    if (this.#socket.writableLength > mostBacklogBytes)
      this.close(new ProtocolViolation('it does not read what it is told'));
  }

  #take(chunk: Buffer): void {
    const touched = new Set<Lane>();
    try {
      for (const frame of this.#parser.feed(chunk)) {
        if (this.#isOver) return;
        if (frame.kind === 'message') {
          deliverAll(touched); // what was said of a lane's end comes after its bytes
          this.#options.onMessage(parseMessage(frame.payload));
        } else this.#pass(frame, touched);
      }
      deliverAll(touched);
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error;
      this.close(error);
    }
  }

  #pass({ kind, lane: id, payload }: Frame, touched: Set<Lane>): void {
    const lane = this.#lanes.get(id);
    if (!lane) return this.#takeStray(id, payload.length);
    switch (kind) {
      case 'data':
        touched.add(lane);
        return lane.takeData(payload);
      case 'end':
        return lane.takeEnd();
      case 'credit':
        return lane.takeCredit(payload.readUInt32BE());
      case 'reset':
        this.#lanes.delete(id);
        return lane.cutOff();
      case 'message':
        return;
      default:
        kind satisfies never;
    }
  }

  #takeStray(id: number, bytes: number): void {
    if (this.#options.isTrusting === true) return;
    this.#strayBytes -= headerBytes + bytes;
    if (id > this.#highest || this.#strayBytes < 0)
      throw new ProtocolViolation(`bytes on lane ${id}, which is not open`);
  }
}

function deliverAll(lanes: Set<Lane>): void {
  for (const lane of lanes) lane.deliver();
  lanes.clear();
}

function parseMessage(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    throw new ProtocolViolation('a message that is no JSON');
  }
}

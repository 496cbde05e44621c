// SPDX-License-Identifier: MIT
import { Duplex } from 'node:stream';
import { mostDataBytes, ProtocolViolation } from './frames.ts';

/** What one side may send of a lane before the other's reader has taken it: the most that a lane keeps in memory. */
export const windowBytes = 256 * 1024;

/** What a lane needs of the socket that it shares with others. */
export interface LaneCarrier {
  /** False while the socket is full; `goOn` of the lane is called when it is not. */
  readonly hasRoom: boolean;
  data(lane: number, payload: Buffer): void;
  end(lane: number): void;
  credit(lane: number, bytes: number): void;
  /** Both directions are over, or with `isCutOff` the rest is wanted no more. */
  over(lane: number, isCutOff: boolean): void;
}

/**
 * Bytes in both directions, on a socket with other lanes. Neither side sends what the other has no room for. When the
 * other side cuts it off, what came before can be read to its end, and what is still written goes nowhere.
 */
export class Lane extends Duplex {
  readonly id: number;
  readonly #carrier: LaneCarrier;
  /** What may still be sent. */
  #credit = windowBytes;
  /** What has come and was not granted anew. */
  #owed = 0;
  /** What came in this turn, then what the reader had no time for: one buffer, however small the parts were. */
  #come: Buffer[] = [];
  #isWanted = false;
  #waiting: { chunk: Buffer; done: () => void } | undefined;
  #hasEnded = false;
  #hasFinished = false;
  #isCutOff = false;

  constructor(id: number, carrier: LaneCarrier) {
    // what is not read waits here, not in the stream, part by part
    super({ readableHighWaterMark: 1, writableHighWaterMark: mostDataBytes });
    this.id = id;
    this.#carrier = carrier;
  }

  /** To be read from the next {@link deliver} on. @throws ProtocolViolation for more than was granted */
  takeData(payload: Buffer): void {
    this.#owed += payload.length;
    if (this.#owed > windowBytes || this.#hasEnded)
      throw new ProtocolViolation(`more bytes on lane ${this.id} than it was allowed`);
    this.#come.push(payload);
  }

  /** @throws ProtocolViolation for a second end */
  takeEnd(): void {
    if (this.#hasEnded) throw new ProtocolViolation(`lane ${this.id} ended twice`);
    this.#close();
  }

  /** Hands on what came, in one piece; what nobody wants yet is kept. */
  deliver(): void {
    if (this.#come.length === 0) return;
    const bytes = Buffer.concat(this.#come);
    this.#come = this.#isWanted ? [] : [bytes];
    if (this.#isWanted) this.#isWanted = this.push(bytes);
    this.#grant();
  }

  /** @throws ProtocolViolation for more than was sent */
  takeCredit(bytes: number): void {
    this.#credit += bytes;
    if (bytes === 0 || this.#credit > windowBytes)
      throw new ProtocolViolation(`lane ${this.id} was given back more than it had sent`);
    this.goOn();
  }

  /** The other side will neither send nor take any more. */
  cutOff(): void {
    this.#isCutOff = true;
    if (!this.#hasEnded) this.#close();
    this.goOn();
  }

  /** Sends what waits, as far as it may be sent. */
  goOn(): void {
    const waiting = this.#waiting;
    if (!waiting) return;
    let { chunk } = waiting;
    while (!this.#isCutOff && chunk.length > 0 && this.#credit > 0 && this.#carrier.hasRoom) {
      const part = chunk.subarray(0, Math.min(mostDataBytes, this.#credit));
      this.#credit -= part.length;
      this.#carrier.data(this.id, part);
      chunk = chunk.subarray(part.length);
    }
    waiting.chunk = chunk;
    if (chunk.length > 0 && !this.#isCutOff) return;
    this.#waiting = undefined;
    waiting.done();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#waiting = { chunk, done };
    this.goOn();
  }

  override _final(done: () => void): void {
    this.#hasFinished = true;
    if (!this.#isCutOff) this.#carrier.end(this.id);
    done();
  }

  override _read(): void {
    this.#isWanted = true;
    this.deliver();
    process.nextTick(() => this.#grant()); // what is being read counts as kept until this returns
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const isWhole = this.#isCutOff || (this.#hasEnded && this.#hasFinished);
    this.#hasEnded = true;
    this.#waiting = undefined;
    this.#come = [];
    this.#carrier.over(this.id, !isWhole);
    done(error);
  }

  #close(): void {
    this.#hasEnded = true;
    const rest = this.#come;
    this.#come = [];
    if (rest.length > 0) this.push(Buffer.concat(rest));
    this.push(null);
  }

  /** Lets the other side send again what the reader has taken, when that is worth a frame. */
  #grant(): void {
    const taken = this.#owed - this.readableLength - this.#come.reduce((sum, { length }) => sum + length, 0);
    if (taken < windowBytes / 2 || this.#hasEnded) return;
    this.#owed -= taken;
    this.#carrier.credit(this.id, taken);
  }
}

// SPDX-License-Identifier: MIT
// How the helper and the SSH process of a guest speak: frames on one socket, each of one lane.

/** Lane 0 carries messages, as JSON; the others carry bytes. */
export const frameKinds = { message: 0, data: 1, end: 2, credit: 3, reset: 4 } as const;
const kindNames = Object.keys(frameKinds) as (keyof typeof frameKinds)[];

/** A length of what follows it, the kind, the lane. */
export const headerBytes = 9;
const lengthBytes = 4;
/** Of one frame of a lane. */
export const mostDataBytes = 64 * 1024;

export interface Frame {
  readonly kind: keyof typeof frameKinds;
  readonly lane: number;
  readonly payload: Buffer;
}

/** What follows from the other side's not keeping to the form: nothing it sends is believed any more. */
export class ProtocolViolation extends Error {}

export function encodeFrame(
  kind: keyof typeof frameKinds,
  lane: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const frame = Buffer.allocUnsafe(headerBytes + payload.length);
  frame.writeUInt32BE(headerBytes - lengthBytes + payload.length, 0);
  frame.writeUInt8(frameKinds[kind], lengthBytes);
  frame.writeUInt32BE(lane, lengthBytes + 1);
  frame.set(payload, headerBytes);
  return frame;
}

export function encodeCredit(lane: number, bytes: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes);
  return encodeFrame('credit', lane, payload);
}

/** Cuts what comes into frames; never holds more than one that is not whole. */
export class FrameParser {
  readonly #mostMessageBytes: number;
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** How much must be there before it is worth a look. */
  #needed = headerBytes;

  constructor(mostMessageBytes: number) {
    this.#mostMessageBytes = mostMessageBytes;
  }

  /** The frames that are whole by now. @throws ProtocolViolation */
  *feed(chunk: Buffer): Generator<Frame> {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes < this.#needed) return;
    const bytes = this.#held.length === 1 ? chunk : Buffer.concat(this.#held);
    let at = 0;
    for (;;) {
      this.#needed = headerBytes;
      if (bytes.length - at < headerBytes) break;
      this.#needed = lengthBytes + this.#checkedLength(bytes, at);
      if (bytes.length - at < this.#needed) break;
      yield frameAt(bytes, at, this.#needed);
      at += this.#needed;
    }
    this.#held = at === bytes.length ? [] : [bytes.subarray(at)];
    this.#heldBytes = bytes.length - at;
  }

  /** As soon as the header is there, so that nobody waits for what will not be taken. */
  #checkedLength(bytes: Buffer, at: number): number {
    const length = bytes.readUInt32BE(at);
    const payload = length - (headerBytes - lengthBytes);
    const kind = bytes.readUInt8(at + lengthBytes);
    const lane = bytes.readUInt32BE(at + lengthBytes + 1);
    const isFit =
      {
        [frameKinds.message]: lane === 0 && payload > 0 && payload <= this.#mostMessageBytes,
        [frameKinds.data]: lane > 0 && payload > 0 && payload <= mostDataBytes,
        [frameKinds.end]: lane > 0 && payload === 0,
        [frameKinds.credit]: lane > 0 && payload === 4,
        [frameKinds.reset]: lane > 0 && payload === 0,
      }[kind] ?? false;
    if (!isFit) throw new ProtocolViolation(`a frame of kind ${kind} with ${payload} bytes on lane ${lane}`);
    return length;
  }
}

function frameAt(bytes: Buffer, at: number, length: number): Frame {
  const kind = kindNames[bytes.readUInt8(at + lengthBytes)];
  if (!kind) throw new ProtocolViolation('a frame of no kind');
  return {
    kind,
    lane: bytes.readUInt32BE(at + lengthBytes + 1),
    payload: bytes.subarray(at + headerBytes, at + length),
  };
}

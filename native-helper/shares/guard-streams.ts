// SPDX-License-Identifier: MIT
import { Transform } from 'node:stream';
import type { FrameReader } from './frame-reader.ts';

const bufferBytes = 1024 * 1024;
const highWaterMarks = { readableHighWaterMark: bufferBytes, writableHighWaterMark: bufferBytes };

/** Bits of a file's mode, inode(7). */
export const typeBits = 0o170_000;
export const regular = 0o100_000;
const folder = 0o040_000;

/** Whether a mode is that of what a guest may open. */
export function isFileOrFolder(mode: number): boolean {
  return (mode & typeBits) === regular || (mode & typeBits) === folder;
}

/**
 * From the guest to the server. What the reader does not want passes; `take` gets the rest, each when the one before is
 * done with: at once, or where it returned true, when it calls `goOn`. Its errors are the stream's. `whenRoom` calls
 * back when more may be heard: no piece of the guest's is taken before.
 */
export function requestStream(
  asked: FrameReader,
  take: (request: Buffer, goOn: () => void) => boolean,
  whenRoom: (goOn: () => void) => void,
): Transform {
  const pass = (done: (error?: Error) => void): void => {
    try {
      for (;;) {
        const { passed, message } = asked.next();
        if (passed.length > 0) stream.push(passed);
        if (!message) return done();
        if (take(message, () => pass(done))) return;
      }
    } catch (error) {
      done(error as Error);
    }
  };
  const stream = new Transform({
    ...highWaterMarks,
    transform: (chunk: Buffer, _encoding, done) => {
      whenRoom(() => {
        asked.feed(chunk);
        pass(done);
      });
    },
  });
  return stream;
}

/** Calls back when what a stream has for its reader is not much any more: at once where it is not. */
export function whenRead(stream: Transform, goOn: () => void): void {
  if (stream.readableLength <= bufferBytes) goOn();
  else stream.once('data', () => setImmediate(() => whenRead(stream, goOn)));
}

/**
 * From the server to the guest. What the reader does not want passes; `take` gets the answers to questions of the
 * guard's own.
 */
export function responseStream(answered: FrameReader, take: (answer: Buffer) => void): Transform {
  const stream = new Transform({
    ...highWaterMarks,
    transform: (chunk: Buffer, _encoding, done) => {
      try {
        answered.feed(chunk);
        for (let each = answered.next(); ; each = answered.next()) {
          if (each.passed.length > 0) stream.push(each.passed);
          if (!each.message) break;
          take(each.message);
        }
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
  return stream;
}

// SPDX-License-Identifier: MIT
import type { Transform } from 'node:stream';
import { answerType, attributeFlag, openFlag, requestType, statusCode } from '#contract/sftp.ts';
import { ExpectedAnswers } from '../expected-answers.ts';
import { isFileOrFolder, requestStream, responseStream } from '../guard-streams.ts';
import { isAnswered, packet, packetReader, stringAt } from './sftp-packets.ts';

/** Set-user-id and set-group-id, inode(7). */
const setIdBits = 0o6000;
const interesting: readonly number[] = [
  requestType.open,
  requestType.lstat,
  requestType.stat,
  requestType.setstat,
  requestType.fsetstat,
  requestType.mkdir,
  requestType.extended,
];
/** After length, type and number of a packet. */
const bodyAt = 9;
/** sshfs asks what a name is and opens it in one go; longer ago is not worth remembering. */
const freshMs = 50;
const mostSeen = 256;
/**
 * Much for a disk or a network to open a file; for a FIFO that took the place of one the server would wait for ever.
 */
const usualOpenLimitMs = 60_000;

/**
 * Stands between a guest and sftp-server, and lets the guest open files and folders only. The server would open a FIFO
 * as well, for whoever speaks SFTP without a kernel between: it would wake, feed or end a program here that waits on
 * it.
 *
 * Before an open the name is looked at, and after it the open file itself, by questions to the server put in between;
 * only then the guest learns of the handle and is heard again. The first look spares the FIFO an opening, and is itself
 * spared where the guest asked for the same moments ago. The second one is what counts: whatever happened to the name
 * in between, the guest is given no handle of anything else. No request that gives a mode gives set-user-id or
 * set-group-id: what the guest's root makes here is the user's, and would be run as him by others. The server answers
 * each request once and in turn, so what is ours is told by its place. The guest is not heard while many answers are to
 * come, and a server that does not come back from an open ends the share.
 */
export class SftpGuard {
  /** From the guest to the server. */
  readonly requests: Transform;
  /** From the server to the guest. */
  readonly responses: Transform;
  /** What to do with the answers to come, oldest first; undefined for those that pass. */
  readonly #expected = new ExpectedAnswers<((answer: Buffer) => void) | undefined>();
  readonly #openLimitMs: number;
  #taker: ((answer: Buffer) => void) | undefined;
  /** Names that are no FIFO, or are not there, with the time when the guest was told so. */
  readonly #seenMs = new Map<string, number>();

  constructor(openLimitMs = usualOpenLimitMs) {
    this.#openLimitMs = openLimitMs;
    this.requests = requestStream(
      packetReader((type) => this.#isOfInterest(type)),
      (whole, goOn) => this.#isHeld(whole, goOn),
      (goOn) => this.#expected.whenRoom(goOn),
    );
    this.responses = responseStream(
      packetReader(() => this.#isOurs()),
      (answer) => this.#taker?.(answer),
    );
  }

  /** Passes a request on; true where `goOn` is called when its answer is known. */
  #isHeld(whole: Buffer, goOn: () => void): boolean {
    const attributesAt = whereAttributes(whole);
    if (attributesAt !== undefined && setsId(whole, attributesAt)) this.#refuseInTurn(whole.readUInt32BE(5));
    else {
      switch (whole.readUInt8(4)) {
        case requestType.open:
          return this.#open(whole, goOn);
        case requestType.lstat:
        case requestType.stat:
          this.#look(whole);
          break;
        default:
          this.#expected.push(undefined);
          this.requests.push(whole);
      }
    }
    return false;
  }

  /**
   * Between two answers of the server, wherever it is now: something harmless is asked, and its answer is the refusal.
   */
  #refuseInTurn(id: number): void {
    this.#ask(packet(requestType.stat, id, text('/')), () =>
      this.#refuse(id, 'set-user-id and set-group-id are not given'),
    );
  }

  #open(open: Buffer, heard: () => void): boolean {
    const id = open.readUInt32BE(5);
    const name = stringAt(open, bodyAt);
    const flags = open.readUInt32BE(bodyAt + name.length);
    const exclusive = openFlag.create | openFlag.exclusive;
    const forward = (taker?: (answer: Buffer) => void): void => {
      this.#expected.push(taker);
      this.requests.push(open);
    };
    // What is made by the opening itself is a file.
    if ((flags & exclusive) === exclusive) {
      forward();
      return false;
    }
    const limit = setTimeout(
      () => this.requests.destroy(new Error('the server does not come back from an open')),
      this.#openLimitMs,
    ).unref();
    const goOn = (): void => {
      clearTimeout(limit);
      heard();
    };
    if (this.#isFresh(name)) {
      forward((answer) => this.#opened(id, answer, goOn));
      return true;
    }
    this.#ask(packet(requestType.stat, id, name), (status) => {
      if (isOther(status)) {
        this.#refuse(id);
        return goOn();
      }
      forward((answer) => this.#opened(id, answer, goOn));
    });
    return true;
  }

  /** The guest asks what a name is. */
  #look(question: Buffer): void {
    const name = keyOf(stringAt(question, bodyAt));
    this.#expected.push((answer) => {
      if (isOpenable(answer) || isAbsent(answer)) {
        if (this.#seenMs.size >= mostSeen) this.#seenMs.clear();
        this.#seenMs.set(name, performance.now());
      } else this.#seenMs.delete(name);
      this.responses.push(answer);
    });
    this.requests.push(question);
  }

  #isFresh(name: Buffer): boolean {
    return (this.#seenMs.get(keyOf(name)) ?? -Infinity) > performance.now() - freshMs;
  }

  #opened(id: number, answer: Buffer, goOn: () => void): void {
    if (answer.readUInt8(4) !== answerType.handle) {
      this.responses.push(answer);
      return goOn();
    }
    const handle = stringAt(answer, bodyAt);
    this.#ask(packet(requestType.fstat, id, handle), (status) => {
      if (isOpenable(status)) this.responses.push(answer);
      else {
        this.#ask(packet(requestType.close, id, handle), () => undefined);
        this.#refuse(id);
      }
      goOn();
    });
  }

  /** A question of our own. */
  #ask(question: Buffer, taker: (answer: Buffer) => void): void {
    this.#expected.push(taker);
    this.requests.push(question);
  }

  #refuse(id: number, reason = 'not a file or folder'): void {
    const code = Buffer.alloc(4);
    code.writeUInt32BE(statusCode.permissionDenied);
    this.responses.push(packet(answerType.status, id, code, text(reason), text('')));
  }

  /** @throws Error for a request that the server would leave without an answer */
  #isOfInterest(type: number): boolean {
    if (!isAnswered(type)) throw new Error(`an SFTP request of type ${type}`);
    if (interesting.includes(type)) return true;
    this.#expected.push(undefined);
    return false;
  }

  #isOurs(): boolean {
    this.#taker = this.#expected.take();
    return this.#taker !== undefined;
  }
}

/** Where the attributes begin that a request gives; undefined where it gives none. */
function whereAttributes(whole: Buffer): number | undefined {
  const behindName = (at: number): number => at + stringAt(whole, at).length;
  switch (whole.readUInt8(4)) {
    case requestType.open:
      return behindName(bodyAt) + 4;
    case requestType.setstat:
    case requestType.fsetstat:
    case requestType.mkdir:
      return behindName(bodyAt);
    case requestType.extended:
      return stringAt(whole, bodyAt).equals(text('lsetstat@openssh.com')) ? behindName(behindName(bodyAt)) : undefined;
    default:
      return undefined;
  }
}

function setsId(whole: Buffer, at: number): boolean {
  return ((modeIn(whole, at) ?? 0) & setIdBits) !== 0;
}

/** The mode in attributes that begin there. @throws RangeError where they are cut short */
function modeIn(bytes: Buffer, at: number): number | undefined {
  const present = bytes.readUInt32BE(at);
  if ((present & attributeFlag.permissions) === 0) return undefined;
  return bytes.readUInt32BE(
    at + 4 + ((present & attributeFlag.size) === 0 ? 0 : 8) + ((present & attributeFlag.owner) === 0 ? 0 : 8),
  );
}

/** Whether attributes tell of something else, or do not tell. No attributes tell nothing. */
function isOther(answer: Buffer): boolean {
  return answer.readUInt8(4) === answerType.attributes && !isOpenable(answer);
}

function isOpenable(answer: Buffer): boolean {
  if (answer.readUInt8(4) !== answerType.attributes) return false;
  const mode = modeIn(answer, bodyAt);
  return mode !== undefined && isFileOrFolder(mode);
}

function isAbsent(answer: Buffer): boolean {
  return answer.readUInt8(4) === answerType.status && answer.readUInt32BE(bodyAt) === statusCode.noSuchFile;
}

function keyOf(name: Buffer): string {
  return name.toString('latin1');
}

function text(value: string): Buffer {
  const bytes = Buffer.alloc(4 + Buffer.byteLength(value));
  bytes.writeUInt32BE(bytes.length - 4);
  bytes.write(value, 4);
  return bytes;
}

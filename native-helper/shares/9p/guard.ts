// SPDX-License-Identifier: MIT
import type { Transform } from 'node:stream';
import { isFileOrFolder, regular, requestStream, responseStream, typeBits, whenRead } from '../guard-streams.ts';
import {
  errno,
  headBytes,
  message,
  messageReader,
  number32,
  number64,
  openFlags,
  parseRequest,
  string,
  type,
  type Request,
} from './messages.ts';

/** Of what a change of attributes sets: P9_SETATTR_SIZE. */
const setsSize = 8;
/** P9_SETATTR_MODE. */
const setsMode = 1;
/** Set-user-id and set-group-id, inode(7): nothing that a guest makes or changes gets them. */
const setIdBits = 0o6000;
/** All that stat(2) tells: P9_GETATTR_BASIC. */
const wantedAttributes = 0x7ffn;
/**
 * After the head: what an attributes' answer has of valid bits, then type, version and number of the file, then its
 * mode.
 */
const numberAt = headBytes + 8 + 5;
const modeAt = headBytes + 8 + 13;
/** The file's number in the answer to an opening. */
const openedNumberAt = headBytes + 5;
/**
 * Tag of our own questions: Linux takes the lowest that is free, and never this one but with 65,534 requests on their
 * way.
 */
const ownTag = 0xfffe;
/** After a message's length and type. */
const tagAt = 5;
/** The most that is agreed on: what Linux took before 5.16, and diod before 1.1. */
export const longestMessage = 65_536;

/**
 * These are of no use to Linux without an answer, and it goes on without. Extended attributes are written past their
 * memory by diod before 1.1.
 */
const unanswered: ReadonlySet<number> = new Set([
  type.auth,
  type.xattrwalk,
  type.xattrcreate,
  type.renameat,
  type.unlinkat,
]);

interface GuardOptions {
  /** The folder as the server sees it. */
  readonly folder: string;
  /** The server's own user, by name. */
  readonly user: string;
}

/**
 * Stands between a guest and diod. What is not exactly a request of 9P2000.L ends the share; what asks for more than a
 * mounted folder needs is answered here. Two things matter:
 *
 * Names are single names, and there is one folder to attach: the server puts paths together and asks nothing.
 *
 * Files and folders only are opened. The server would open a FIFO as well, for whoever speaks 9P without a kernel
 * between: it would wake, feed or end a program here that waits on it. Before an open the name is looked at, and after
 * it again: what is open has a number that no other file can have meanwhile, so it is the file that was looked at, or
 * the guest does not get it. Nothing else of the guest is heard in between.
 */
export class NinePGuard {
  /** From the guest to the server. */
  readonly requests: Transform;
  /** From the server to the guest. */
  readonly responses: Transform;
  readonly #options: GuardOptions;
  /** What to do with the answer to the question of our own that is on its way. */
  #taker: ((answer: Buffer) => void) | undefined;
  /** Fids that are open, with the number of the file that is open. */
  readonly #opened = new Map<number, bigint>();
  /** The version was asked for: to ask again lets go of all fids, and Linux does so never on one connection. */
  #isBegun = false;

  constructor(options: GuardOptions) {
    this.#options = options;
    this.requests = requestStream(
      messageReader(longestMessage, (head) => head.readUInt8(4) !== type.write),
      (request, goOn) => this.#isHeld(request, goOn),
      // Refusals are answers that no server has to give: a guest that asks and does not read would heap them.
      (goOn) => whenRead(this.responses, goOn),
    );
    this.responses = responseStream(
      messageReader(longestMessage, (head) => head.readUInt16LE(tagAt) === ownTag),
      (answer) => this.#take(answer),
    );
  }

  /** Passes a request on or answers it; true where `done` is called only when its answer is known. */
  #isHeld(bytes: Buffer, done: () => void): boolean {
    const request = parseRequest(bytes);
    if (request.tag === ownTag) throw new Error("a 9P request with a tag of the guard's own");
    const refusal = modeRefusalOf(request, bytes) ?? refusalOf(request, bytes);
    if (refusal !== undefined) this.#refuse(request.tag, refusal);
    else {
      switch (request.type) {
        case type.lopen:
          return this.#open(
            request,
            withFlags(bytes, request.fieldAt(1), openFlags.nonBlocking | openFlags.noFollow),
            done,
          );
        case type.lcreate:
          return this.#create(request, bytes, done);
        case type.setattr:
          return this.#change(request, bytes, done);
        case type.version:
          this.#begin(request, bytes);
          break;
        case type.attach:
          this.requests.push(this.#attachment(request));
          break;
        case type.walk:
          this.#walk(request, bytes);
          break;
        default:
          if (request.type === type.clunk || request.type === type.remove) this.#opened.delete(request.fid);
          this.requests.push(bytes);
      }
    }
    return false;
  }

  #begin({ tag }: Request, bytes: Buffer): void {
    if (this.#isBegun) return this.#refuse(tag, errno.notPermitted);
    this.#isBegun = true;
    this.requests.push(bytes);
  }

  /** Whoever attaches, to whatever, gets the folder, as the server's user. */
  #attachment({ tag, fid }: Request): Buffer {
    this.#opened.delete(fid);
    return message(
      type.attach,
      tag,
      number32(fid),
      number32(0xffff_ffff),
      string(this.#options.user),
      string(this.#options.folder),
      number32(0xffff_ffff),
    );
  }

  /** A fid that is open stays where it is: the server mixes up what is open by which name. */
  #walk({ tag, fid, strings }: Request, bytes: Buffer): void {
    const newFid = bytes.readUInt32LE(headBytes + 4);
    if (this.#opened.has(fid) && fid === newFid && strings.length > 0) return this.#refuse(tag, errno.invalid);
    if (fid !== newFid) this.#opened.delete(newFid);
    this.requests.push(bytes);
  }

  #open({ tag, fid }: Request, open: Buffer, done: () => void): true {
    const refuse = (error: number): void => {
      this.#refuse(tag, error);
      done();
    };
    this.#look(fid, (before) => {
      if (before.mode === undefined || !isFileOrFolder(before.mode)) return refuse(before.error ?? errno.notPermitted);
      this.#ask(open, (answer) => {
        if (answer.readUInt8(4) !== type.lopen + 1) return this.#answer(tag, answer, done);
        this.#look(fid, (after) => {
          const number = answer.readBigUInt64LE(openedNumberAt);
          if (after.mode === undefined || !isFileOrFolder(after.mode) || after.number !== number) {
            // Linux looks once more which file has the name now.
            return this.#ask(message(type.clunk, ownTag, number32(fid)), () => refuse(errno.stale));
          }
          this.#opened.set(fid, number);
          this.#answer(tag, answer, done);
        });
      });
    });
    return true;
  }

  /**
   * What is made by the opening itself is a file. Where the name is taken, the guest's kernel looks once more, and
   * opens what it finds.
   */
  #create({ tag, fid, fieldAt }: Request, bytes: Buffer, done: () => void): true {
    const isExclusive = (bytes.readUInt32LE(fieldAt(2)) & openFlags.exclusive) !== 0;
    this.#ask(
      withFlags(bytes, fieldAt(2), openFlags.create | openFlags.exclusive | openFlags.nonBlocking | openFlags.noFollow),
      (answer) => {
        if (answer.readUInt8(4) === type.lcreate + 1) this.#opened.set(fid, answer.readBigUInt64LE(openedNumberAt));
        if (errorOf(answer) !== errno.exists || isExclusive) return this.#answer(tag, answer, done);
        this.#refuse(tag, errno.stale);
        done();
      },
    );
    return true;
  }

  /**
   * The server shortens a file by its name; an open file whose name is another's now must not cost that one its bytes.
   */
  #change({ tag, fid, fieldAt }: Request, bytes: Buffer, done: () => void): boolean {
    const number = this.#opened.get(fid);
    if (number === undefined || (bytes.readUInt32LE(fieldAt(1)) & setsSize) === 0) {
      this.requests.push(bytes);
      return false;
    }
    this.#look(fid, (seen) => {
      if (seen.number === number) this.requests.push(bytes);
      else this.#refuse(tag, errno.stale);
      done();
    });
    return true;
  }

  #look(
    fid: number,
    taker: (seen: { readonly mode?: number; readonly number?: bigint; readonly error?: number | undefined }) => void,
  ): void {
    this.#ask(message(type.getattr, ownTag, number32(fid), number64(wantedAttributes)), (answer) => {
      if (answer.readUInt8(4) !== type.getattr + 1) return taker({ error: errorOf(answer) });
      taker({ mode: answer.readUInt32LE(modeAt), number: answer.readBigUInt64LE(numberAt) });
    });
  }

  /** One question at a time, under a tag of our own: the guest may have given its own to several requests. */
  #ask(question: Buffer, taker: (answer: Buffer) => void): void {
    question.writeUInt16LE(ownTag, tagAt);
    this.#taker = taker;
    this.requests.push(question);
  }

  #take(answer: Buffer): void {
    const taker = this.#taker;
    this.#taker = undefined;
    taker?.(answer);
  }

  /** Hands the guest an answer under the tag it asked with. */
  #answer(tag: number, answer: Buffer, done: () => void): void {
    const own = Buffer.from(answer);
    own.writeUInt16LE(tag, tagAt);
    this.responses.push(own);
    done();
  }

  #refuse(tag: number, error: number): void {
    this.responses.push(message(type.lerror, tag, number32(error)));
  }
}

/** The error by which a request is answered without the server. @throws Error for what no kernel asks */
function refusalOf({ type: kind, strings, fieldAt }: Request, bytes: Buffer): number | undefined {
  if (unanswered.has(kind)) return errno.notSupported;
  switch (kind) {
    case type.version:
      if (bytes.readUInt32LE(headBytes) > longestMessage) bytes.writeUInt32LE(longestMessage, headBytes);
      return undefined;
    case type.flush:
      if (bytes.readUInt16LE(headBytes) === ownTag) throw new Error("a flush of the guard's own question");
      return undefined;
    case type.read:
    case type.readdir:
      // diod before 1.1 adds to the count and takes what runs over for little
      return bytes.readUInt32LE(fieldAt(2)) > longestMessage ? errno.invalid : undefined;
    case type.mknod:
      if ((bytes.readUInt32LE(fieldAt(2)) & typeBits) !== regular) return errno.notPermitted;
      return isName(strings[0]) ? undefined : errno.invalid;
    case type.walk:
    case type.lcreate:
    case type.symlink:
    case type.mkdir:
    case type.link:
    case type.rename:
      return (kind === type.symlink ? strings.slice(0, 1) : strings).every(isName) ? undefined : errno.invalid;
    default:
      return undefined;
  }
}

/** The error for a request that gives set-user-id or set-group-id. */
function modeRefusalOf({ type: kind, fieldAt }: Request, bytes: Buffer): number | undefined {
  const refusedAt = (at: number): number | undefined => (setsId(bytes, at) ? errno.notPermitted : undefined);
  switch (kind) {
    case type.lcreate:
      return refusedAt(fieldAt(3));
    case type.mknod:
      return refusedAt(fieldAt(2));
    case type.setattr:
      return (bytes.readUInt32LE(fieldAt(1)) & setsMode) === 0 ? undefined : refusedAt(fieldAt(2));
    case type.mkdir:
      // Below a folder with set-group-id Linux asks for it itself; whether it is given is the server's kernel's to say,
      // by that folder.
      bytes.writeUInt32LE((bytes.readUInt32LE(fieldAt(2)) & ~setIdBits) >>> 0, fieldAt(2));
      return undefined;
    default:
      return undefined;
  }
}

function setsId(bytes: Buffer, at: number): boolean {
  return (bytes.readUInt32LE(at) & setIdBits) !== 0;
}

function isName(name: Buffer | undefined): boolean {
  if (name === undefined || name.length === 0 || name.includes(0x2f) || name.includes(0)) return false;
  return !name.equals(Buffer.from('.')) && !name.equals(Buffer.from('..'));
}

function withFlags(bytes: Buffer, at: number, flags: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt32LE((bytes.readUInt32LE(at) | flags) >>> 0, at);
  return changed;
}

function errorOf(answer: Buffer): number | undefined {
  return answer.readUInt8(4) === type.lerror ? answer.readUInt32LE(headBytes) : undefined;
}

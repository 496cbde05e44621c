// SPDX-License-Identifier: MIT
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { sentence } from '#messages/say.ts';
import { HelperError, messageOf } from '../core/errors.ts';
import { englishOf, type Reason } from '../core/said-error.ts';
import type { Logger } from '../core/log.ts';
import type { Credentials, ManagedProcess, ProcessRunner } from '../core/seams/processes.ts';
import { socketPair } from '../process/socket-pair.ts';
import { readAnswer } from './answers.ts';
import { ProtocolViolation } from './lanes/frames.ts';
import type { Lane } from './lanes/lane.ts';
import { Lanes } from './lanes/lanes.ts';
import { sshProcessCommand } from './ssh-process-command.ts';
import { mostAnsweredBytes, type Answer, type Asked, type GuestEnd } from './ssh-process/messages.ts';

/** Connections, channels and waits of one guest at once. */
const mostAsked = 256;
/**
 * How long the process may take to confirm the end of something, and beyond the guest's limit to say that it was
 * missed.
 */
const confirmMs = 5_000;

/** What the process was asked for and has not said the last of. */
interface Pending {
  readonly answered: PromiseWithResolvers<Extract<Answer, { did: 'begin' }>>;
  readonly ended: PromiseWithResolvers<GuestEnd>;
  state: 'asked' | 'begun';
  isEnding: boolean;
  /** Passes when the process owes an answer. */
  limit?: NodeJS.Timeout | undefined;
}

/** Something that the process was asked for and that lives until either side ends it. */
export interface Begun {
  readonly id: number;
  readonly greeting?: string | undefined;
  /** Never rejects. */
  readonly ended: Promise<GuestEnd>;
}

type Question<Ask extends Asked['ask']> = Omit<Extract<Asked, { ask: Ask }>, 'id' | 'ask'>;
/** Distinguishes the questions by their form, which the process is asked in. */
export type AnyQuestion =
  | ({ readonly ask: 'greeting' } & Question<'greeting'>)
  | ({ readonly ask: 'connect' } & Question<'connect'>)
  | ({ readonly ask: 'channel' } & Question<'channel'>);

export interface SshProcessOptions {
  readonly runner: ProcessRunner;
  readonly log: Logger;
  readonly user: Credentials;
  /** Nothing goes through it for now. */
  readonly onIdle: () => void;
}

/**
 * The process that speaks SSH with one guest, seen from the helper, which takes it to be the guest's: each answer must
 * be one that is waited for, each wait has an end, and whatever breaks the rules ends the process with all that went
 * through it.
 */
export class SshProcess {
  readonly #options: SshProcessOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #lanes: Lanes;
  readonly #child: Promise<ManagedProcess | undefined>;
  readonly #over = Promise.withResolvers<void>();
  #lastId = 0;
  #lastLane = 0;
  #reason: Reason | undefined;

  constructor(options: SshProcessOptions) {
    this.#options = options;
    const [ours, theirs] = socketPair();
    this.#lanes = new Lanes(new Socket({ fd: ours, readable: true, writable: true }), {
      mostMessageBytes: mostAnsweredBytes,
      onMessage: (message) => this.#hear(readAnswer(message)),
      onOver: (violation) =>
        this.#break(
          violation === undefined
            ? sentence('guest.process-ended')
            : sentence('guest.broke-rules', { message: violation.message }),
        ),
    });
    this.#child = this.#start(theirs);
  }

  get isOver(): boolean {
    return this.#reason !== undefined;
  }

  /** Nothing goes through it. */
  get isIdle(): boolean {
    return this.#pending.size === 0;
  }

  /** Resolves when it is ended, with all that went through it. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  get pid(): Promise<number | undefined> {
    return this.#child.then((child) => child?.ref.pid);
  }

  openLanes(): { readonly stdio: Lane; readonly stderr: Lane } {
    this.#requireLife();
    const [stdio, stderr] = [this.#lanes.open((this.#lastLane += 1)), this.#lanes.open((this.#lastLane += 1))];
    return { stdio, stderr };
  }

  /**
   * Resolves when what was asked for is there. When the signal is aborted it rejects at once, and what was asked for
   * ends. `limitMs` is the guest's; a process that says nothing by then is ended.
   *
   * @throws HelperError guest.ssh-failed, guest.host-key-mismatch
   */
  async ask(question: AnyQuestion, signal: AbortSignal, limitMs?: number): Promise<Begun> {
    signal.throwIfAborted();
    this.#requireLife();
    if (this.#pending.size >= mostAsked)
      throw new HelperError('guest.ssh-failed', {
        reason: sentence('guest.too-many-channels', { most: mostAsked }),
      });
    const id = (this.#lastId += 1);
    const pending: Pending = {
      answered: Promise.withResolvers(),
      ended: Promise.withResolvers(),
      state: 'asked',
      isEnding: false,
    };
    pending.answered.promise.catch(() => undefined); // the signal may have spoken first
    this.#pending.set(id, pending);
    if (limitMs !== undefined) this.#expect(pending, limitMs + confirmMs);
    this.#lanes.say({ ...question, id } satisfies Asked);
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => {
      this.endOne(id);
      aborted.reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
    try {
      const { greeting } = await Promise.race([pending.answered.promise, aborted.promise]);
      return { id, greeting, ended: pending.ended.promise };
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  resize(id: number, columns: number, rows: number): void {
    if (this.#pending.has(id) && this.#lanes.hasRoom)
      this.#lanes.say({ ask: 'resize', id, columns, rows } satisfies Asked);
  }

  /**
   * Ends a wait, a connection or a channel: at once for the helper, and soon in the process, which is ended otherwise.
   */
  endOne(id: number): void {
    const pending = this.#pending.get(id);
    if (!pending || pending.isEnding) return;
    pending.isEnding = true;
    this.#expect(pending, confirmMs);
    this.#lanes.say({ ask: 'end', id } satisfies Asked);
  }

  /** Ends the process and all that goes through it. */
  end(reason: Reason = sentence('guest.was-ended')): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#lanes.close();
    const failure = new HelperError('guest.ssh-failed', { reason });
    for (const pending of this.#pending.values()) {
      clearTimeout(pending.limit);
      pending.answered.reject(failure);
      pending.ended.resolve({});
    }
    this.#pending.clear();
    void this.#child.then(async (child) => {
      child?.signal('SIGKILL');
      await child?.exited;
      this.#over.resolve();
    });
  }

  async #start(theirs: number): Promise<ManagedProcess | undefined> {
    try {
      const child = await this.#options.runner.spawn({
        ...(await sshProcessCommand(this.#options.user)),
        passedFds: [theirs],
      });
      void child.exited.then((exit) => {
        this.#options.log.debug({ exit, said: child.recentErrors() }, 'the SSH process of a guest is gone');
        this.#break(sentence('guest.process-ended'));
      });
      return child;
    } catch (error) {
      this.#break(messageOf(error));
      return undefined;
    } finally {
      closeSync(theirs);
    }
  }

  #hear(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    const isDue = answer.did === 'end' ? pending?.state === 'begun' : pending?.state === 'asked';
    if (!pending || !isDue) throw new ProtocolViolation(`an answer nobody waits for (${answer.did})`);
    if (answer.did === 'begin') return this.#begin(pending, answer);
    clearTimeout(pending.limit);
    this.#pending.delete(answer.id);
    if (answer.did === 'fail') pending.answered.reject(failureOf(answer));
    pending.ended.resolve(answer.did === 'end' ? (answer.end ?? {}) : {});
    if (this.isIdle) this.#options.onIdle();
  }

  /** What is to be ended has its limit kept: its farewell is still to come. */
  #begin(pending: Pending, answer: Extract<Answer, { did: 'begin' }>): void {
    if (!pending.isEnding) clearTimeout(pending.limit);
    pending.state = 'begun';
    pending.answered.resolve(answer);
  }

  #expect(pending: Pending, limitMs: number): void {
    clearTimeout(pending.limit);
    pending.limit = setTimeout(() => this.#break(sentence('guest.process-silent')), limitMs).unref();
  }

  /** Ends it for what it did. */
  #break(reason: Reason): void {
    if (this.isOver) return;
    this.#options.log.warn({ reason: englishOf(reason), uid: this.#options.user.uid }, 'SSH to a guest was ended');
    this.end(reason);
  }

  #requireLife(): void {
    if (this.#reason !== undefined) throw new HelperError('guest.ssh-failed', { reason: this.#reason });
  }
}

function failureOf({ isForeign, reason }: Extract<Answer, { did: 'fail' }>): HelperError {
  return isForeign === true
    ? new HelperError('guest.host-key-mismatch')
    : new HelperError('guest.ssh-failed', { reason });
}

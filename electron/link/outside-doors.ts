// SPDX-License-Identifier: MIT
import path from 'node:path';
import { visibleText } from '#contract/visible-text.ts';
import { say } from '#messages/say.ts';
import { LinkError } from './error-data.ts';

/** What a person is asked in a dialog of the desktop's, which no page can press. */
export interface Question {
  readonly message: string;
  /** The thing it is about: a path, an address. */
  readonly detail: string;
  /** The word of the button that agrees. */
  readonly agree: string;
  /** The answer may hold until the window is closed. */
  readonly canHold?: boolean;
}

/** What the doors need of the desktop; `shell/` gives it. */
export interface Desk {
  /** Whether a person has just pressed a key or a button in the window: what a script in the page cannot do. */
  isPersonAtWork(): boolean;
  ask(question: Question): Promise<'refused' | 'once' | 'until-closed'>;
}

/** What a path of this computer may be used for. */
export type PathUse = 'share' | 'share-read-only' | 'copy-in' | 'copy-out' | 'import' | 'grant';

/** Paths, and agreements, that one window is remembered to have been given; the oldest are forgotten. */
const mostPaths = 10_000;

/**
 * The doors of a window that lead out of Berth: to the user's files, a shell, the clipboard, the browser. The page may
 * show anything, foreign script included, so its word opens none of them. A person's gesture does, or an answer to a
 * dialog of the desktop's; and a path has to have come from a chooser or a drop that was for this use, or to be agreed
 * to.
 */
export class OutsideDoors {
  readonly #desk: Desk;
  /** In the order of their coming. */
  readonly #given = new Map<string, Set<PathUse>>();
  /** What exactly was agreed to, of which path: another instance, or to write, is another question. */
  readonly #agreed = new Set<string>();
  readonly #held = new Set<string>();
  #isAsking = false;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Whether a person has just done something in the window. */
  get isPersonAtWork(): boolean {
    return this.#desk.isPersonAtWork();
  }

  /** Notes what a person chose or dropped paths for. */
  give(uses: readonly PathUse[], ...paths: readonly string[]): void {
    for (const each of paths) {
      if (!path.isAbsolute(each)) continue;
      const known = this.#given.get(each) ?? [];
      this.#given.delete(each);
      this.#given.set(each, new Set([...known, ...uses]));
    }
    forgetOldest(this.#given);
  }

  /** Lets pass what a person does at this moment, and asks otherwise. @throws LinkError window.not-allowed */
  async act(question: Question): Promise<void> {
    if (!this.#desk.isPersonAtWork()) await this.agree(question);
  }

  /**
   * Lets paths pass that a person gave for this use, and asks about the others, all at once. To the letter: where `..`
   * leads is known only to who follows the links before it.
   * @throws LinkError window.not-allowed
   */
  async use(paths: readonly string[], use: PathUse, question: Omit<Question, 'detail'>): Promise<void> {
    const strange = paths.filter((each) => this.#given.get(each)?.has(use) !== true);
    await this.agreeOnce(strange, question);
    // Who had it shared to be read has said that it is not to be written to.
    if (use === 'share-read-only') for (const each of paths) this.#given.get(each)?.delete('share');
  }

  /**
   * Asks about the things that this very question was not agreed to for, all at once. @throws LinkError
   * window.not-allowed
   */
  async agreeOnce(things: readonly string[], question: Omit<Question, 'detail'>): Promise<void> {
    const keyOf = (each: string): string => JSON.stringify([question.message, each]);
    const strange = things.filter((each) => !this.#agreed.has(keyOf(each)));
    if (strange.length === 0) return;
    await this.agree({ ...question, detail: listed(strange) });
    for (const each of strange) this.#agreed.add(keyOf(each));
    forgetOldest(this.#agreed);
  }

  /** Asks, one question at a time: a page cannot heap them. @throws LinkError window.not-allowed */
  async agree(question: Question): Promise<void> {
    if (this.#held.has(question.message)) return;
    if (this.#isAsking) throw notAllowed(question);
    this.#isAsking = true;
    try {
      const answer = await this.#desk.ask(question);
      if (answer === 'refused') throw notAllowed(question);
      if (answer === 'until-closed') this.#held.add(question.message);
    } finally {
      this.#isAsking = false;
    }
  }
}

function forgetOldest(remembered: Map<string, unknown> | Set<string>): void {
  for (const oldest of remembered.keys()) {
    if (remembered.size <= mostPaths) break;
    remembered.delete(oldest);
  }
}

const mostListed = 10;

function listed(paths: readonly string[]): string {
  const rest = paths.length - mostListed;
  return [
    ...paths.slice(0, mostListed).map(visibleText),
    ...(rest > 0 ? [say('desktop.ask.more-paths', { count: rest })] : []),
  ].join('\n');
}

function notAllowed({ message, detail }: Question): LinkError {
  return new LinkError('window.not-allowed', { question: message, what: detail });
}

// SPDX-License-Identifier: MIT
import type { Readable } from 'node:stream';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../core/errors.ts';
import { foreignWords } from '../core/foreign-words.ts';
import { withDeadline } from '../core/with-deadline.ts';
import { mountLimitMs } from './attached-share.ts';

/** What a script of assets/shares/ says on stderr, between whatever else is printed there. */
export class GuestReport {
  readonly #target: string;
  #text = '';
  #heard = Promise.withResolvers<void>();

  constructor(target: string) {
    this.#target = target;
  }

  get isTargetMade(): boolean {
    return /^berth-mount: made$/m.test(this.#text);
  }

  get isMounted(): boolean {
    return /^berth-mount: mounted$/m.test(this.#text);
  }

  /** sshfs is about to begin at the port. */
  get isAtPort(): boolean {
    return /^berth-mount: at-port$/m.test(this.#text);
  }

  /** Said by hold-9p.sh. */
  get isHeld(): boolean {
    return /^berth-mount: holding$/m.test(this.#text);
  }

  /** From now on hears what is said there. */
  listen(stderr: Readable): void {
    stderr.setEncoding('utf8').on('data', (text: string) => this.take(text));
  }

  take(text: string): void {
    this.#text = (this.#text + text).slice(-8000);
    this.#heard.resolve();
  }

  /**
   * Resolves when what is waited for was said; rejects with what was said else, what `ended` it, or that it takes too
   * long.
   */
  async until(isSaid: () => boolean, ended: Promise<HelperError>, signal: AbortSignal): Promise<void> {
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => undefined); // it may end later, when nobody waits
    // What the guest said last may come after the news that it ended.
    void ended.then((error) => setImmediate(() => failed.reject(this.failure() ?? error)));
    const late = (): HelperError =>
      new HelperError('mount.failed', { reason: sentence('mount.not-there-after', { seconds: mountLimitMs / 1000 }) });
    await withDeadline(this.#hear(isSaid, failed.promise), { limitMs: mountLimitMs, signal, late });
  }

  async #hear(isSaid: () => boolean, failed: Promise<never>): Promise<void> {
    while (!isSaid()) {
      this.#heard = Promise.withResolvers();
      await Promise.race([this.#heard.promise, failed]);
    }
  }

  failure(): HelperError | undefined {
    if (/^berth-mount: no-sshfs$/m.test(this.#text)) return new HelperError('mount.no-sshfs');
    if (/^berth-mount: no-virtiofs$/m.test(this.#text))
      return new HelperError('mount.no-virtiofs', { reason: sentence('mount.guest-without-virtiofs') });
    if (/^berth-mount: no-port$/m.test(this.#text))
      return new HelperError('mount.no-port', { reason: sentence('mount.guest-without-console') });
    const [, kind, id] = /^berth-mount: no-such (user|group) (\d{1,10})$/m.exec(this.#text) ?? [];
    if (kind !== undefined && id !== undefined)
      return new HelperError('mount.map-refused', {
        kind,
        id,
        reason: sentence('mount.guest-has-no-id', { kind, id }),
      });
    const refused = /^berth-mount: refused (.*)$/m.exec(this.#text)?.[1];
    if (refused !== undefined)
      return new HelperError('mount.target-refused', { target: this.#target, reason: foreignWords(refused) });
    const last = this.#text
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.startsWith('berth-mount:'))
      .at(-1);
    return last === undefined ? undefined : new HelperError('mount.failed', { reason: foreignWords(last) });
  }
}

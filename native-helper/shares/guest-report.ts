// SPDX-License-Identifier: MIT
import { HelperError } from '../core/errors.ts';

/** What assets/shares/mount-*.sh say on stderr, between whatever else is printed there. */
export class GuestReport {
  readonly #target: string;
  #text = '';

  constructor(target: string) {
    this.#target = target;
  }

  get isTargetMade(): boolean {
    return /^berth-mount: made$/m.test(this.#text);
  }

  get isMounted(): boolean {
    return /^berth-mount: mounted$/m.test(this.#text);
  }

  /** Said by hold-9p.sh. */
  get isHeld(): boolean {
    return /^berth-mount: holding$/m.test(this.#text);
  }

  take(text: string): void {
    this.#text = (this.#text + text).slice(-8000);
  }

  failure(): HelperError | undefined {
    if (/^berth-mount: no-sshfs$/m.test(this.#text)) return new HelperError('mount.no-sshfs');
    if (/^berth-mount: no-virtiofs$/m.test(this.#text)) return new HelperError('mount.no-virtiofs', { reason: 'the guest\'s kernel has no virtiofs' });
    const refused = /^berth-mount: refused (.*)$/m.exec(this.#text)?.[1];
    if (refused !== undefined) return new HelperError('mount.target-refused', { target: this.#target, reason: refused });
    const last = this.#text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('berth-mount:')).at(-1);
    return last === undefined ? undefined : new HelperError('mount.failed', { reason: last.slice(0, 300) });
  }
}

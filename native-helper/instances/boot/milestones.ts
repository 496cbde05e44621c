// SPDX-License-Identifier: MIT
import { foreignWords } from '../../core/foreign-words.ts';

export type Milestone =
  | { readonly kind: 'kernel'; readonly line: string }
  | { readonly kind: 'userspace'; readonly line: string }
  | { readonly kind: 'panic'; readonly line: string };

interface Pattern {
  readonly kind: Milestone['kind'];
  readonly pattern: RegExp;
}

/**
 * What the serial console shows when a guest passes from one phase to the next. Kernel: its banner
 * (init/version.c of Linux). Userspace: the kernel's word that it runs init (init/main.c), or what
 * systemd, OpenRC and our own images print first.
 */
const patterns: readonly Pattern[] = [
  { kind: 'kernel', pattern: /Linux version \S+/ },
  { kind: 'userspace', pattern: /Run \S+ as init process|Welcome to (?!GRUB).{3,}|OpenRC \S+ is starting|BERTH-INIT/ },
  { kind: 'panic', pattern: /Kernel panic - not syncing: .*|end Kernel panic.*/ },
];

/** What the kernel says that waited for its timer in vain (arch/x86/kernel/apic/io_apic.c). */
export function isTimerPanic(line: string): boolean {
  return line.includes("IO-APIC + timer doesn't work");
}

/**
 * Finds milestones in serial text that comes in pieces of any size; each is reported once, and again after {@link
 * begin}.
 */
export class MilestoneScanner {
  #pending = new Set<Pattern>(patterns);
  readonly #found: (milestone: Milestone) => void;
  readonly #decoder = new TextDecoder();
  #line = '';
  #next: Set<Pattern> | undefined;

  constructor(found: (milestone: Milestone) => void) {
    this.#found = found;
  }

  /**
   * The guest begins anew: what its last kernel still says is nothing of the next one's, which begins with its banner.
   */
  begin(): void {
    this.#next = new Set(patterns);
  }

  push(chunk: Uint8Array): void {
    if (this.#pending.size === 0 && this.#next === undefined) return;
    const lines = (this.#line + this.#decoder.decode(chunk, { stream: true })).split('\n');
    this.#line = (lines.pop() ?? '').slice(-4096);
    for (const line of lines) this.#scan(line);
  }

  #scan(line: string): void {
    if (this.#next !== undefined) {
      if (!patterns.some(({ kind, pattern }) => kind === 'kernel' && pattern.test(line))) return;
      this.#pending = this.#next;
      this.#next = undefined;
    }
    for (const entry of this.#pending) {
      const match = entry.pattern.exec(line);
      if (!match) continue;
      this.#pending.delete(entry);
      this.#found({ kind: entry.kind, line: foreignWords(match[0]) });
    }
  }
}

// SPDX-License-Identifier: MIT
import { EventEmitter } from 'node:events';
import type { DenialSource } from '#contract/denials.ts';
import { foreignWords } from '../../core/foreign-words.ts';
import type { Logger } from '../../core/log.ts';
import type { ProcessRunner } from '../../core/seams/processes.ts';
import { followAuditFile } from './audit-file.ts';
import { parseAuditRecord } from './audit-record.ts';
import { deniedAccess, type DeniedAccess } from './denied-access.ts';
import { followKernelLog } from './kernel-log.ts';
import { LineBudget } from './line-budget.ts';

interface DenialWatchOptions {
  readonly runner: ProcessRunner;
  readonly log: Logger;
  /** auditd's, where it runs: `/var/log/audit/audit.log`. */
  readonly auditFile: string;
  /** Whether the kernel has AppArmor: only then does its own log say anything. */
  readonly hasAppArmor: () => Promise<boolean>;
}

interface DenialWatchEvents {
  denied: [access: DeniedAccess];
}

/**
 * Hears of everything that AppArmor refuses to Berth's profiles, by the kernel's log and by auditd's file: the kernel
 * writes a record to one of them. What the kernel counted and did not print is noticed by the gap in the numbers, and
 * what one user has too many of is counted and not looked at.
 */
export class DenialWatch extends EventEmitter<DenialWatchEvents> {
  readonly #options: DenialWatchOptions;
  readonly #ending = new AbortController();
  readonly #beganAt = new Date();
  readonly #budget = new LineBudget();
  #followed: Promise<void> = Promise.resolve();
  #hasAppArmor = false;
  #hasAuditFile = false;
  #trouble: string | undefined;
  #lastSerial: number | undefined;
  #lost: DenialSource['lost'];

  constructor(options: DenialWatchOptions) {
    super();
    this.#options = options;
  }

  /** Reads what was recorded until now, and goes on. */
  async begin(): Promise<void> {
    const { runner, log, auditFile, hasAppArmor } = this.#options;
    const { signal } = this.#ending;
    this.#hasAppArmor = await hasAppArmor();
    this.#hasAuditFile = (await followAuditFile(auditFile, log, (line) => this.#take(line), signal)) !== undefined;
    if (!this.#hasAppArmor) return;
    this.#followed = followKernelLog(
      runner,
      {
        onMessage: (text) => this.#takePrinted(text),
        onGap: (count) => this.#noteLost(count, new Date()),
        onTrouble: (reason) => {
          if (reason !== undefined && this.#trouble === undefined)
            log.warn({ reason }, "the kernel's log cannot be read: denials are seen where auditd writes them");
          this.#trouble = reason;
        },
      },
      signal,
    );
  }

  source(): DenialSource {
    const places = [
      ...(this.#hasAppArmor && this.#trouble === undefined ? ["the kernel's log (/dev/kmsg)"] : []),
      ...(this.#hasAuditFile ? [`auditd's file (${this.#options.auditFile})`] : []),
    ];
    const lost = this.#lost === undefined ? {} : { lost: this.#lost };
    if (!this.#hasAppArmor)
      return {
        state: 'unavailable',
        detail: 'This kernel has no AppArmor, so nothing is refused by a profile.',
        ...lost,
      };
    return places.length > 0
      ? { state: 'watching', detail: places.join(' and '), ...lost }
      : {
          state: 'unavailable',
          detail: `The kernel's log cannot be read: ${foreignWords(this.#trouble ?? 'unknown')}`,
          ...lost,
        };
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.#followed;
  }

  /** The kernel's own numbers: a step of more than one is records of any kind that its log's rate limit left out. */
  #takePrinted(text: string): void {
    const [, seconds, serial] = /\baudit\((\d+)\.\d+:(\d+)\):/.exec(text) ?? [];
    if (serial === undefined) return;
    const at = new Date(Number(seconds) * 1000);
    const missing = Number(serial) - (this.#lastSerial ?? Number(serial)) - 1;
    if (missing > 0 && at >= this.#beganAt) this.#noteLost(missing, at);
    this.#lastSerial = Math.max(Number(serial), this.#lastSerial ?? 0);
    this.#take(text);
  }

  #take(line: string): void {
    if (!isAboutOurs(line)) return;
    const second = Number(/\baudit\((\d+)\./.exec(line)?.[1] ?? 0);
    if (!this.#budget.takes(line, second)) return this.#noteLost(1, new Date(second * 1000));
    const record = parseAuditRecord(line);
    const denied = record && deniedAccess(record);
    if (denied) this.emit('denied', denied);
  }

  #noteLost(count: number, at: Date): void {
    this.#lost = { count: (this.#lost?.count ?? 0) + count, lastAt: at.toISOString() };
  }
}

/** A denial, or what would be one in complain mode, of a profile of Berth's: their names need no hex. */
function isAboutOurs(line: string): boolean {
  return /\bapparmor="(?:DENIED|ALLOWED)"/.test(line) && / profile="(?:multipass\.|berth-helper)/.test(line);
}

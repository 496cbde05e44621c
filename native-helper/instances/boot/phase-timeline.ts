// SPDX-License-Identifier: MIT
import { bootPhases, type BootPhase, type PhaseRecord } from '#contract/operations.ts';
import { foreignWords } from '../../core/foreign-words.ts';

/**
 * The phases of one boot with their times. Evidence may come out of order (a lease before the kernel
 * line was read from the log): the end of a phase ends the ones before it, at the same moment.
 */
export class PhaseTimeline {
  #records: readonly PhaseRecord[];
  readonly #listeners = new Set<() => void>();

  /**
   * `known` are the phases of a boot that another helper followed; those of a later version stay where they are.
   * `skipped` ones do not happen in this boot.
   */
  constructor(skipped: readonly BootPhase[] = [], known: readonly PhaseRecord[] = []) {
    const records = bootPhases.map(
      (phase): PhaseRecord =>
        known.find((record) => record.phase === phase) ?? {
          phase,
          state: skipped.includes(phase) ? 'skipped' : 'waiting',
        },
    );
    for (const [index, record] of known.entries()) if (!isOfThisVersion(record)) records.splice(index, 0, record);
    this.#records = records;
  }

  get records(): readonly PhaseRecord[] {
    return this.#records;
  }

  /** Calls back after every change; returns the way to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The phase that is under way, or the next to come. */
  get current(): BootPhase | undefined {
    const inState = (state: PhaseRecord['state']): BootPhase | undefined =>
      bootPhases.find((phase) => this.#find(phase).state === state);
    return inState('running') ?? inState('waiting');
  }

  isDone(phase: BootPhase): boolean {
    return this.#find(phase).state === 'done';
  }

  begin(phase: BootPhase, at: Date): void {
    if (this.#find(phase).state !== 'waiting') return;
    this.#set(phase, { state: 'running', startedAt: at.toISOString() });
  }

  /** Ends `phase` and what came before it; begins the next one, if `next` says so. */
  end(phase: BootPhase, at: Date, evidence: string, next?: BootPhase): void {
    if (this.#isOver(phase)) return;
    for (const earlier of bootPhases.slice(bootPhases.indexOf('firmware'), bootPhases.indexOf(phase))) {
      if (!this.#isOver(earlier)) this.#close(earlier, at, `over when the ${phase} phase was`);
    }
    this.#close(phase, at, evidence);
    if (next) this.begin(next, at);
  }

  skip(phase: BootPhase, evidence: string): void {
    if (!this.#isOver(phase)) this.#set(phase, { state: 'skipped', evidence });
  }

  fail(phase: BootPhase, at: Date, evidence: string): void {
    if (!this.#isOver(phase)) this.#set(phase, { state: 'failed', endedAt: at.toISOString(), evidence });
  }

  #close(phase: BootPhase, at: Date, evidence: string): void {
    const startedAt = this.#find(phase).startedAt ?? at.toISOString();
    this.#set(phase, { state: 'done', startedAt, endedAt: at.toISOString(), evidence });
  }

  #isOver(phase: BootPhase): boolean {
    const { state } = this.#find(phase);
    return state === 'done' || state === 'skipped' || state === 'failed';
  }

  #find(phase: BootPhase): PhaseRecord {
    const record = this.#records.find((each) => each.phase === phase);
    if (!record) throw new Error(`no phase ${phase}`);
    return record;
  }

  #set(phase: BootPhase, change: Partial<PhaseRecord>): void {
    const { evidence } = change;
    const bounded = evidence === undefined ? change : { ...change, evidence: foreignWords(evidence) };
    this.#records = this.#records.map((record) => (record.phase === phase ? { ...record, ...bounded } : record));
    for (const listener of this.#listeners) listener();
  }
}

/** Whether anything here ever ends the phase. */
export function isOfThisVersion({ phase }: Pick<PhaseRecord, 'phase'>): boolean {
  return bootPhases.some((each) => each === phase);
}

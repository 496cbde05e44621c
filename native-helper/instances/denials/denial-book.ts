// SPDX-License-Identifier: MIT
import type { Denial } from '#contract/denials.ts';
import type { DenialFile, DenialRecord } from '../../store/denial-record.ts';
import { denialId, type DeniedAccess } from './denied-access.ts';

/** Different things that are kept of one instance; the longest unseen undecided one makes room. */
export const keptDenials = 200;
const keptOperations = 8;
/** What a rule is made of; and as which user it was tried, where the kernel says so. */
const keptFields = ['peer', 'signal', 'sock_type', 'denied_mask', 'fsuid'];

/** What was refused to one instance, each thing once, with count and times. */
export class DenialBook {
  readonly #denials: Map<string, DenialRecord>;
  /** Keys of a newer version's file, which survive. */
  readonly #file: DenialFile;
  readonly #seenBefore: DenialFile['newest'];
  #newest: DenialFile['newest'];

  constructor(file: DenialFile) {
    this.#file = file;
    this.#seenBefore = file.newest;
    this.#newest = file.newest;
    this.#denials = new Map(file.denials.map((each) => [each.id, each]));
  }

  /** False for one that an earlier helper counted: logs are read from their beginning. */
  add(denied: DeniedAccess): boolean {
    const at = denied.at.toISOString();
    if (this.#isOld(at, denied.serial)) return false;
    const id = denialId(denied);
    const known = this.#denials.get(id);
    this.#newest = { at, serial: denied.serial };
    this.#denials.set(id, known === undefined ? firstOf(id, denied) : oneMore(known, denied));
    if (this.#denials.size > keptDenials) this.#makeRoom();
    return true;
  }

  find(id: string): DenialRecord | undefined {
    return this.#denials.get(id);
  }

  /** Newest first. */
  all(): readonly DenialRecord[] {
    return [...this.#denials.values()].sort((a, b) => (a.lastAt < b.lastAt ? 1 : -1));
  }

  decide(id: string, decision: NonNullable<Denial['decision']>): void {
    const known = this.#denials.get(id);
    if (known) this.#denials.set(id, { ...known, decision });
  }

  content(): DenialFile {
    return {
      ...this.#file,
      schema: 1,
      ...(this.#newest === undefined ? {} : { newest: this.#newest }),
      denials: [...this.#denials.values()],
    };
  }

  #isOld(at: string, serial: number): boolean {
    const seen = this.#seenBefore;
    return seen !== undefined && (at < seen.at || (at === seen.at && serial <= seen.serial));
  }

  #makeRoom(): void {
    const oldest = this.all().toReversed();
    const leaving = oldest.find((each) => each.decision === undefined) ?? oldest[0];
    if (leaving) this.#denials.delete(leaving.id);
  }
}

function firstOf(id: string, denied: DeniedAccess): DenialRecord {
  const { utility, kind, subject, operation, access, outcome, isExact } = denied;
  const at = denied.at.toISOString();
  return {
    id,
    utility,
    kind,
    subject,
    operations: [operation],
    ...(access === undefined ? {} : { access }),
    outcome,
    count: 1,
    firstAt: at,
    lastAt: at,
    isExact,
    details: detailsOf(denied),
  };
}

/** All that was ever tried of it, and how it went the last time. */
function oneMore(known: DenialRecord, denied: DeniedAccess): DenialRecord {
  return {
    ...known,
    operations: [...new Set([...known.operations, denied.operation])].slice(0, keptOperations),
    ...(denied.access === undefined
      ? {}
      : { access: [...new Set(Array.from((known.access ?? '') + denied.access))].join('') }),
    outcome: denied.outcome,
    count: known.count + 1,
    lastAt: denied.at.toISOString(),
    isExact: known.isExact && denied.isExact,
    details: detailsOf(denied),
  };
}

function detailsOf({ details }: DeniedAccess): Record<string, string> {
  return Object.fromEntries([...details].filter(([field]) => keptFields.includes(field)));
}

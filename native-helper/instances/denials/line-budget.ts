// SPDX-License-Identifier: MIT

/**
 * Denials of one user that are looked at of each second. A program that meets a wall tries again a few times, not more.
 */
export const perUser = 20;
/** Of all users together, of each second: what twenty-five of them may bring. */
export const inAll = 500;

/**
 * How many denials of a second are looked at: whoever runs in a profile of ours can have as many written as he likes,
 * auditd writes them all down, and each costs the helper time. Seconds are those of the records, so that what was
 * written while no helper ran counts as it was.
 */
export class LineBudget {
  #second = 0;
  #all = 0;
  readonly #ofUsers = new Map<string, number>();

  /** Whether the line of that second is within it. */
  takes(line: string, second: number): boolean {
    if (second !== this.#second) this.#begin(second);
    const user = userOf(line);
    const ofUser = (this.#ofUsers.get(user) ?? 0) + 1;
    if (ofUser > perUser || this.#all >= inAll) return false;
    this.#ofUsers.set(user, ofUser);
    this.#all += 1;
    return true;
  }

  #begin(second: number): void {
    this.#second = second;
    this.#all = 0;
    this.#ofUsers.clear();
  }
}

/** Who tried it, as the kernel wrote it. Of capabilities and networks it names the profile alone. */
function userOf(line: string): string {
  return (/ fsuid=\d+/.exec(line) ?? / profile=\S+/.exec(line))?.[0] ?? '';
}

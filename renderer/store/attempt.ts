// SPDX-License-Identifier: MIT
import type { InstanceKey } from '#contract/host-keys.ts';
import type { HelperErrorData } from '#contract/errors.ts';
import { say } from '#messages/say.ts';
import { errorDataOf } from '../api/client.ts';
import { notify } from './index.ts';
import { errorNotice } from './notices.ts';

/** What a person asked for, as the notice of its refusal tells it. */
export interface Asked {
  /** Of the notice: the same id replaces, never doubles. */
  readonly id: string;
  /** The command that does the same, or a word for it. */
  readonly line: string;
  readonly instance?: InstanceKey | undefined;
}

/** Does what a person asked for; a refusal becomes a notice. True where it was done. Never rejects. */
export async function attempt(asked: Asked, work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    tellRefusal(asked, errorDataOf(error));
    return false;
  }
}

export function tellRefusal({ id, line, instance }: Asked, error: HelperErrorData): void {
  notify(errorNotice(id, say('notices.refused', { line }), error, instance));
}

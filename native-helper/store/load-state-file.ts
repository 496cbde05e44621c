// SPDX-License-Identifier: MIT
import { messageOf } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import { readStateFile } from './read-state-file.ts';
import { setAside } from './set-aside.ts';

/**
 * What a file of the state holds. Undefined where there is none, and where it cannot be used: whatever is in its place
 * is set aside then, beside it, and told in the log; the helper goes on without it.
 */
export async function loadStateFile<Content>(
  file: string,
  parse: (content: unknown) => Content,
  log: Logger,
): Promise<Content | undefined> {
  try {
    const text = await readStateFile(file);
    return text === undefined ? undefined : parse(JSON.parse(text));
  } catch (error) {
    const aside = await setAside(file).catch(() => undefined); // the disk refuses: it stays where it is
    log.error({ file, aside, reason: messageOf(error) }, 'a file of the state cannot be read and was set aside');
    return undefined;
  }
}

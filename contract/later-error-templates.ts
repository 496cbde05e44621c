// SPDX-License-Identifier: MIT
import { refused } from './error-exit-codes.ts';
import type { ErrorTemplate } from './error-templates.ts';

/** Codes that came since: an older client does not know them, so they travel with their words. New ones go here. */
export const laterTemplates = {
  'helper.socket-blocked': {
    message: 'The helper cannot make its socket {path}, because something is in its place: {reason}',
    hint: 'Move away what is there (see it with ls -ld and findmnt), and start the helper again.',
    exitCode: refused,
  },
  'instance.paused': {
    message: '{name} is paused: {reason}.',
    hint: 'Free some disk space, or repair the disk that instances are stored on. When there is space, it continues automatically; berth start {name} continues it at once.',
    exitCode: refused,
  },
} as const satisfies Readonly<Record<string, ErrorTemplate>>;

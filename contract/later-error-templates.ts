// SPDX-License-Identifier: MIT
import { refused, usage } from './error-exit-codes.ts';
import type { ErrorTemplate } from './error-templates.ts';

/** Codes that came since: an older client does not know them, so they travel with their words. New ones go here. */
export const laterTemplates = {
  'helper.socket-blocked': {
    message: 'The helper cannot make its socket {path}, because something is in its place: {reason}',
    hint: 'Move away what is there (see it with ls -ld and findmnt), and start the helper again.',
    exitCode: refused,
  },
  'image.name-invalid': {
    message: '{image} names no image: {reason}.',
    hint: 'Give a name as berth find shows it (debian-12, ubuntu:24.04, mia/mine), a digest, the path of a file, or an https URL.',
    exitCode: usage,
  },
  'host.too-little-memory': {
    message:
      'An instance with {asked} of memory can never run here: this computer has {memory}, and with swap {total}.',
    hint: 'Ask for less, with --memory; what runs beside it needs some too.',
    exitCode: usage,
  },
  'instance.paused': {
    message: '{name} is paused: {reason}.',
    hint: 'Free some disk space, or repair the disk that instances are stored on. When there is space, it continues automatically; berth start {name} continues it at once.',
    exitCode: refused,
  },
} as const satisfies Readonly<Record<string, ErrorTemplate>>;

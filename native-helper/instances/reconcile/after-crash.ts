// SPDX-License-Identifier: MIT
import type { InstanceVerb } from '#contract/verbs.ts';
import { finishSet } from '../settings/grow-disk.ts';
import { undoLaunch } from '../verbs/launch.ts';
import { verbWork } from '../verbs/table.ts';
import type { AfterCrash } from '../verbs/verb-work.ts';

/**
 * What settles an interrupted operation. Undefined for one of no instance, because an image may be called as an
 * instance is, and for one of a later version: nobody knows what it meant.
 */
export function afterCrashOf(kind: string): AfterCrash | undefined {
  if (kind === 'launch') return undoLaunch;
  if (kind === 'set') return finishSet;
  return isInstanceVerb(kind) ? verbWork[kind].afterCrash : undefined;
}

function isInstanceVerb(kind: string): kind is InstanceVerb {
  return Object.hasOwn(verbWork, kind);
}

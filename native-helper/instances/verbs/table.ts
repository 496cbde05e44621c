// SPDX-License-Identifier: MIT
import type { InstanceVerb } from '#contract/verbs.ts';
import { noteEnd, noteInterruption } from '../reconcile/note-interruption.ts';
import { remove } from './delete.ts';
import { finishPurge, purge } from './purge.ts';
import { pause, settlePause } from './pause.ts';
import { recover } from './recover.ts';
import { restart } from './restart.ts';
import { resume, settleResume } from './resume.ts';
import { settleStart, start } from './start.ts';
import { stop } from './stop.ts';
import { settleSuspend, suspend } from './suspend.ts';
import type { VerbWork } from './verb-work.ts';

/** A row for each of contract/verb-table.ts. */
export const verbWork: { readonly [Verb in InstanceVerb]: VerbWork<Verb> } = {
  start: { begin: start, afterCrash: settleStart },
  stop: { begin: stop, afterCrash: noteEnd },
  restart: { begin: restart, afterCrash: noteInterruption },
  pause: { begin: pause, afterCrash: settlePause },
  resume: { begin: resume, afterCrash: settleResume },
  suspend: { begin: suspend, afterCrash: settleSuspend },
  delete: { begin: remove, afterCrash: noteEnd },
  recover: { begin: recover, afterCrash: noteInterruption },
  purge: { begin: purge, afterCrash: finishPurge },
};

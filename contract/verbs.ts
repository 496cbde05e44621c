// SPDX-License-Identifier: MIT
import type { InstanceState, InstanceSummary } from './instances.ts';
import type { LaterValue } from './open-enum.ts';
import type { OperationKind } from './operations.ts';

/** What can be done with an instance that exists, as an operation. Each is a method `instances.VERB`. */
export const instanceVerbs = ['start', 'stop', 'restart', 'delete', 'recover', 'purge'] as const;
export type InstanceVerb = (typeof instanceVerbs)[number];

/** What an operation is called: on a button, while it goes on, and when it is over. */
export interface OperationWords {
  /** On a button, in a menu, in the palette and in the list of activity: "Stop". */
  readonly label: string;
  /** While it goes on: "Stopping". */
  readonly underWay: string;
  /** What is told of its target afterwards: "is stopped". */
  readonly done: string;
  /** What could not be done to the target: "stop". */
  readonly doing: string;
}

/** A row of the table of verbs: all that helper, command line and window have to know alike. */
export interface Verb {
  readonly words: OperationWords & {
    /** The end of "NAME is stopped, so it cannot …". */
    readonly passive: string;
    /** The command's line of help. */
    readonly help: string;
    /** What `--all` means. */
    readonly all: string;
  };
  /** The states of an instance without an operation, or with one of `supersedes`, in which it is legal. */
  readonly from: readonly InstanceState[];
  /** Also for one whose record cannot be read. */
  readonly takesBroken?: true;
  /** The operations under way that end for it. Whatever else is under way is a conflict. */
  readonly supersedes: readonly OperationKind[];
  /** What is shown meanwhile, with a process and without. */
  readonly during: { readonly alive: InstanceState; readonly absent: InstanceState };
  /** Where it is in this state already, there is nothing to do, and that is no failure. */
  readonly reached?: InstanceState;
  /** How it is asked for to happen at once, without the guest. */
  readonly forced?: { readonly label: string; readonly option: string };
  /** The verb that takes it back. */
  readonly undoneBy?: InstanceVerb;
  /** Offered for several selected instances in the window. */
  readonly isInBulk?: true;
  /** Cannot be taken back, so it asks first. */
  readonly isFinal?: true;
  /** Something goes away: its button says so by its colour. */
  readonly isDanger?: true;
}

/** The table of verbs, in the order in which they are offered. */
export const verbs: Readonly<Record<InstanceVerb, Verb>> = {
  start: {
    words: {
      label: 'Start',
      underWay: 'Starting',
      done: 'is running',
      doing: 'start',
      passive: 'be started',
      help: 'start instances',
      all: 'all that are stopped',
    },
    from: ['stopped', 'paused'],
    supersedes: [],
    during: { alive: 'starting', absent: 'starting' },
    reached: 'running',
    isInBulk: true,
  },
  stop: {
    words: {
      label: 'Stop',
      underWay: 'Stopping',
      done: 'is stopped',
      doing: 'stop',
      passive: 'be stopped',
      help: 'shut instances down',
      all: 'all that run',
    },
    from: ['starting', 'running', 'stopping', 'restarting', 'paused', 'unknown'],
    // Another stop too, so that force helps where patience did not.
    supersedes: ['start', 'restart', 'stop'],
    during: { alive: 'stopping', absent: 'stopping' },
    reached: 'stopped',
    forced: { label: 'Force stop', option: '--force' },
    isInBulk: true,
  },
  restart: {
    words: {
      label: 'Restart',
      underWay: 'Restarting',
      done: 'was restarted',
      doing: 'restart',
      passive: 'be restarted',
      help: 'shut instances down and start them again',
      all: 'all that run',
    },
    from: ['starting', 'running', 'paused'],
    supersedes: ['start'],
    during: { alive: 'restarting', absent: 'restarting' },
    isInBulk: true,
  },
  delete: {
    words: {
      label: 'Delete',
      underWay: 'Deleting',
      done: 'was deleted',
      doing: 'delete',
      passive: 'be deleted',
      help: 'move instances to the trash',
      all: 'all of yours',
    },
    from: ['creating', 'starting', 'running', 'stopping', 'stopped', 'restarting', 'paused', 'unknown'],
    supersedes: ['launch', 'start', 'restart', 'stop'],
    during: { alive: 'stopping', absent: 'deleted' },
    reached: 'deleted',
    undoneBy: 'recover',
    isInBulk: true,
    isDanger: true,
  },
  recover: {
    words: {
      label: 'Recover',
      underWay: 'Recovering',
      done: 'was recovered',
      doing: 'recover',
      passive: 'be recovered',
      help: 'restore instances from the trash',
      all: 'all in the trash',
    },
    from: ['deleted'],
    supersedes: [],
    during: { alive: 'deleted', absent: 'deleted' },
  },
  purge: {
    words: {
      label: 'Delete permanently',
      underWay: 'Deleting permanently',
      done: 'was permanently deleted',
      doing: 'permanently delete',
      passive: 'be purged',
      help: 'permanently delete instances from the trash',
      all: 'all in the trash',
    },
    from: ['deleted'],
    takesBroken: true,
    supersedes: [],
    during: { alive: 'deleted', absent: 'deleted' },
    isFinal: true,
    isDanger: true,
  },
};

export function isVerb(kind: OperationKind | LaterValue): kind is InstanceVerb {
  return Object.hasOwn(verbs, kind);
}

/** Whether the verb is legal from the state. What is under way is looked at apart: {@link isOffered}. */
export function isLegal(verb: InstanceVerb, state: InstanceState | LaterValue): boolean {
  return verbs[verb].from.some((each) => each === state);
}

/**
 * Whether the verb makes sense for the instance as it is told of: the state allows it, and what is under way ends for
 * it. A verb under way is not offered again, except in its forced form.
 */
export function isOffered(
  verb: InstanceVerb,
  instance: Pick<InstanceSummary, 'isOwn' | 'state' | 'operation'>,
  isForced = false,
): boolean {
  if (!instance.isOwn) return false;
  if (!isLegal(verb, instance.state) && !(instance.state === 'broken' && verbs[verb].takesBroken)) return false;
  const kind = instance.operation?.kind;
  if (kind === undefined) return true;
  return verbs[verb].supersedes.some((each) => each === kind) && (kind !== verb || isForced);
}

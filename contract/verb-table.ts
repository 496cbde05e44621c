// SPDX-License-Identifier: MIT
import type { z } from 'zod';
import { sentence, type Sentence } from '#messages/sentence.ts';
import type { instanceName } from './names.ts';
import { nameParams, startParams, stopParams } from './verb-params.ts';

/** A row of the table of verbs: all that helper, command line and window have to know alike. */
export interface VerbRow<State extends string, Kind extends string, Name extends string> {
  /** Of the method `instances.VERB`. */
  readonly params: z.ZodObject<{ readonly name: typeof instanceName }>;
  /** The states of an instance without an operation, or with one of `supersedes`, in which it is legal. */
  readonly from: readonly State[];
  /** Of those, states in which only its forced form is offered, or another verb in its place. */
  readonly unoffered?: readonly State[];
  /** Also for one whose record cannot be read. */
  readonly takesBroken?: true;
  /** The operations under way that end for it. Whatever else is under way is a conflict. */
  readonly supersedes: readonly Kind[];
  /** What is shown meanwhile, with a process and without. */
  readonly during: { readonly alive: State; readonly absent: State };
  /** Where it is in this state already, there is nothing to do, and that is no failure. */
  readonly reached?: State;
  /** The same for more states, with what is said of an instance in them: "NAME is not in the trash". */
  readonly needless?: { readonly states: readonly State[]; readonly words: Sentence };
  /** How it is asked for without regard for what is lost: the parameters, and the states, where not all of `from`. */
  readonly forced?: {
    readonly label: Sentence;
    readonly option: string;
    readonly params: Readonly<Record<string, true>>;
    readonly from?: readonly State[];
  };
  /** The verb that takes it back. */
  readonly undoneBy?: Name;
  /** Offered for several selected instances in the window. */
  readonly isInBulk?: true;
  /** Behind the buttons of an instance, in the menu with the forced ones. */
  readonly isInMenu?: true;
  /** Cannot be taken back, so it asks first. */
  readonly isFinal?: true;
  /** Something goes away: its button says so by its colour. */
  readonly isDanger?: true;
}

/** Of an instance that is not in the trash, where it is known. */
const inUse = ['creating', 'starting', 'running', 'stopping', 'stopped', 'restarting', 'paused', 'suspended'] as const;

/**
 * What can be done with an instance that exists, as an operation: a row a verb, in the order in which they are offered.
 * Methods, kinds of operations, buttons, commands and their help come from here (docs/architecture.md); the words are
 * in messages/en/verbs.ts. States and kinds are checked where the table is typed, in verbs.ts.
 */
export const verbTable = {
  start: {
    params: startParams,
    from: ['stopped', 'paused', 'suspended'],
    unoffered: ['paused'],
    supersedes: [],
    during: { alive: 'starting', absent: 'starting' },
    reached: 'running',
    forced: {
      label: sentence('verb.start.forced'),
      option: '--cold',
      params: { isCold: true },
      from: ['suspended'],
    },
    isInBulk: true,
  },
  stop: {
    params: stopParams,
    from: ['starting', 'running', 'stopping', 'restarting', 'paused', 'suspended', 'unknown'],
    unoffered: ['suspended'],
    // Another stop too, so that force helps where patience did not.
    supersedes: ['start', 'restart', 'stop', 'suspend'],
    during: { alive: 'stopping', absent: 'stopping' },
    reached: 'stopped',
    forced: { label: sentence('verb.stop.forced'), option: '--force', params: { force: true } },
    isInBulk: true,
  },
  restart: {
    params: stopParams,
    from: ['starting', 'running', 'paused'],
    supersedes: ['start'],
    during: { alive: 'restarting', absent: 'restarting' },
    isInBulk: true,
  },
  pause: {
    params: nameParams,
    from: ['running'],
    supersedes: [],
    during: { alive: 'running', absent: 'stopped' },
    reached: 'paused',
    isInMenu: true,
  },
  resume: {
    params: nameParams,
    from: ['paused'],
    supersedes: [],
    during: { alive: 'paused', absent: 'stopped' },
    reached: 'running',
    isInBulk: true,
  },
  suspend: {
    params: nameParams,
    from: ['running', 'paused'],
    supersedes: [],
    during: { alive: 'stopping', absent: 'stopping' },
    reached: 'suspended',
    isInMenu: true,
  },
  delete: {
    params: nameParams,
    from: [...inUse, 'unknown'],
    supersedes: ['launch', 'start', 'restart', 'stop', 'suspend'],
    during: { alive: 'stopping', absent: 'deleted' },
    reached: 'deleted',
    undoneBy: 'recover',
    isInBulk: true,
    isDanger: true,
  },
  recover: {
    params: nameParams,
    from: ['deleted'],
    supersedes: [],
    during: { alive: 'deleted', absent: 'deleted' },
    needless: { states: inUse, words: sentence('verb.recover.needless') },
  },
  purge: {
    params: nameParams,
    from: ['deleted'],
    takesBroken: true,
    supersedes: [],
    during: { alive: 'deleted', absent: 'deleted' },
    isFinal: true,
    isDanger: true,
  },
} as const satisfies Readonly<Record<string, VerbRow<string, string, string>>>;

export type InstanceVerb = keyof typeof verbTable;
export const instanceVerbs = Object.keys(verbTable) as readonly InstanceVerb[];

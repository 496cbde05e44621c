// SPDX-License-Identifier: MIT
import type { LinkMessage } from '#contract/desktop.ts';
import { describeError, type HelperErrorData } from '#contract/errors.ts';
import type { InstanceSummary } from '#contract/instances.ts';
import { bootPhase, type OperationSummary } from '#contract/operations.ts';
import { wordOf, type LaterValue } from '#contract/open-enum.ts';
import { operationWords } from '#contract/operation-words.ts';
import { isVerb, verbs, type InstanceVerb } from '#contract/verbs.ts';
import { noticeStrings as strings } from './notice-strings.ts';

export interface Notice {
  /** An operation's id, or one of our own: the same id replaces, never doubles. */
  readonly id: string;
  readonly tone: 'good' | 'bad' | 'plain';
  readonly title: string;
  readonly message?: string;
  readonly hint?: string;
  /** The instance to go to, or whose change can be taken back. */
  readonly instance?: string;
  /** The verb that takes back what is told of. */
  readonly undoneBy?: InstanceVerb;
  readonly consoleTail?: readonly string[];
  /** The page of the instance that has more to tell. */
  readonly tab?: 'security';
  /** The instance waits for consent to run without AppArmor. */
  readonly isConsentAsked?: boolean;
}

export interface NoticesSlice {
  readonly notices: readonly Notice[];
}

export const initialNotices: NoticesSlice = { notices: [] };

/** More than these are never on the screen; the Activity screen has all. */
const shownNotices = 5;

/** What was known before a message, to tell news from a replay. */
interface Known {
  readonly operations: Readonly<Record<string, OperationSummary>>;
  readonly instances: Readonly<Record<string, InstanceSummary>>;
  /** The window's user. */
  readonly uid: number | undefined;
}

/** A notice for an operation of the window's user that ended just now, and for what an instance was newly refused. */
export function reduceNotices(slice: NoticesSlice, message: LinkMessage, known: Known): Partial<NoticesSlice> {
  if (message.kind !== 'event') return {};
  const { body } = message.event;
  switch (body.topic) {
    case 'operation.changed':
      return afterOperation(slice, body.operation, known);
    case 'instance.changed':
      return afterRefusal(slice, body.instance, known.instances[body.instance.name]);
    default:
      return {};
  }
}

/** More different things wait for a decision than before. However many, it is one notice. */
function afterRefusal(
  slice: NoticesSlice,
  { name, denials }: InstanceSummary,
  before: InstanceSummary | undefined,
): Partial<NoticesSlice> {
  if (
    before === undefined ||
    denials === undefined ||
    denials.total <= (before.denials?.total ?? 0) ||
    denials.undecided === 0
  )
    return {};
  return {
    notices: addNotice(slice.notices, {
      id: `denials-${name}`,
      tone: 'plain',
      title: strings.newlyRefused(name),
      message: strings.waiting(denials.undecided),
      instance: name,
      tab: 'security',
    }),
  };
}

function afterOperation(
  slice: NoticesSlice,
  operation: OperationSummary,
  { operations, uid }: Known,
): Partial<NoticesSlice> {
  const before = operations[operation.id];
  if (operation.state === 'running' || (before !== undefined && before.state !== 'running')) return {};
  if (uid !== undefined && operation.ownerUid !== uid) return {};
  // what came of it stands where it was asked for
  if (operation.kind === 'image-refresh' && operation.state === 'succeeded') return {};
  return { notices: addNotice(withoutOutdated(slice.notices, operation), noticeOf(operation)) };
}

/** Adds or replaces by id. Errors are the last to give way when there are too many. */
export function addNotice(notices: readonly Notice[], notice: Notice): readonly Notice[] {
  const all = [...notices.filter((each) => each.id !== notice.id), notice];
  if (all.length <= shownNotices) return all;
  const victim = all.find((each) => each.tone !== 'bad') ?? all[0];
  return all.filter((each) => each !== victim);
}

/** The words for an error that a request gave. */
export function errorNotice(id: string, title: string, error: HelperErrorData, instance?: string): Notice {
  const described = describeError(error);
  return {
    id,
    title,
    tone: 'bad',
    message: described.message,
    hint: described.hint,
    ...(error.consoleTail === undefined ? {} : { consoleTail: error.consoleTail }),
    ...(instance === undefined ? {} : { instance }),
    ...(error.code === 'confinement.consent-required' ? { isConsentAsked: true } : {}),
  };
}

function noticeOf(operation: OperationSummary): Notice {
  const words = operationWords(operation.kind);
  const verb = isVerb(operation.kind) ? verbs[operation.kind] : undefined;
  const isOfInstance = !operation.kind.startsWith('image-');
  const instance = isOfInstance && verb?.isFinal !== true ? { instance: operation.target } : {};
  switch (operation.state) {
    case 'failed': {
      const title = strings.failed(words.doing, operation.target);
      return operation.error === undefined
        ? { id: operation.id, tone: 'bad', title, ...instance }
        : errorNotice(
            operation.id,
            withPhase(title, operation.error.phase),
            operation.error,
            'instance' in instance ? instance.instance : undefined,
          );
    }
    case 'cancelled':
      return { id: operation.id, tone: 'plain', title: strings.cancelled(words.doing, operation.target), ...instance };
    case 'succeeded':
    case 'running':
      return {
        id: operation.id,
        tone: 'good',
        title: `${operation.target} ${words.done}`,
        ...instance,
        ...(verb?.undoneBy === undefined ? {} : { undoneBy: verb.undoneBy }),
      };
    default: {
      operation.state satisfies LaterValue;
      return { id: operation.id, tone: 'plain', title: `${operation.target}: ${wordOf(operation.state)}`, ...instance };
    }
  }
}

function withPhase(title: string, phase: string | undefined): string {
  const known = bootPhase.safeParse(phase);
  return known.success ? `${title}: ${strings.inPhase(known.data)}` : title;
}

/**
 * What was told of an instance is no news when the next thing has happened to it; what can be undone can be until it
 * is, or is final.
 */
function withoutOutdated(notices: readonly Notice[], { kind, state, target }: OperationSummary): readonly Notice[] {
  if (state !== 'succeeded' || kind.startsWith('image-')) return notices;
  return notices.filter(({ tone, instance, undoneBy }) => {
    if (instance !== target || tone !== 'good') return true;
    return undoneBy !== undefined && undoneBy !== kind && !(isVerb(kind) && verbs[kind].isFinal === true);
  });
}

// SPDX-License-Identifier: MIT
import type { LinkMessage } from '#contract/desktop.ts';
import {
  instanceKey,
  keyOf,
  operationKey,
  type HostInstance,
  type HostOperation,
  type InstanceKey,
} from '#contract/host-keys.ts';
import type { HostsView } from '#contract/hosts-view.ts';
import { describeError, type HelperErrorData } from '#contract/errors.ts';
import { bootPhase } from '#contract/operations.ts';
import { wordOf, type LaterValue } from '#contract/open-enum.ts';
import { operationWords } from '#contract/operation-words.ts';
import { isVerb, verbs, type InstanceVerb } from '#contract/verbs.ts';
import { say } from '#messages/say.ts';

export interface Notice {
  /** An operation's id, or one of our own: the same id replaces, never doubles. */
  readonly id: string;
  readonly tone: 'good' | 'bad' | 'plain';
  readonly title: string;
  readonly message?: string;
  readonly hint?: string;
  /** The instance to go to, or whose change can be taken back. */
  readonly instance?: InstanceKey;
  /** The verb that takes back what is told of. */
  readonly undoneBy?: InstanceVerb;
  readonly consoleTail?: readonly string[];
  /** The page of the instance that has more to tell. */
  readonly tab?: 'security';
  /** The instance waits for consent to run without AppArmor. */
  readonly isConsentAsked?: boolean;
  /** It failed on its way up: its console may tell why. */
  readonly isBootFailure?: boolean;
}

export interface NoticesSlice {
  readonly notices: readonly Notice[];
}

export const initialNotices: NoticesSlice = { notices: [] };

/** More than these are never on the screen; the Activity screen has all. */
const shownNotices = 5;

type Known = Pick<HostsView, 'instances' | 'operations' | 'systems'>;

/**
 * A notice for an operation of the window's user that ended just now, and for what an instance was newly refused.
 * `known`: what was known before the message, to tell news from a replay.
 */
export function reduceNotices(known: NoticesSlice & Known, message: LinkMessage): Partial<NoticesSlice> {
  if (message.kind !== 'event') return {};
  const { host } = message;
  const { body } = message.event;
  switch (body.topic) {
    case 'operation.changed':
      return afterOperation(known, { ...body.operation, host });
    case 'instance.changed':
      return afterRefusal(known, { ...body.instance, host });
    default:
      return {};
  }
}

/** More different things wait for a decision than before. However many, it is one notice. */
function afterRefusal({ notices, instances }: NoticesSlice & Known, instance: HostInstance): Partial<NoticesSlice> {
  const key = keyOf(instance);
  const before = instances[key];
  const { name, denials } = instance;
  if (
    before === undefined ||
    denials === undefined ||
    denials.total <= (before.denials?.total ?? 0) ||
    denials.undecided === 0
  )
    return {};
  return {
    notices: addNotice(notices, {
      id: `denials-${key}`,
      tone: 'plain',
      title: say('notices.newly-refused', { name }),
      message: say('notices.waiting', { count: denials.undecided }),
      instance: key,
      tab: 'security',
    }),
  };
}

function afterOperation(known: NoticesSlice & Known, operation: HostOperation): Partial<NoticesSlice> {
  const before = known.operations[operationKey(operation.host, operation.id)];
  const uid = known.systems[operation.host]?.caller.uid;
  if (operation.state === 'running' || (before !== undefined && before.state !== 'running')) return {};
  if (uid !== undefined && operation.ownerUid !== uid) return {};
  // what came of it stands where it was asked for
  if (operation.kind === 'image-refresh' && operation.state === 'succeeded') return {};
  return { notices: addNotice(withoutOutdated(known.notices, operation), noticeOf(operation)) };
}

/** Adds or replaces by id. Errors are the last to give way when there are too many. */
export function addNotice(notices: readonly Notice[], notice: Notice): readonly Notice[] {
  const all = [...notices.filter((each) => each.id !== notice.id), notice];
  if (all.length <= shownNotices) return all;
  const victim = all.find((each) => each.tone !== 'bad') ?? all[0];
  return all.filter((each) => each !== victim);
}

/** The words for an error that a request gave. */
export function errorNotice(id: string, title: string, error: HelperErrorData, instance?: InstanceKey): Notice {
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
    ...(error.phase === undefined && (error.consoleTail ?? []).length === 0 ? {} : { isBootFailure: true }),
  };
}

function noticeOf(operation: HostOperation): Notice {
  const id = operationKey(operation.host, operation.id);
  const words = operationWords(operation.kind);
  const verb = isVerb(operation.kind) ? verbs[operation.kind] : undefined;
  const isOfInstance = !operation.kind.startsWith('image-');
  const instance =
    isOfInstance && verb?.isFinal !== true ? { instance: instanceKey(operation.host, operation.target) } : {};
  switch (operation.state) {
    case 'failed': {
      const title = say('notices.failed', { doing: words.doing, target: operation.target });
      return operation.error === undefined
        ? { id, tone: 'bad', title, ...instance }
        : errorNotice(
            id,
            withPhase(title, operation.error.phase),
            operation.error,
            'instance' in instance ? instance.instance : undefined,
          );
    }
    case 'cancelled':
      return {
        id,
        tone: 'plain',
        title: say('notices.cancelled', { doing: words.doing, target: operation.target }),
        ...instance,
      };
    case 'succeeded':
    case 'running':
      return {
        id,
        tone: 'good',
        title: say('notices.done', { target: operation.target, done: words.done }),
        ...instance,
        ...(verb?.undoneBy === undefined ? {} : { undoneBy: verb.undoneBy }),
      };
    default: {
      operation.state satisfies LaterValue;
      return { id, tone: 'plain', title: `${operation.target}: ${wordOf(operation.state)}`, ...instance };
    }
  }
}

function withPhase(title: string, phase: string | undefined): string {
  const known = bootPhase.safeParse(phase);
  return known.success ? `${title}: ${say(`notices.phase-${known.data}`)}` : title;
}

/**
 * What was told of an instance is no news when the next thing has happened to it; what can be undone can be until it
 * is, or is final.
 */
function withoutOutdated(notices: readonly Notice[], { host, kind, state, target }: HostOperation): readonly Notice[] {
  if (state !== 'succeeded' || kind.startsWith('image-')) return notices;
  return notices.filter(({ tone, instance, undoneBy }) => {
    if (instance !== instanceKey(host, target) || tone !== 'good') return true;
    return undoneBy !== undefined && undoneBy !== kind && !(isVerb(kind) && verbs[kind].isFinal === true);
  });
}

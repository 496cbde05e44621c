// SPDX-License-Identifier: MIT
import { instanceKey, partsOf, type InstanceKey } from '#contract/host-keys.ts';
import type { HostId } from '#contract/hosts.ts';
import { say } from '#messages/say.ts';
import { unknownLink } from '../../store/links.ts';
import type { InstanceSummary } from '#contract/instances.ts';
import type { DragContent } from '../../lib/dropped-files.ts';
import type { BerthState } from '../../store/apply-message.ts';

/** Whatever stands for an instance on the screen: an element with `data-host` and `data-instance`. */
export interface DropTarget {
  readonly instance: InstanceKey;
  /** Where files go in the guest: where the shell under the pointer is, as far as it tells. */
  readonly folder: string | undefined;
  /** What files are dropped for: on its right part, for the folder that they are in. */
  readonly part: DropPart;
  readonly box: DOMRect;
}

/** What is looked at to say what a drop does. */
type DropState = Pick<BerthState, 'instances' | 'links'>;

export type DropPart = 'copy' | 'share';

/** How much of a target's width is for copying. */
export const copyShare = 2 / 3;

/** What a drop would do, or why it can do nothing. */
export interface DropWords {
  readonly title: string;
  readonly note?: string;
  readonly isRefused: boolean;
}

export function targetOf(event: DragEvent): DropTarget | undefined {
  const under = event.target instanceof Element ? event.target : undefined;
  const element = under?.closest<HTMLElement>('[data-instance]');
  const { host, instance: name } = element?.dataset ?? {};
  if (!element || host === undefined || name === undefined) return undefined;
  const instance = instanceKey(host as HostId, name);
  const box = element.getBoundingClientRect();
  const part = event.clientX > box.left + box.width * copyShare ? 'share' : 'copy';
  return { instance, folder: under?.closest<HTMLElement>('[data-folder]')?.dataset['folder'], part, box };
}

/** Why nothing at all can be dropped on it; undefined where something can. */
export function refusalOf(state: DropState, key: InstanceKey): string | undefined {
  const instance = state.instances[key];
  const { host, name } = partsOf(key);
  if ((state.links[host] ?? unknownLink).link.state !== 'connected') return say('drop.not-connected');
  if (instance === undefined || instance.state === 'deleted') return say('drop.deleted', { name });
  if (!instance.isOwn) return say('drop.not-own', { name });
  return instance.state === 'broken' ? say('drop.broken', { name }) : undefined;
}

/** Why files cannot be copied into it now; undefined where they can. */
export function copyRefusalOf(instance: InstanceSummary | undefined): string | undefined {
  return instance?.state === 'running' ? undefined : say('drop.not-running', { name: instance?.name ?? '' });
}

/** The folders that files are in, each once. */
export function parentsOf(files: readonly string[]): string[] {
  return [...new Set(files.map((file) => file.slice(0, file.lastIndexOf('/')) || '/'))];
}

/**
 * Whether files find two things to be dropped for: the target itself takes a drop, and all that is dragged is files.
 */
export function isSplit(state: DropState, instance: InstanceKey, content: DragContent): boolean {
  return content.isAllFiles && refusalOf(state, instance) === undefined;
}

export function dropWords(
  state: DropState,
  target: Pick<DropTarget, 'instance' | 'folder' | 'part'>,
  content: DragContent,
): DropWords {
  const { instance, folder, part } = target;
  const { name } = partsOf(instance);
  const refusal = refusalOf(state, instance);
  if (refusal !== undefined) return { title: refusal, isRefused: true };
  const isRunning = copyRefusalOf(state.instances[instance]) === undefined;
  if (content.isAllFiles && part === 'share')
    return {
      title: say('drop.share-parent', { count: content.count }),
      note: isRunning ? say('drop.share-parent-note', { name }) : say('drop.share-parent-later'),
      isRefused: false,
    };
  if (content.isAllFiles) {
    return isRunning
      ? {
          title: say('drop.copy', { count: content.count, name }),
          note: folder === undefined ? say('drop.to-home') : say('drop.to-folder', { folder }),
          isRefused: false,
        }
      : { title: say('drop.not-running', { name }), isRefused: true };
  }
  return {
    title: say('drop.drop', { name }),
    note: isRunning ? liveNote(folder) : say('drop.later-note'),
    isRefused: false,
  };
}

function liveNote(folder: string | undefined): string {
  return folder === undefined ? say('drop.live-note') : say('drop.live-note-of-shell', { folder });
}

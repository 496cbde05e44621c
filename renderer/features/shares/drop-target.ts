// SPDX-License-Identifier: MIT
import type { InstanceSummary } from '#contract/instances.ts';
import type { DragContent } from '../../lib/dropped-files.ts';
import type { BerthState } from '../../store/apply-message.ts';
import { dropStrings as strings } from './strings.ts';

/** Whatever stands for an instance on the screen: an element with `data-instance`. */
export interface DropTarget {
  readonly name: string;
  /** Where files go in the guest: where the shell under the pointer is, as far as it tells. */
  readonly folder: string | undefined;
  readonly box: DOMRect;
}

/** What a drop would do, or why it can do nothing. */
export interface DropWords {
  readonly title: string;
  readonly note?: string;
  readonly isRefused: boolean;
}

export function targetOf(event: DragEvent): DropTarget | undefined {
  const under = event.target instanceof Element ? event.target : undefined;
  const element = under?.closest<HTMLElement>('[data-instance]');
  const name = element?.dataset['instance'];
  if (!element || name === undefined) return undefined;
  return { name, folder: under?.closest<HTMLElement>('[data-folder]')?.dataset['folder'], box: element.getBoundingClientRect() };
}

/** Why nothing at all can be dropped on it; undefined where something can. */
export function refusalOf(state: Pick<BerthState, 'instances' | 'link'>, name: string): string | undefined {
  const instance = state.instances[name];
  if (state.link.state !== 'connected') return strings.notConnected;
  if (instance === undefined || instance.state === 'deleted') return strings.deleted(name);
  if (!instance.isOwn) return strings.notOwn(name);
  return instance.state === 'broken' ? strings.broken(name) : undefined;
}

/** Why files cannot be copied into it now; undefined where they can. */
export function copyRefusalOf(instance: InstanceSummary | undefined): string | undefined {
  return instance?.state === 'running' ? undefined : strings.notRunning(instance?.name ?? '');
}

export function dropWords(state: Pick<BerthState, 'instances' | 'link'>, target: Pick<DropTarget, 'name' | 'folder'>, content: DragContent): DropWords {
  const { name, folder } = target;
  const refusal = refusalOf(state, name);
  if (refusal !== undefined) return { title: refusal, isRefused: true };
  const isRunning = copyRefusalOf(state.instances[name]) === undefined;
  if (content.isAllFiles) {
    return isRunning ? { title: strings.copy(content.count, name), note: strings.into(folder), isRefused: false } : { title: strings.notRunning(name), isRefused: true };
  }
  return { title: strings.drop(name), note: isRunning ? strings.liveNote(folder) : strings.laterNote, isRefused: false };
}

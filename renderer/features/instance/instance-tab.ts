// SPDX-License-Identifier: MIT
import type { ComponentType } from 'react';
import type { HostInstance } from '#contract/host-keys.ts';
import type { PlainTextId } from '#messages/en/index.ts';
import type { TabNote } from '../../ui/Tabs.tsx';

/** A part of an instance's screen. */
export interface InstanceTab {
  /** The end of its address. */
  readonly id: string;
  readonly title: PlainTextId;
  readonly component: ComponentType<{ readonly instance: HostInstance }>;
  readonly isShown: (instance: HostInstance) => boolean;
  /** What waits for a person there. */
  readonly noteOf?: (instance: HostInstance) => TabNote | undefined;
}

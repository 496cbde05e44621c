// SPDX-License-Identifier: MIT
import type { ComponentType } from 'react';
import type { InstanceSummary } from '#contract/instances.ts';
import type { TabNote } from '../../ui/Tabs.tsx';

/** A part of an instance's screen. */
export interface InstanceTab {
  /** The end of its address. */
  readonly id: string;
  readonly title: string;
  readonly component: ComponentType<{ readonly instance: InstanceSummary }>;
  readonly isShown: (instance: InstanceSummary) => boolean;
  /** What waits for a person there. */
  readonly noteOf?: (instance: InstanceSummary) => TabNote | undefined;
}

// SPDX-License-Identifier: MIT
import { CircleHelp, type LucideIcon } from 'lucide-react';
import { rowOf, type LaterValue } from '#contract/open-enum.ts';

/** The icon for a value; a question mark for one that a later helper brought. */
export function iconOf<Known extends string>(
  icons: Readonly<Record<Known, LucideIcon>>,
  value: Known | LaterValue,
): LucideIcon {
  return rowOf(icons, value, CircleHelp);
}

// SPDX-License-Identifier: MIT
import type { WindowPlace } from './preferences.ts';

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const smallestWindow = { width: 820, height: 560 } as const;
const usualWindow = { width: 1180, height: 760 } as const;

/** How much of the window's upper edge must lie on a screen to be taken hold of. */
const graspWidth = 120;
const graspHeight = 32;

/**
 * Where to open the window: at its remembered place if that can still be seen and taken hold of on
 * one of the screens' work areas, else with its remembered size wherever the desktop puts it.
 */
export function windowBounds(
  remembered: WindowPlace | undefined,
  workAreas: readonly Rectangle[],
): Partial<Rectangle> & { width: number; height: number } {
  if (!remembered) return { ...usualWindow };
  const screen = workAreas.find((area) => isGraspable(remembered, area));
  const room = screen ?? workAreas[0];
  const width = Math.max(smallestWindow.width, Math.min(remembered.width, room?.width ?? remembered.width));
  const height = Math.max(smallestWindow.height, Math.min(remembered.height, room?.height ?? remembered.height));
  return screen ? { x: remembered.x, y: remembered.y, width, height } : { width, height };
}

function isGraspable(window: Rectangle, area: Rectangle): boolean {
  const seenWidth = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x);
  return seenWidth >= graspWidth && window.y >= area.y && window.y + graspHeight <= area.y + area.height;
}

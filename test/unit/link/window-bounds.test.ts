// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import { windowBounds } from '../../../electron/link/window-bounds.ts';

const laptop = { x: 0, y: 27, width: 1920, height: 1053 };
const rightScreen = { x: 1920, y: 0, width: 2560, height: 1440 };
const place = (x: number, y: number, width = 1000, height = 700) => ({ x, y, width, height, isMaximized: false });

describe('window bounds', () => {
  test('are the usual ones at first', () => {
    expect(windowBounds(undefined, [laptop])).toEqual({ width: 1180, height: 760 });
  });

  test('are the remembered ones on whatever screen', () => {
    expect(windowBounds(place(100, 100), [laptop, rightScreen])).toEqual({ x: 100, y: 100, width: 1000, height: 700 });
    expect(windowBounds(place(2500, 300), [laptop, rightScreen])).toEqual({
      x: 2500,
      y: 300,
      width: 1000,
      height: 700,
    });
  });

  test('leave the place to the desktop when that screen is gone', () => {
    expect(windowBounds(place(2500, 300), [laptop])).toEqual({ width: 1000, height: 700 });
  });

  test.each([place(-950, 100), place(1900, 100), place(100, 2), place(100, 1070)])(
    'are not put where the title bar cannot be grasped: %o',
    (remembered) => {
      expect(windowBounds(remembered, [laptop])).toEqual({ width: 1000, height: 700 });
    },
  );

  test('fit the screen and are never below the smallest window', () => {
    expect(windowBounds(place(0, 27, 5000, 4000), [laptop])).toMatchObject({ width: 1920, height: 1053 });
    expect(windowBounds(place(0, 27, 10, 10), [laptop])).toMatchObject({ width: 820, height: 560 });
  });

  test('work without any screen', () => {
    expect(windowBounds(place(0, 0), [])).toEqual({ width: 1000, height: 700 });
  });
});

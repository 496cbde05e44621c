// SPDX-License-Identifier: MIT
import type { Locator, Page } from '@playwright/test';

/**
 * Drags files or folders of this computer over an element, as a file manager would, at a part of its width; `drop` lets
 * them go, `leave` takes them away.
 */
export async function dragFiles(
  page: Page,
  target: Locator,
  files: readonly string[],
  { across = 0.5 } = {},
): Promise<{ drop(): Promise<void>; leave(): Promise<void> }> {
  const box = await target.boundingBox();
  if (!box) throw new Error('the target of the drag is not on the screen');
  const session = await page.context().newCDPSession(page);
  const at = {
    x: box.x + box.width * across,
    y: box.y + box.height / 2,
    data: { items: [], files: [...files], dragOperationsMask: 0xffff },
  };
  await session.send('Input.dispatchDragEvent', { type: 'dragEnter', ...at });
  await session.send('Input.dispatchDragEvent', { type: 'dragOver', ...at });
  return {
    drop: async () => void (await session.send('Input.dispatchDragEvent', { type: 'drop', ...at })),
    leave: async () => {
      // Over the rail, which takes nothing, and then out of the window.
      await session.send('Input.dispatchDragEvent', { ...at, type: 'dragOver', x: 4, y: 4 });
      await session.send('Input.dispatchDragEvent', { ...at, type: 'dragCancel', x: 4, y: 4 });
    },
  };
}

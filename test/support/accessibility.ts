// SPDX-License-Identifier: MIT
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** Nothing that axe calls serious or critical may be on the screen. */
export async function expectAccessible(page: Page, screen: string): Promise<void> {
  // Electron has no second page for axe's own frame handling.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  const serious = violations.filter((violation) => violation.impact === 'serious' || violation.impact === 'critical');
  const found = serious.map(
    (violation) => `${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`,
  );
  expect(found, `axe on ${screen}`).toEqual([]);
}

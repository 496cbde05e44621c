// SPDX-License-Identifier: MIT
import { expect, type Locator, type Page } from '@playwright/test';
import { InstancePage } from './instance-page.ts';

export interface LaunchDraft {
  readonly image: string;
  readonly name: string;
  readonly userData?: string;
}

/** The window around all screens. */
export class MainWindow {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get helperDown(): Locator {
    return this.page.getByTestId('helper-down');
  }

  row(name: string): Locator {
    return this.page.getByTestId(`instance-row-${name}`);
  }

  async go(screen: 'instances' | 'images' | 'activity' | 'settings'): Promise<void> {
    await this.page.getByTestId(`nav-${screen}`).click();
  }

  async openInstance(name: string): Promise<InstancePage> {
    await this.go('instances');
    await this.row(name).getByText(name, { exact: true }).first().click();
    await expect(this.page.getByRole('heading', { name, exact: true })).toBeVisible();
    return new InstancePage(this.page, name);
  }

  async openLaunch(): Promise<void> {
    await this.go('instances');
    await this.page.getByTestId('launch-open').first().click();
  }

  /** Says yes where this computer's kernel has no AppArmor; where it has, nothing is asked. */
  async consent(): Promise<void> {
    const consent = this.page.getByTestId('launch-consent');
    if (await consent.isVisible()) await consent.click();
  }

  /** Fills the launch form by hand and submits it. */
  async launch(draft: LaunchDraft): Promise<InstancePage> {
    await this.openLaunch();
    await this.page.getByTestId(`launch-image-${draft.image}`).click();
    await this.page.getByTestId('launch-name').fill(draft.name);
    if (draft.userData !== undefined) await this.page.getByTestId('launch-userdata').fill(draft.userData);
    await this.consent();
    await this.page.getByTestId('launch-submit').click();
    return new InstancePage(this.page, draft.name);
  }
}

// SPDX-License-Identifier: MIT
import { expect, type Locator, type Page } from '@playwright/test';
import { TerminalPane } from './terminal.ts';

export type Action = 'start' | 'pause' | 'resume' | 'suspend' | 'stop' | 'restart' | 'delete' | 'recover';
export type Tab = 'overview' | 'console' | 'shell' | 'shares' | 'security' | 'settings' | 'terminal';

/** The screen of one instance. */
export class InstancePage {
  readonly #page: Page;
  readonly #name: string;

  constructor(page: Page, name: string) {
    this.#page = page;
    this.#name = name;
  }

  get state(): Locator {
    return this.#page.getByTestId(`state-${this.#name}`).first();
  }

  phase(phase: string): Locator {
    return this.#page.getByTestId(`phase-${phase}`);
  }

  action(action: Action): Locator {
    return this.#page.getByTestId(`action-${action}`);
  }

  async openTab(tab: Tab): Promise<void> {
    await this.#page.getByTestId(`tab-${tab}`).click();
  }

  async openConsole(): Promise<TerminalPane> {
    await this.openTab('console');
    return new TerminalPane(this.#page.getByTestId('console-terminal'));
  }

  async openShell(): Promise<TerminalPane> {
    await this.openTab('shell');
    const terminal = this.#page.getByTestId('shell-terminal').last();
    const open = this.#page.getByTestId('shell-open');
    // The tab opens a shell by itself, or offers to.
    await expect(terminal.or(open).first()).toBeVisible();
    if (await open.isVisible()) await open.click();
    await expect(terminal).toBeVisible();
    const pane = new TerminalPane(terminal);
    await pane.waitForPrompt();
    return pane;
  }

  async waitForState(state: string, timeoutMs = 120_000): Promise<void> {
    await expect(this.state).toHaveText(new RegExp(state, 'i'), { timeout: timeoutMs });
  }

  /** Until the last phase of the boot is done; tiny images have no cloud-init of weight, so SSH is what counts. */
  async waitForBoot(timeoutMs = 150_000): Promise<void> {
    await expect(this.phase('sshd')).toHaveAttribute('data-state', 'done', { timeout: timeoutMs });
  }
}

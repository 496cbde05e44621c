// SPDX-License-Identifier: MIT
import { expect, type Locator } from '@playwright/test';
import type { Terminal as Xterm } from '@xterm/xterm';

/** A terminal on the screen: its text is read from xterm.js, which the window hangs on its container. */
export class TerminalPane {
  readonly #container: Locator;

  constructor(container: Locator) {
    this.#container = container;
  }

  /** The last lines, all of them with the scrolled-out ones by default; wrapped lines are joined. */
  async text(lines = Number.MAX_SAFE_INTEGER): Promise<string> {
    return await this.#container.evaluate((element, lines) => {
      const terminal = (element as HTMLElement & { berthTerminal?: Xterm }).berthTerminal;
      if (!terminal) return '';
      const { active } = terminal.buffer;
      let text = '';
      const end = active.baseY + active.cursorY + 1;
      for (let index = Math.max(0, end - lines); index < active.length; index += 1) {
        const line = active.getLine(index);
        text += `${line?.isWrapped || index === 0 ? '' : '\n'}${line?.translateToString(true) ?? ''}`;
      }
      return text;
    }, lines);
  }

  async type(text: string): Promise<void> {
    await this.#container.locator('.xterm-helper-textarea').focus();
    await this.#container.page().keyboard.type(text, { delay: 10 });
  }

  async press(key: string): Promise<void> {
    await this.#container.page().keyboard.press(key);
  }

  async waitFor(pattern: RegExp, timeoutMs = 60_000): Promise<void> {
    await expect.poll(async () => await this.text(), { timeout: timeoutMs }).toMatch(pattern);
  }

  /**
   * Waits for a shell that answers. What is typed before its prompt may be lost, and a prompt may be the last
   * shell's, so it asks for a new one.
   */
  async waitForPrompt(): Promise<void> {
    await this.waitFor(/[$#]\s*$/);
    await expect(async () => {
      const prompts = await this.#count(/[$#] *$/gm);
      await this.type('');
      await this.press('Enter');
      await expect.poll(() => this.#count(/[$#] *$/gm), { timeout: 10_000 }).toBeGreaterThan(prompts);
    }).toPass({ timeout: 60_000 });
  }

  /**
   * Answers the serial console's login prompt and waits for the shell's. As a person would, it tries
   * again when what it typed was lost: getty and login flush their input after they print a prompt.
   */
  async login(user: string, password: string): Promise<void> {
    await this.waitFor(/login: /);
    await expect(async () => {
      const prompts = await this.#count(/login: /g);
      await this.press('Enter'); // kernel messages may stand behind the prompt: a fresh one is asked for
      await expect.poll(() => this.#count(/login: /g), { timeout: 10_000 }).toBeGreaterThan(prompts);
      await this.type(user);
      await this.press('Enter');
      await this.waitFor(/Password: *$/, 8_000);
      await this.type(password);
      await this.press('Enter');
      await this.waitFor(/\$ *$/, 15_000);
    }).toPass({ timeout: 120_000 });
  }

  async #count(pattern: RegExp): Promise<number> {
    return [...(await this.text()).matchAll(pattern)].length;
  }

  /** Types a line and waits for what it makes appear. */
  async run(line: string, pattern: RegExp): Promise<void> {
    await this.type(line);
    await this.press('Enter');
    await this.waitFor(pattern);
  }
}

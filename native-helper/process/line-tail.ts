// SPDX-License-Identifier: MIT

/** Keeps the last lines of what a program printed, in bounded memory. */
export class LineTail {
  readonly #maxLines: number;
  readonly #maxLineLength = 2000;
  #lines: string[] = [];
  #partial = '';

  constructor(maxLines: number) {
    this.#maxLines = maxLines;
  }

  push(text: string): void {
    const pieces = (this.#partial + text).split(/\r?\n/);
    this.#partial = (pieces.pop() ?? '').slice(-this.#maxLineLength);
    const whole = pieces.map((line) => line.slice(0, this.#maxLineLength)).filter((line) => line.trim() !== '');
    this.#lines = [...this.#lines, ...whole].slice(-this.#maxLines);
  }

  /** Oldest first; a last line without a newline counts. */
  lines(): readonly string[] {
    return this.#partial.trim() === '' ? this.#lines : [...this.#lines, this.#partial].slice(-this.#maxLines);
  }
}

// SPDX-License-Identifier: MIT
/**
 * JSON for programs, two blanks deep. DEL and the C1 controls, which JSON leaves as they are, are
 * escaped too: the text may meet a terminal.
 */
export function renderJson(value: unknown): string {
  const text = JSON.stringify(value, undefined, 2);
  return `${text.replace(/[\u007f-\u009f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

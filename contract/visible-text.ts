// SPDX-License-Identifier: MIT

/** Controls (C0, DEL, C1), marks that turn the writing direction, and what has no width and joins nothing. */
const unseen =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/g;

/**
 * Text of somebody else's as people may see it, in a terminal or a window: nothing that a guest or the name of a file
 * says can move the cursor, recolour the screen, fake another row or show its end before its beginning.
 */
export function visibleText(text: string): string {
  return withoutUnseen(text, escaped);
}

/** The same with a way to write such a character of one's own: each is below U+10000. */
export function withoutUnseen(text: string, replace: (character: string) => string): string {
  return text.replace(unseen, replace);
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : unicodeEscape(character);
}

/** `\u202e`, as JSON, YAML in double quotes, and people read it. */
export function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

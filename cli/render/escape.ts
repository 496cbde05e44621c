// SPDX-License-Identifier: MIT
/**
 * Text for a terminal line: control characters (C0, DEL, C1) and the marks that turn the writing
 * direction become visible escapes, so that nothing a guest or a file name says can move the
 * cursor, recolour the screen or fake another row.
 */
export function escapeForTerminal(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, visible);
}

function visible(character: string): string {
  const code = character.charCodeAt(0);
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
}

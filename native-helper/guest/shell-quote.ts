// SPDX-License-Identifier: MIT

/**
 * One command line for the guest's shell that means exactly these words: SSH carries a single string
 * (RFC 4254, 6.5), so every word is quoted. Single quotes hide everything but a single quote.
 */
export function quoteCommand(words: readonly string[], workingDirectory?: string): string {
  const command = words.map(quoteWord).join(' ');
  return workingDirectory === undefined ? command : `cd -- ${quoteWord(workingDirectory)} && ${command}`;
}

/** A word with `=` would be a variable where it is the first. */
function quoteWord(word: string): string {
  return /^[\w@%+:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

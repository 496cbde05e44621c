// SPDX-License-Identifier: MIT

/** Text as a person would read it: no escape sequences, no carriage returns, no empty lines. */
export function plainLines(text: string): string[] {
  const plain = text
    // eslint-disable-next-line no-control-regex -- control characters are exactly what is taken out
    .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g, '')
    // eslint-disable-next-line no-control-regex -- the same
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '');
  return plain
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
}

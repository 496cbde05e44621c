// SPDX-License-Identifier: MIT
import path from 'node:path';
import { spawn } from 'node-pty';
import { expect, test } from 'vitest';

const module = path.resolve(import.meta.dirname, '../../cli/raw-terminal.ts');
/** What a terminal answers to who asks for the cursor's place, and what it is. */
const answers = '\u001b[24;80R\u001b[?1;2c';
const printRest =
  "process.stdin.setRawMode(true); console.log('SECOND'); process.stdin.once('data', (left) => { console.log('LEFT', JSON.stringify(String(left))); process.exit(); })";

/**
 * Runs shell lines with `$1` for Node on a terminal of their own; types what stands behind each word once that has been
 * printed.
 */
async function onTerminal(
  lines: string,
  args: readonly string[],
  typed: Readonly<Record<string, string>> = {},
): Promise<string> {
  const terminal = spawn('sh', ['-c', lines, 'sh', process.execPath, ...args], { name: 'xterm-256color' });
  const left = new Map(Object.entries(typed));
  let output = '';
  terminal.onData((data) => {
    output += data;
    for (const [word, text] of left) if (output.includes(word) && left.delete(word)) terminal.write(text);
  });
  await new Promise((resolve) => terminal.onExit(resolve));
  return output;
}

function program(code: string): string {
  return `import('${module}').then(async ({ lendTerminal, discardInput, enterRawMode }) => { ${code} })`;
}

test("answers that nobody read are not the next program's input", async () => {
  const both = '"$1" -e "$2"; exec "$1" -e "$3"';
  const unread = program(
    "enterRawMode(); console.log('FIRST'); await new Promise((resolve) => process.stdin.once('readable', resolve)); await discardInput(); process.exit();",
  );
  expect(await onTerminal(both, [unread, printRest], { FIRST: answers, SECOND: '!' })).toContain('LEFT "!"');
  expect(
    await onTerminal(both, ["console.log('FIRST')", printRest], { FIRST: answers, SECOND: '!' }),
    'else they would be',
  ).toMatch(/LEFT "[^"]*24;80R/);
});

test('a terminal on stderr alone is lent and given back too; a dumb one is left alone', async () => {
  const output = await onTerminal('"$1" -e "$2" > /dev/null; TERM=dumb "$1" -e "$2"', [program('lendTerminal()();')]);
  expect(output.split('\u001b[?1049l')).toHaveLength(2);
});

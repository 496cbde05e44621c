// SPDX-License-Identifier: MIT
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { CliError } from '../../../cli/cli-error.ts';
import type { CommandContext } from '../../../cli/command-context.ts';
import { mount } from '../../../cli/commands/mount.ts';
import { printable, tell } from '../../../cli/output.ts';
import { paintFor } from '../../../cli/render/colour.ts';
import { report } from '../../../cli/run-command.ts';
import { HelperCallError } from '../../../client/helper-call-error.ts';

/** A title, the clipboard, a cleared screen, a colour, another line, a turned direction. */
const evil =
  'x\u001b]0;owned\u0007\u001b]52;c;cm0gLXJmIH4K\u0007\u001b[2J\u009b2J\u001b[31m\nberth: all is well\r\u202e';
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const acting = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;

afterEach(() => vi.restoreAllMocks());

function stderrOf(): { text: string } {
  const written = { text: '' };
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.text += String(text);
    return true;
  });
  return written;
}

test('a line stays a line, whatever is in it', () => {
  const written = stderrOf();
  tell(evil);
  expect(written.text).not.toMatch(acting);
  expect(written.text.split('\n')).toHaveLength(2);
});

test('rendered lines keep their ends and our colours, and nothing else acts', () => {
  const paint = paintFor({ isTTY: true }, { TERM: 'xterm' });
  const own = `${paint('red', 'a')}\tb\r\n${paint('bold', 'c')}\n`;
  expect(printable(own)).toBe(own);
  for (const each of [
    '\u001b[2J',
    '\u001b[31;1;5H',
    '\u001b]0;x\u0007',
    '\r',
    '\u009b2J',
    '\u202e',
    '\u0000',
    '\u001b',
    '\u007f',
  ])
    expect(printable(`a${each}b`), JSON.stringify(each)).not.toMatch(acting);
});

test('what a guest says when a folder is not attached as it should be is shown, and does nothing', async () => {
  const written = stderrOf();
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const added = {
    target: '/home/berth/x',
    state: 'connected',
    transport: 'sshfs',
    fallback: { code: 'mount.no-virtiofs', params: { reason: evil }, causes: [] },
  };
  await mount(
    { connect: () => Promise.resolve({ request: () => Promise.resolve(added) }) } as unknown as CommandContext,
    '/tmp/x',
    'vm',
    { type: 'auto' },
  );
  expect(written.text).toContain('x\\x1b]0;owned\\x07');
  expect(written.text).not.toMatch(acting);
  expect(written.text.split('\n')).toHaveLength(2);
});

test.each([
  ['of ours', new CliError(evil, 1, evil)],
  [
    'of the helper',
    new HelperCallError({
      code: 'mount.no-virtiofs',
      params: { reason: evil },
      phase: evil as never,
      causes: [evil],
      consoleTail: [evil],
    }),
  ],
  ["of nobody's", new Error(evil)],
])('an error %s does nothing on a terminal', (_, error) => {
  const written = stderrOf();
  report(error, { err: (__, text) => text, isVerbose: true }, evil);
  expect(written.text).toContain('x\\x1b]0;owned');
  expect(written.text).not.toMatch(acting);
  expect(written.text).not.toMatch(/^berth: all is well/m);
});

/** Bytes of a guest's that are to act, and our own sequences: everything else goes by output.ts. */
const others: Readonly<Record<string, string>> = {
  'output.ts': 'is the place',
  'prompts.ts': 'an end of line',
  'commands/console.ts': 'the console itself, and words of ours',
};

test('nothing else of the command line writes on the terminal', () => {
  const folder = path.resolve(import.meta.dirname, '../../../cli');
  const writers = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) =>
      file.endsWith('.ts') &&
      /process\.std(?:out|err)\.write|console\.(?:log|error|warn|info)\(/.test(
        readFileSync(path.join(folder, file), 'utf8'),
      ),
  );
  expect(writers.sort()).toEqual(Object.keys(others).sort());
});

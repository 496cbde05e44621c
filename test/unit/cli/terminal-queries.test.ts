// SPDX-License-Identifier: MIT
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReplayFilter } from '#contract/replay-filter.ts';
import { withoutReplayedQueries } from '../../../cli/render/terminal-queries.ts';

const old =
  'boot\u001b[6n login\u001b[c\u001b[>0c\u001b[31mred\u001b[0m\u001b]11;?\u0007\u001b[?2026$p\u001b[18tend\u001b[2Jü';
const kept = 'boot login\u001b[31mred\u001b[0mend\u001b[2Jü';
const live = 'now\u001b[6n\u001b[c';

test('questions of the past are dropped, live ones pass, however the bytes are cut', async () => {
  const bytes = Buffer.from(old + live);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: bytes.length - 1 })), async (cuts) => {
      const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const chunks = edges
        .slice(1)
        .map((edge, index) => bytes.subarray(edges[index], edge))
        .filter((chunk) => chunk.length > 0);
      const shown = await buffer(Readable.from(chunks).pipe(withoutReplayedQueries(Buffer.byteLength(old))));
      expect(shown.toString()).toBe(kept + live);
    }),
    { numRuns: 200 },
  );
});

test('a record that ends in the middle of a sequence keeps it', async () => {
  const bytes = Buffer.from('text\u001b[3');
  expect((await buffer(Readable.from([bytes]).pipe(withoutReplayedQueries(bytes.length + 10)))).toString()).toBe(
    'text\u001b[3',
  );
});

/** Every question to a terminal that xterm, kitty, VTE or iTerm2 answers, and what acts outside the screen. */
const questions: readonly string[] = [
  '\u0005',
  '\u001bZ',
  ...[
    'c',
    '>c',
    '=c',
    '5n',
    '6n',
    '?6n',
    '?15n',
    '?996n',
    '18t',
    '21t',
    '3;0;0t',
    'x',
    '1x',
    '?2026$p',
    '4$p',
    '1$w',
    '2$u',
    '>q',
    '?u',
    '?1;1;0S',
    '?4m',
    '#R',
    "1'|",
    '1;1;1;1;9;9*y',
    'i',
    '?i',
    '?1004h',
    '?25;02048h',
  ].map((body) => `\u001b[${body}`),
  ...[
    '4;1;?',
    '10;?',
    '11;?',
    '12;?',
    '11;#fff;?',
    '52;c;?',
    '52;c;aGk=',
    '60',
    '21;foreground=?',
    '50;?',
    '1337;ReportCellSize',
    '99;i=1:p=?;',
    '5522;type=read',
  ].flatMap((body) => [`\u001b]${body}\u0007`, `\u001b]${body}\u001b\\`]),
  '\u001bP$qm\u001b\\',
  '\u001bP+q544e\u001b\\',
  '\u001bP1|17/6c73\u001b\\',
  '\u001b_Gi=1,a=q;AAAA\u001b\\',
  '\u001b^x\u001b\\',
  '\u001bX[6n\u001b\\',
  '\u001b[6\u0005n',
];

/** The same with controls of 8 bits, as themselves and in UTF-8. */
const forms = questions.flatMap((question) => {
  // eslint-disable-next-line no-control-regex -- control characters are what is replaced
  const short = question.replaceAll(/\u001b([@-_])/g, (_, letter: string) =>
    String.fromCharCode(letter.charCodeAt(0) + 0x40),
  );
  return [Buffer.from(question, 'latin1'), Buffer.from(short, 'latin1'), Buffer.from(short, 'utf8')];
});

test.each(forms.map((bytes) => [JSON.stringify(bytes.toString('latin1')), bytes] as const))(
  '%s is not put again, wherever it is cut',
  async (_, question) => {
    const bytes = Buffer.concat([Buffer.from('vor\u00fc'), question, Buffer.from('n\u011bch')]);
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const shown = await buffer(
        Readable.from([bytes.subarray(0, cut), bytes.subarray(cut)]).pipe(withoutReplayedQueries(bytes.length)),
      );
      expect(shown.toString()).toBe('vor\u00fcn\u011bch');
    }
  },
);

test('what only draws is shown', async () => {
  const drawn =
    'a\u001b[1;31mred\u001b[0m\u001b[?1049h\u001b[2J\u001b[H\u001b]0;what?\u001b\\\u001b]11;#fff\u001b\\\u001b(B\u001b7\u001b8\u001b[?25l\u001b[3;9r\u001b[4 q\u00dc\u011b\u4e2d\u{1f600}\u001b]8;;https://x/?y\u001b\\l\u001b]8;;\u001b\\';
  const bytes = Buffer.from(drawn);
  expect((await buffer(Readable.from([bytes]).pipe(withoutReplayedQueries(bytes.length)))).toString()).toBe(drawn);
});

test('whatever bytes come, no question of 7 bits is left, and what is kept is bounded', () => {
  const piece = fc.oneof(
    fc.constantFrom(...forms),
    fc
      .constantFrom('\u001b', '[', ']', '11;', '?', '\u009c', '\u0007', 'P', '6n', '\u0018')
      .map((text) => Buffer.from(text, 'latin1')),
    fc.uint8Array({ maxLength: 5 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const filter = new ReplayFilter();
      const shown = Buffer.concat(pieces.map((each) => Buffer.from(filter.pass(each)))).toString('latin1');
      expect(shown).not.toMatch(
        // eslint-disable-next-line no-control-regex -- control characters are what is looked for
        /\u0005|\u001bZ|\u001bP|\u001b\[[<=>?]?[\d;]*[ -/]*[cnx]|\u001b\](?:4|1[0-9]);[^\u0007\u001b]*\?|\u001b\]52/,
      );
    }),
    { numRuns: 500 },
  );
  const filter = new ReplayFilter();
  filter.pass(Buffer.from(`\u001b]0;${'x'.repeat(1_000_000)}`));
  expect(filter.end().length).toBe(0);
});

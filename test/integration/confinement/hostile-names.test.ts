// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { profileText, quotePath, section } from '../../../native-helper/confinement/profile.ts';
import { Policy } from '../../support/apparmor/policy.ts';

const pieces = [
  'a',
  'b',
  ' ',
  '  ',
  '"',
  "'",
  ',',
  '*',
  '**',
  '?',
  '[',
  ']',
  '[^/]',
  '{',
  '}',
  '{,**}',
  '^',
  '@',
  '@{HOME}',
  '@{PROC}',
  '#',
  '#include',
  '\\',
  '\\\\',
  '\\052',
  '\\x2a',
  '\\d42',
  '!',
  '$',
  '$(x)',
  '`x`',
  '(',
  ')',
  '|',
  ';',
  '<',
  '>',
  '<x>',
  '%',
  '&',
  '=',
  ':',
  '~',
  '+',
  '-',
  '->',
  ' rw,',
  '" rwklm,',
  '", /** rwk, "',
  ' -> z',
  'é',
  'ñ',
  '日本',
  '😀',
  '\n',
  '\t',
  '\u0000',
  '\u007f',
  '.',
  '..',
  '\ud800',
  '\ufffd',
  'x'.repeat(255),
];
const hostileName = fc
  .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 9 })
  .map((parts) => parts.join(''))
  .filter((name) => !name.includes('/'));
const wanted = 10_500;
const batch = 300;

/**
 * Every name that is not refused gets a rule below a prefix of its own. The compiled machine is then
 * walked from that prefix: exactly one string may be accepted, and it must be the name, byte by byte.
 */
it(`${wanted} hostile names are granted as they are or refused, and none widens a grant`, async () => {
  const names = fc.sample(hostileName, { numRuns: wanted + 4000, seed: 20_261 });
  const accepted = [...new Set(names)].flatMap((name) => quoted(name) ?? []);
  expect(names.length - accepted.length).toBeGreaterThan(500);
  let checked = 0;
  for (let from = 0; from < accepted.length; from += batch) {
    const part = accepted.slice(from, from + batch);
    const rules = part.map(({ name }, index) => `${quotePath(`/srv/${index}/${name}`)} rk`);
    const policy = await Policy.compile(profileText('multipass.fuzz.qemu-img', [section('hostile', rules)]).text);
    for (const [index, { name }] of part.entries()) {
      const only = policy.onlyNameBelow('multipass.fuzz.qemu-img', `/srv/${index}/`);
      if (!(only instanceof Buffer) || only.toString() !== name)
        expect.fail(`${JSON.stringify(name)} grants ${String(only)}`);
      checked += 1;
    }
    expect([
      policy.file('multipass.fuzz.qemu-img', '/etc/shadow'),
      policy.file('multipass.fuzz.qemu-img', '/srv/'),
    ]).toEqual(['', '']);
  }
  expect(names.length).toBeGreaterThanOrEqual(10_000);
  expect(checked).toBeGreaterThan(4000);
}, 300_000);

function quoted(name: string): [{ readonly name: string }] | undefined {
  try {
    quotePath(`/srv/0/${name}`);
    return [{ name }];
  } catch {
    return undefined; // refused, which is what the other half of the proof is about
  }
}
